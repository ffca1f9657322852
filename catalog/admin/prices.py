"""Dated prices, rules of tax and fees, and finance plans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog.models import FinancePlan, Offer, PriceRule, Trim
from catalog.services.prices import WrongDay, WrongTerms, start_offer, today_in
from o2o_platform.interface.access import Part
from o2o_platform.interface.verbs import Verb, VerbAdminMixin, VerbForm
from o2o_platform.journal.models import Actor

from .forms import FinancePlanForm, OfferForm, PriceRuleForm
from .offer_changes import OfferChangeForm, OfferChanges
from .together import TogetherMixin
from .versioned import VersionedAdmin


@display(description=_("valid"), ordering="validity")
def valid_days(row: Offer | PriceRule | FinancePlan) -> str:
    """First and last day as a range; open at the end while nothing follows."""
    first, end = row.validity.lower, row.validity.upper
    return f"{first or ''} – {end - timedelta(days=1) if end else ''}"


class WhenFilter(admin.SimpleListFilter):
    """Dated rows by where today lies in them."""

    title = _("when")
    parameter_name = "when"
    template = "admin/filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, Any]]:
        yield from (("now", _("valid today")), ("later", _("starts later")), ("over", _("over")))

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        today = timezone.now().date()
        if self.value() == "now":
            return queryset.filter(validity__contains=today)
        if self.value() == "later":
            return queryset.filter(validity__startswith__gt=today)
        if self.value() == "over":
            return queryset.filter(validity__endswith__lte=today)
        return queryset


class NewPriceForm(VerbForm):
    on = forms.DateField(label=_("First day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    list_price = forms.DecimalField(label=_("New list price"), max_digits=12, decimal_places=2, min_value=1)
    deposit_amount = forms.DecimalField(label=_("Deposit"), max_digits=12, decimal_places=2, min_value=1)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=100)

    def prepare(self) -> None:
        self.fields["on"].initial = today_in(self.row.market) + timedelta(days=1)
        self.fields["deposit_amount"].initial = self.row.deposit_amount


def _new_price(offer: Offer, data: dict[str, Any], actor: Actor) -> str:
    changes = {name: data[name] for name in ("list_price", "deposit_amount")}
    start_offer(offer.pk, on=data["on"], changes=changes, actor=actor, reason=data["reason"])
    return gettext("From %(day)s the price is %(price)s.") % {"day": data["on"], "price": data["list_price"]}


def _may_follow(offer: Offer) -> bool:
    return offer.validity.upper is None or offer.validity.upper > today_in(offer.market)


@admin.register(Offer)
class OfferAdmin(TogetherMixin, VerbAdminMixin, VersionedAdmin):
    """Prices of trims by market and day."""

    form = OfferForm
    verbs = (
        Verb(
            "new-price",
            _("New price from…"),
            frozenset({Part.PLATFORM}),
            _may_follow,
            _new_price,
            form=NewPriceForm,
            refusals=(WrongDay, WrongTerms),
            is_main=True,
        ),
    )
    verb_relations = ("market", "trim__vehicle_model__brand")
    together = OfferChanges
    together_form = OfferChangeForm
    list_display = ("trim", "market", "list_price", "sales_model", "deposit_kind", "deposit_amount", valid_days)
    list_filter = (WhenFilter, "market", "sales_model", "deposit_kind", "trim__vehicle_model")
    typed_filters = frozenset({"trim__vehicle_model"})
    list_select_related = ("trim__vehicle_model", "market")
    search_fields = ("trim__code", "trim__name", "trim__name_zh", "trim__vehicle_model__name")
    search_help_text = _("Name, code or model")
    autocomplete_fields = ("trim",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).select_related("trim__vehicle_model__brand", "market")

    def preview_of(self, row: Offer) -> tuple[Trim, date | None]:
        """On its first day while that is to come."""
        first = row.validity.lower
        return row.trim, first if first and first > today_in(row.market) else None

    def place_of(self, row: Offer) -> int | None:
        return None

    def choice_label(self, row: Offer) -> str:
        return f"{row.trim.vehicle_model.brand} {row.trim.vehicle_model} · {row.trim} · {row.market_id}"


@admin.register(PriceRule)
class PriceRuleAdmin(VersionedAdmin):
    form = PriceRuleForm
    list_display = ("kind", "market", valid_days, "rate", "amount", "relief_share", "priority", "is_estimate")
    list_filter = (WhenFilter, "market", "kind", "is_estimate")
    list_select_related = ("market",)
    search_fields = ("source",)


@admin.register(FinancePlan)
class FinancePlanAdmin(VersionedAdmin):
    form = FinancePlanForm
    list_display = ("name", "lender", "market", "brand", "kind", valid_days, "percent", "is_published")
    list_filter = (WhenFilter, "market", "kind", "is_published", "brand")
    typed_filters = frozenset({"brand"})
    list_select_related = ("market", "brand")
    search_fields = ("name", "name_zh", "slug", "lender")
    autocomplete_fields = ("brand",)
    prepopulated_fields = {"slug": ("lender", "name")}

    @display(description=_("yearly rate"), ordering="nominal_rate")
    def percent(self, plan: FinancePlan) -> str:
        return f"{plan.nominal_rate * 100:.2f} %"
