"""What the development adapters keep instead of sending."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class DevelopmentMessage(models.Model):
    """An e-mail or SMS as it would have been sent; read on the message page (development only)."""

    medium = models.CharField(_("medium"), max_length=5, choices=[("email", _("E-mail")), ("sms", _("SMS"))])
    to = models.CharField(_("to"), max_length=254)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("body"))
    attachment_name = models.CharField(_("attachment"), max_length=80, blank=True)
    attachment = models.TextField(_("attachment content"), blank=True)
    sent_at = models.DateTimeField(_("sent"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("development message")
        verbose_name_plural = _("development messages")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.medium} → {self.to}"
