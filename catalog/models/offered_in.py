"""Where cars may be ordered: everywhere in a market, or in some cities first."""

from __future__ import annotations

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from o2o_platform.markets.models import City, Market

from .vehicle import Brand, Trim, VehicleModel


class CityRelease(models.Model):
    """A brand, a model or a trim is offered in a city, for a period.

    What has no release of its own in a market is offered as what it belongs to is; what has none at all is
    offered everywhere there. A trim's releases replace its model's, which replace its brand's.
    """

    market = models.ForeignKey(Market, models.PROTECT, related_name="city_releases", verbose_name=_("market"))
    brand = models.ForeignKey(
        Brand, models.CASCADE, null=True, blank=True, related_name="city_releases", verbose_name=_("brand")
    )
    vehicle_model = models.ForeignKey(
        VehicleModel, models.CASCADE, null=True, blank=True, related_name="city_releases", verbose_name=_("model")
    )
    trim = models.ForeignKey(
        Trim, models.CASCADE, null=True, blank=True, related_name="city_releases", verbose_name=_("trim")
    )
    city = models.ForeignKey(City, models.PROTECT, related_name="releases", verbose_name=_("city"))
    validity = DateRangeField(_("offered"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("city release")
        verbose_name_plural = _("city releases")
        ordering = ["market", "city"]
        constraints = [
            models.CheckConstraint(
                condition=Q(brand__isnull=False, vehicle_model__isnull=True, trim__isnull=True)
                | Q(brand__isnull=True, vehicle_model__isnull=False, trim__isnull=True)
                | Q(brand__isnull=True, vehicle_model__isnull=True, trim__isnull=False),
                name="catalog_cityrelease_of_one",
            ),
            models.UniqueConstraint(
                fields=["market", "brand", "vehicle_model", "trim", "city", "validity"],
                nulls_distinct=False,
                name="catalog_cityrelease_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brand or self.vehicle_model or self.trim}: {self.city}"
