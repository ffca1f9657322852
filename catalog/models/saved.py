"""What a buyer keeps: cars, and searches that tell when something changes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from o2o_platform.markets.models import City, Market

from .vehicle import Trim


class Watched(models.Model):
    """What is looked at again and again: by when, and when its owner was last told of it."""

    alerts_on = models.BooleanField(_("tell me"), default=True)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True, editable=False)
    told_at = models.DateTimeField(_("told"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("saved"), auto_now_add=True)

    class Meta:
        abstract = True


class SavedCar(Watched):
    """A trim somebody keeps an eye on in a market; `seen_price` is the list price they know (none: not on sale)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_cars")
    trim = models.ForeignKey(Trim, models.CASCADE, related_name="+", verbose_name=_("trim"))
    market = models.ForeignKey(Market, models.PROTECT, related_name="+", verbose_name=_("market"))
    seen_price = models.DecimalField(
        _("price seen"), max_digits=12, decimal_places=2, null=True, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("saved car")
        verbose_name_plural = _("saved cars")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["user", "trim"], name="catalog_savedcar_once")]
        indexes = [models.Index(fields=["checked_at"], condition=models.Q(alerts_on=True), name="catalog_savedcar_due")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.trim_id}"


class SavedSearch(Watched):
    """The address of a list of cars.

    `seen` is what the buyer was last shown: list price by trim id, as text. `gone` holds the
    trims that left it within the last day, each with its price and the moment.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches")
    market = models.ForeignKey(Market, models.PROTECT, related_name="+", verbose_name=_("market"))
    city = models.ForeignKey(City, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("city"))
    query = models.CharField(_("address"), max_length=2000)
    seen = models.JSONField(_("seen"), default=dict, editable=False)
    gone = models.JSONField(_("gone"), default=dict, editable=False)

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["user", "market", "query"], name="catalog_savedsearch_once")]
        indexes = [
            models.Index(fields=["checked_at"], condition=models.Q(alerts_on=True), name="catalog_savedsearch_due")
        ]

    def __str__(self) -> str:
        return self.query
