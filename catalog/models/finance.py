"""Ways to pay for a car over time, as dated data."""

from __future__ import annotations

from django.contrib.postgres.fields import DateRangeField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from o2o_platform.markets.models import Market

from .vehicle import Brand, UsuallyNamed


class FinancePlan(UsuallyNamed):
    """A lender's terms in a market: monthly annuity, or with a last balloon instalment.

    Rates and shares are fractions (0.0399 is 3.99 %); `nominal_rate` is per year, compounded monthly;
    `fee` is added to the sum financed, in the market's currency. Without a brand it serves all.
    """

    class Kind(models.TextChoices):
        ANNUITY = "annuity", _("Equal instalments")
        BALLOON = "balloon", _("With a final instalment")

    slug = models.SlugField(_("code"), unique=True)
    market = models.ForeignKey(Market, models.PROTECT, related_name="finance_plans", verbose_name=_("market"))
    brand = models.ForeignKey(
        Brand, models.CASCADE, null=True, blank=True, related_name="finance_plans", verbose_name=_("brand")
    )
    lender = models.CharField(_("lender"), max_length=120)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.ANNUITY)
    validity = DateRangeField(_("valid"))
    nominal_rate = models.DecimalField(_("yearly rate"), max_digits=6, decimal_places=5)
    fee = models.DecimalField(_("fee"), max_digits=10, decimal_places=2, default=0)
    min_down_share = models.DecimalField(_("least down payment"), max_digits=4, decimal_places=3, default=0)
    max_down_share = models.DecimalField(_("largest down payment"), max_digits=4, decimal_places=3, default=0.8)
    min_months = models.PositiveSmallIntegerField(
        _("shortest term"), default=12, validators=[MinValueValidator(12), MaxValueValidator(84)]
    )
    max_months = models.PositiveSmallIntegerField(
        _("longest term"), default=60, validators=[MinValueValidator(12), MaxValueValidator(84)]
    )
    balloon_share = models.DecimalField(_("final instalment"), max_digits=4, decimal_places=3, default=0)
    source = models.CharField(_("source"), max_length=300, blank=True)
    is_published = models.BooleanField(_("published"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("finance plan")
        verbose_name_plural = _("finance plans")
        ordering = ["market", "nominal_rate", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(nominal_rate__range=(0, 1), fee__gte=0), name="catalog_finance_rate"),
            models.CheckConstraint(
                condition=Q(min_down_share__gte=0, max_down_share__lte=0.8, min_down_share__lte=F("max_down_share")),
                name="catalog_finance_down",
            ),
            models.CheckConstraint(
                condition=Q(min_months__gte=12, max_months__lte=84, min_months__lte=F("max_months")),
                name="catalog_finance_months",
            ),
            models.CheckConstraint(condition=Q(balloon_share__range=(0, 0.6)), name="catalog_finance_balloon"),
        ]
