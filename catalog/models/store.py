"""Shops of one brand: its own look and words around the same cars."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from o2o_platform.markets.models import Market

from .vehicle import Brand, VehicleModel


class BrandStore(models.Model):
    """`/stores/<slug>/` and, by host name, a site of one brand in one market without the marketplace around it.

    Another brand is another row. `tokens` replace design tokens by name; texts are by language.
    """

    slug = models.SlugField(_("code"), unique=True)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="stores", verbose_name=_("brand"))
    market = models.ForeignKey(Market, models.PROTECT, related_name="stores", verbose_name=_("market"))
    hosts = ArrayField(models.CharField(max_length=253), default=list, blank=True, verbose_name=_("host names"))
    tokens = models.JSONField(_("design tokens"), default=dict, blank=True)
    tokens_dark = models.JSONField(_("design tokens, dark"), default=dict, blank=True)
    logo = models.CharField(_("logo"), max_length=200, blank=True, editable=False)
    hero = models.CharField(_("hero picture"), max_length=200, blank=True, editable=False)
    title = models.JSONField(_("headline"), default=dict, blank=True, help_text=_("by language"))
    lead = models.JSONField(_("text under the headline"), default=dict, blank=True, help_text=_("by language"))
    is_published = models.BooleanField(_("published"), default=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("brand store")
        verbose_name_plural = _("brand stores")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class StoreModel(models.Model):
    """A model a store puts forward, in order."""

    class Shelf(models.TextChoices):
        NEW = "new", _("New")
        TOP = "top", _("Top")

    store = models.ForeignKey(BrandStore, models.CASCADE, related_name="models", verbose_name=_("brand store"))
    vehicle_model = models.ForeignKey(VehicleModel, models.CASCADE, related_name="+", verbose_name=_("model"))
    shelf = models.CharField(_("shelf"), max_length=3, choices=Shelf, default=Shelf.NEW)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("model in a store")
        verbose_name_plural = _("models in stores")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "vehicle_model", "shelf"], name="catalog_storemodel_once"),
            models.CheckConstraint(condition=Q(shelf__in=("new", "top")), name="catalog_storemodel_shelf"),
        ]

    def __str__(self) -> str:
        return f"{self.store_id}: {self.vehicle_model_id}"
