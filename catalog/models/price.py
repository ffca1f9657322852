"""Dated prices and dated rules of tax and fees."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from o2o_platform.markets.models import DepositKind, Market, SalesModel

from .vehicle import Trim


class OfferQuerySet(models.QuerySet["Offer"]):
    def valid(self, market: Market | str, on: dt.date | None = None) -> Self:
        """Offers of published trims in `market` on a date (today in UTC when not given)."""
        day = on or timezone.now().date()
        return self.filter(market=market, trim__is_published=True, validity__contains=day)


class Offer(models.Model):
    """What a trim costs in a market, who sells it and what deposit is asked, for a period.

    Prices include VAT, in the market's currency. One offer at a time per trim and market.
    """

    trim = models.ForeignKey(Trim, models.CASCADE, related_name="offers", verbose_name=_("trim"))
    market = models.ForeignKey(Market, models.PROTECT, related_name="offers", verbose_name=_("market"))
    validity = DateRangeField(_("valid"))
    list_price = models.DecimalField(_("list price"), max_digits=12, decimal_places=2)
    sales_model = models.CharField(_("sales model"), max_length=6, choices=SalesModel, default=SalesModel.DEALER)
    deposit_kind = models.CharField(
        _("deposit kind"), max_length=10, choices=DepositKind, default=DepositKind.REFUNDABLE
    )
    deposit_amount = models.DecimalField(_("deposit"), max_digits=12, decimal_places=2)
    cooling_hours = models.PositiveSmallIntegerField(_("cooling window (hours)"), default=72)
    handover_fee = models.DecimalField(
        _("handover fee"),
        max_digits=12,
        decimal_places=2,
        default=0,
        db_default=0,
        help_text=_("what the dealership gets for handing over in an agency sale, without VAT"),
    )

    objects = OfferQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            ExclusionConstraint(
                name="catalog_offer_one_at_a_time",
                expressions=[
                    ("trim", RangeOperators.EQUAL),
                    ("market", RangeOperators.EQUAL),
                    ("validity", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=Q(list_price__gt=0), name="catalog_offer_list_price"),
            models.CheckConstraint(
                condition=Q(deposit_amount__gt=0, deposit_amount__lte=F("list_price")), name="catalog_offer_deposit"
            ),
            # Civil Code of China, article 586: earnest money is at most a fifth of the contract.
            models.CheckConstraint(
                condition=~Q(deposit_kind="earnest") | Q(deposit_amount__lte=F("list_price") * 0.2),
                name="catalog_offer_earnest_fifth",
            ),
            models.CheckConstraint(condition=Q(handover_fee__gte=0), name="catalog_offer_handover_fee"),
        ]
        indexes = [models.Index(fields=["market", "list_price"], name="catalog_offer_price")]

    def __str__(self) -> str:
        return f"{self.trim} {self.list_price} {self.market_id}"


class PriceRule(models.Model):
    """One dated rule of the price build-up; a new year needs a new row, not new code.

    `rate` applies to the price without VAT (`base` says otherwise), `relief_share` of the
    result is waived up to `relief_cap`; `amount` is a fixed sum. All sums in the market's currency.
    """

    class Kind(models.TextChoices):
        VAT = "vat", _("VAT")
        PURCHASE_TAX = "purchase_tax", _("Purchase tax")
        LUXURY_TAX = "luxury_tax", _("Luxury car tax")
        EXCISE = "excise", _("Excise duty")
        PLATE = "plate", _("Number plate")
        INSURANCE = "insurance", _("Insurance")
        TRANSFER = "transfer", _("Transfer")
        REGISTRATION = "registration", _("Registration")

    class Base(models.TextChoices):
        NET = "net", _("price without VAT")
        GROSS = "gross", _("price with VAT")

    market = models.ForeignKey(Market, models.PROTECT, related_name="price_rules", verbose_name=_("market"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    validity = DateRangeField(_("valid"))
    energy_types = ArrayField(models.CharField(max_length=6), verbose_name=_("energy"), default=list, blank=True)
    max_displacement_l = models.DecimalField(
        _("up to displacement (L)"), max_digits=4, decimal_places=2, null=True, blank=True
    )
    min_net_price = models.DecimalField(_("from net price"), max_digits=12, decimal_places=2, null=True, blank=True)
    max_net_price = models.DecimalField(_("up to net price"), max_digits=12, decimal_places=2, null=True, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=0, help_text=_("the highest that fits wins"))
    base = models.CharField(_("rate applies to"), max_length=5, choices=Base, default=Base.NET)
    rate = models.DecimalField(_("rate"), max_digits=7, decimal_places=5, default=0)
    amount = models.DecimalField(_("fixed amount"), max_digits=12, decimal_places=2, default=0)
    relief_share = models.DecimalField(_("waived share"), max_digits=4, decimal_places=3, default=0)
    relief_cap = models.DecimalField(_("waived at most"), max_digits=12, decimal_places=2, null=True, blank=True)
    is_included = models.BooleanField(
        _("in the list price"),
        default=False,
        db_default=False,
        help_text=_("shown as part of the list price, not added to it"),
    )
    is_estimate = models.BooleanField(_("estimate"), default=False)
    source = models.CharField(_("source"), max_length=300)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("price rule")
        verbose_name_plural = _("price rules")
        ordering = ["market", "kind", "-priority"]
        constraints = [
            models.CheckConstraint(condition=Q(rate__gte=0, amount__gte=0), name="catalog_pricerule_amounts"),
            models.CheckConstraint(condition=Q(relief_share__range=(0, 1)), name="catalog_pricerule_relief"),
            models.UniqueConstraint(fields=["market", "kind", "validity", "priority"], name="catalog_pricerule_once"),
        ]

    def __str__(self) -> str:
        """With the first and the last day, which the database keeps as the day after."""
        first, end = self.validity.lower, self.validity.upper
        last = end - dt.timedelta(days=1) if end else ""
        return f"{self.market_id} {self.get_kind_display()} {first or ''} – {last}".rstrip()
