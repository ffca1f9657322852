"""Configurations under a short code."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .vehicle import Colour, Option, Trim


class SharedConfiguration(models.Model):
    """A trim, a colour and options under a code made of them: equal choices have one code.

    Only what was chosen is kept; rules and prices are checked anew whenever it is opened.
    """

    code = models.CharField(_("code"), max_length=12, unique=True)
    trim = models.ForeignKey(Trim, models.CASCADE, related_name="shared_configurations", verbose_name=_("trim"))
    colour = models.ForeignKey(
        Colour, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("colour")
    )
    options = models.ManyToManyField(Option, blank=True, related_name="+", verbose_name=_("options"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("shared configuration")
        verbose_name_plural = _("shared configurations")

    def __str__(self) -> str:
        return self.code
