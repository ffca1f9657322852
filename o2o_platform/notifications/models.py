"""What people want to be told, and what the development adapters keep instead of sending."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from o2o_platform.outbox.models import Delivery

from .kinds import STOPPABLE, Category


class NotificationPreference(models.Model):
    """A category somebody stopped, or took up again; without a row it is on."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_preferences", verbose_name=_("person")
    )
    category = models.CharField(_("category"), max_length=12, choices=Category)
    is_on = models.BooleanField(_("on"))
    changed_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("choice of messages")
        verbose_name_plural = _("choices of messages")
        constraints = [
            models.UniqueConstraint(fields=["user", "category"], name="notifications_preference_once"),
            models.CheckConstraint(
                condition=models.Q(category__in=sorted(STOPPABLE)), name="notifications_preference_stoppable"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.category}"


class SentMessage(Delivery):
    """A delivery to a person, as the message log shows it."""

    class Meta:
        proxy = True
        verbose_name = _("message")
        verbose_name_plural = _("messages")

    def __str__(self) -> str:
        return self.message_id


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
