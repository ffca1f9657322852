"""The law of a sale as dated data: cooling windows, breach, withdrawal, returns, the words on the button."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from o2o_platform.markets.models import Market, SalesModel


class SaleRule(models.Model):
    """What holds for sales in a market, or of one brand or in one sales model there, for a period.

    The most specific rule valid on the day an order is placed is frozen on it: brand and sales model, brand,
    sales model, market. From its first day a rule stands, but for its end: a database trigger refuses the
    rest. Sums in the market's currency.
    """

    market = models.ForeignKey(Market, models.PROTECT, related_name="sale_rules", verbose_name=_("market"))
    brand = models.ForeignKey(
        "catalog.Brand", models.CASCADE, null=True, blank=True, related_name="sale_rules", verbose_name=_("brand")
    )
    sales_model = models.CharField(_("sales model"), max_length=6, choices=SalesModel, blank=True)
    validity = DateRangeField(_("valid"))
    cooling_hours = models.PositiveSmallIntegerField(
        _("cooling window (hours)"), null=True, blank=True, help_text=_("empty: as the offer says")
    )
    breach_factor = models.DecimalField(
        _("breach factor"),
        max_digits=3,
        decimal_places=2,
        default=1,
        help_text=_("how many times the earnest money a seller in breach pays back"),
    )
    withdrawal_days = models.PositiveSmallIntegerField(
        _("withdrawal (days)"), default=0, help_text=_("after handover of a car bought at a distance")
    )
    return_days = models.PositiveSmallIntegerField(_("return window (days)"), default=0)
    return_km_limit = models.PositiveIntegerField(_("kilometres free of charge"), default=0)
    return_km_charge = models.DecimalField(
        _("charge for each kilometre more"), max_digits=8, decimal_places=2, default=0
    )
    button = models.JSONField(
        _("words on the order button"), default=dict, blank=True, help_text=_("by language; empty: the usual ones")
    )
    withdrawal_notice = models.JSONField(
        _("notice of the right of withdrawal"), default=dict, blank=True, help_text=_("by language")
    )
    source = models.CharField(_("source"), max_length=300)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("sale rule")
        verbose_name_plural = _("sale rules")
        ordering = ["market", "brand", "sales_model"]
        constraints = [
            ExclusionConstraint(
                name="orders_salerule_one_at_a_time",
                expressions=[
                    ("market", RangeOperators.EQUAL),
                    (Coalesce("brand", Value(0, models.BigIntegerField())), RangeOperators.EQUAL),
                    ("sales_model", RangeOperators.EQUAL),
                    ("validity", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_(
                    "Another rule of the same market, brand and sales model is valid then. End that one first."
                ),
            ),
            models.CheckConstraint(
                condition=Q(breach_factor__gte=1, return_km_charge__gte=0), name="orders_salerule_sums"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.market_id} {self.brand or ''} {self.sales_model}".strip()

    def clean(self) -> None:
        """Raises ValidationError for a change of a rule in force, as the database would, and for unfit texts."""
        for name in ("button", "withdrawal_notice"):
            texts = getattr(self, name)
            if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
                raise ValidationError({name: _('A text for each language, as {"en": "…"}.')})
        stored = SaleRule.objects.filter(pk=self.pk).select_related("market").first() if self.pk else None
        if stored is None or not stored.is_in_force:
            return
        kept = [field.attname for field in self._meta.local_concrete_fields if field.name != "validity"]
        starts_else = self.validity is not None and self.validity.lower != stored.validity.lower
        if starts_else or any(getattr(self, name) != getattr(stored, name) for name in kept):
            raise ValidationError(_("A rule in force is not changed: end it, and write the next one."))

    @property
    def is_in_force(self) -> bool:
        """Whether it has begun, by the market's clock; orders may keep to it from then on."""
        begins = self.validity.lower
        return begins is None or begins <= timezone.now().astimezone(self.market.zone).date()
