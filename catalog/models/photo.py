"""Photographs of a model; where there is none, the drawing stands in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from o2o_platform.markets.models import local_label

from .vehicle import Colour, VehicleModel


class Photo(models.Model):
    """An uploaded photograph, re-encoded as WebP in several widths (px) under one content-addressed name."""

    vehicle_model = models.ForeignKey(VehicleModel, models.CASCADE, related_name="photos", verbose_name=_("model"))
    colour = models.ForeignKey(
        Colour, models.SET_NULL, null=True, blank=True, related_name="photos", verbose_name=_("colour")
    )
    image = models.FileField(_("picture"), upload_to="photos/", max_length=200)
    width = models.PositiveIntegerField(_("width (px)"), editable=False)
    height = models.PositiveIntegerField(_("height (px)"), editable=False)
    alt = models.CharField(_("what it shows"), max_length=200)
    alt_zh = models.CharField(_("the same in Chinese"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_published = models.BooleanField(_("published"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("photograph")
        verbose_name_plural = _("photographs")
        ordering = ["position", "id"]
        constraints = [models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="catalog_photo_size")]

    def __str__(self) -> str:
        return self.alt_label

    @property
    def alt_label(self) -> str:
        return local_label(self.alt, self.alt_zh, "zh")
