"""Physical cars."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

from django.contrib.postgres.indexes import OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.db.models.functions import Now, Reverse
from django.utils.translation import gettext_lazy as _

from o2o_platform.markets.models import Market, SalesModel

from ..vin import check_vin
from .price import Offer
from .vehicle import Colour, Option, Trim


class Stage(models.TextChoices):
    IN_BUILD = "in_build", _("In build")
    IN_TRANSIT = "in_transit", _("In transit")
    IN_STORE = "in_store", _("In store")


class Availability(models.TextChoices):
    """Follows the live claim in `orders`; changed only by `catalog.services.stock`."""

    AVAILABLE = "available", _("Available")
    HELD = "held", _("Held")
    SOLD = "sold", _("Sold")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class StockUnitQuerySet(models.QuerySet["StockUnit"]):
    def available(self) -> Self:
        """Units that may be claimed now."""
        return self.filter(availability=Availability.AVAILABLE)

    def on_show(self, market: Market | str) -> Self:
        """Available units of open dealerships in a market, with all that a page says about them."""
        return (
            self.available()
            .filter(market=market, dealership__is_active=True)
            .select_related("trim", "colour", "dealership__city")
            .prefetch_related("options")
        )

    def with_discount_given(self, on: date) -> Self:
        """With `discount_given`: nothing where the maker sells at one price on that day, else the car's own."""
        agency = Offer.objects.filter(
            trim=OuterRef("trim"),
            market=OuterRef("market"),
            validity__contains=on,
            sales_model=SalesModel.AGENCY,
        )
        return self.annotate(
            discount_given=Case(When(Q(discount__gt=0) & Exists(agency), then=Decimal(0)), default=F("discount"))
        )


class StockUnit(models.Model):
    """One physical car, by VIN, at a dealership or central (no dealership)."""

    vin = models.CharField(_("VIN"), max_length=17, unique=True)
    trim = models.ForeignKey(Trim, models.PROTECT, related_name="stock_units", verbose_name=_("trim"))
    colour = models.ForeignKey(Colour, models.PROTECT, related_name="stock_units", verbose_name=_("colour"))
    market = models.ForeignKey(
        Market, models.PROTECT, related_name="stock_units", verbose_name=_("market"), db_index=False
    )
    dealership = models.ForeignKey(
        "dealers.Dealership",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="stock_units",
        verbose_name=_("dealership"),
        db_index=False,
    )
    options = models.ManyToManyField(Option, blank=True, related_name="stock_units", verbose_name=_("options"))
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.IN_STORE)
    availability = models.CharField(
        _("availability"), max_length=9, choices=Availability, default=Availability.AVAILABLE, editable=False
    )
    discount = models.DecimalField(_("discount"), max_digits=12, decimal_places=2, default=0)
    expected_on = models.DateField(_("expected in store"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True, db_default=Now())

    objects = StockUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock unit")
        verbose_name_plural = _("stock units")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(vin__regex=r"^[A-HJ-NPR-Z0-9]{17}$"), name="catalog_stockunit_vin"),
            models.CheckConstraint(condition=Q(discount__gte=0), name="catalog_stockunit_discount"),
        ]
        indexes = [
            models.Index(
                fields=["trim", "colour", "dealership"],
                condition=Q(availability="available"),
                name="catalog_stock_available",
            ),
            models.Index(fields=["dealership", "availability"], name="catalog_stock_dealership"),
            models.Index(fields=["expected_on"], condition=~Q(stage="in_store"), name="catalog_stock_expected"),
            models.Index(OpClass(Reverse("vin"), name="text_pattern_ops"), name="catalog_stock_vin_end"),
        ]

    def __str__(self) -> str:
        return f"{self.vin}"

    def clean(self) -> None:
        """The check digit is required in China (GB 16735) and only there; the colour is one of the model's."""
        self.vin = check_vin(self.vin, require_check_digit=self.market_id == "CN")
        if self.colour_id and self.trim_id and self.colour.vehicle_model_id != self.trim.vehicle_model_id:
            raise ValidationError({"colour": _("This colour belongs to another model.")})
