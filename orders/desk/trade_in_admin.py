"""Trade-ins at the desk: what the buyer says of the car, photographs, and the two answers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from o2o_platform.interface.access import EVERYONE
from o2o_platform.interface.formats import format_kilometres, format_money
from o2o_platform.interface.scoping import ScopedAdmin, UncountedPaginator
from o2o_platform.interface.searching import IndexedSearchMixin, by_number, by_person, by_phone, by_text
from o2o_platform.interface.verbs import VerbAdminMixin

from ..models import TradeIn
from .trade_ins import TRADE_IN_VERBS

STATUS_COLOURS = {"requested": "warning", "estimated": "success", "declined": "danger"}


@admin.register(TradeIn)
class TradeInAdmin(VerbAdminMixin, IndexedSearchMixin, ScopedAdmin):
    """Requests to the own dealership; answered by verbs, never edited."""

    viewers = EVERYONE
    is_frozen = True
    verbs = TRADE_IN_VERBS
    verb_relations = ("dealership", "buyer")
    change_form_after_template = "desk/trade_in_facts.html"
    list_display = ("reference", "state", "car", "mileage", "buyer_short", "dealership", "requested")
    list_filter = ("status", "dealership", "market")
    list_select_related = ("dealership", "buyer")
    search_fields = ("reference",)
    ways = (by_number(), by_phone("buyer"), by_person("buyer"), by_text("car"), by_text("vin"))
    search_help_text = _("Number, make, or the end of the phone number or VIN")
    ordering = ("-id",)
    paginator = UncountedPaginator
    fields = (
        ("reference", "status"),
        ("car", "vin"),
        ("first_registered_on", "mileage"),
        "odd_vin",
        "condition",
        ("buyer_short", "phone"),
        ("dealership", "requested"),
        ("estimate", "valid_until"),
        "note",
    )
    readonly_fields = tuple(name for row in fields for name in (row if isinstance(row, tuple) else (row,)))

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        if trade_in := kwargs.get("obj"):
            context |= {"trade_in": trade_in, "statuses": TradeIn.Status.choices}
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description=_("status"), label=STATUS_COLOURS)
    def state(self, trade_in: TradeIn) -> tuple[str, str]:
        return trade_in.status, trade_in.get_status_display()

    @display(description=_("mileage"), ordering="mileage_km")
    def mileage(self, trade_in: TradeIn) -> str:
        return format_kilometres(trade_in.mileage_km, decimals=0)

    @display(description=_("check digit of the VIN"))
    def odd_vin(self, trade_in: TradeIn) -> str:
        return str(_("unusual") if trade_in.has_odd_vin else _("right"))

    @display(description=_("requested"), ordering="requested_at")
    def requested(self, trade_in: TradeIn) -> str:
        """In the dealership's own time."""
        return f"{trade_in.requested_at.astimezone(trade_in.dealership.zone):%Y-%m-%d %H:%M}"

    @display(description=_("buyer"))
    def buyer_short(self, trade_in: TradeIn) -> str:
        return f"{trade_in.buyer.name} {trade_in.buyer.masked_phone}"

    @display(description=_("phone"))
    def phone(self, trade_in: TradeIn) -> str:
        return str(trade_in.buyer.phone or trade_in.buyer.email or "")

    @display(description=_("estimate"))
    def estimate(self, trade_in: TradeIn) -> str:
        if trade_in.low_amount is None or trade_in.high_amount is None:
            return "-"
        sums = (trade_in.low_amount, trade_in.high_amount)
        return " – ".join(format_money(each, currency=trade_in.currency) for each in sums)
