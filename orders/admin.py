"""Orders at the desk: facts to read, verbs to act, and the sale in the showroom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from unfold.decorators import display

from catalog.models import StockUnit
from o2o_platform.interface.access import DEALERSHIP_PARTS, EVERYONE, Access, actor_of
from o2o_platform.interface.formats import format_money
from o2o_platform.interface.scoping import ScopedAdmin, UncountedPaginator
from o2o_platform.interface.searching import IndexedSearchMixin, by_number, by_phone, by_start, by_vin
from o2o_platform.interface.verbs import VerbAdminMixin, see_other

from .desk.code_admin import ShowroomCodeAdmin
from .desk.contact_views import contact_view
from .desk.direct_admin import DeliveryWindowAdmin, DirectSaleAdmin
from .desk.facts import facts_of
from .desk.fees import READERS as FEE_READERS
from .desk.fees import fees_view
from .desk.interest_admin import InterestRequestAdmin
from .desk.law_admin import SaleRuleAdmin, TermsAdmin
from .desk.quote_admin import QuoteAdmin
from .desk.report_pages import show_report
from .desk.selling import SellForm, find_units, own_units, sell
from .desk.selling import facts_of as facts_of_units
from .desk.task_admin import ContactNoteAdmin, DeskTaskAdmin
from .desk.trade_in_admin import TradeInAdmin
from .desk.verbs import ORDER_VERBS
from .exceptions import OrderError, OutOfStock
from .models import Order

__all__ = [
    "ContactNoteAdmin",
    "DeliveryWindowAdmin",
    "DeskTaskAdmin",
    "DirectSaleAdmin",
    "InterestRequestAdmin",
    "OrderAdmin",
    "QuoteAdmin",
    "SaleRuleAdmin",
    "ShowroomCodeAdmin",
    "TermsAdmin",
    "TradeInAdmin",
]

STATUS_COLOURS = {
    "placed": "info",
    "reserved": "warning",
    "accepted": "info",
    "ready": "warning",
    "paid": "success",
    "delivered": "success",
    "returned": "danger",
    "cancelled": "danger",
}


def _moment(order: Order, moment: datetime) -> str:
    """In the dealership's own time."""
    return f"{moment.astimezone(order.zone):%Y-%m-%d %H:%M}"


@admin.register(Order)
class OrderAdmin(VerbAdminMixin, IndexedSearchMixin, ScopedAdmin):
    """A dealership sees an order once its deposit is paid, and only while it is the one that sells it."""

    viewers = EVERYONE
    sellers = DEALERSHIP_PARTS
    is_frozen = True
    verbs = ORDER_VERBS
    verb_relations = ("dealership", "market", "buyer", "stock_unit", "trim__vehicle_model__brand")
    change_form_after_template = "desk/order_facts.html"
    list_before_template = "desk/fees_link.html"
    list_display = ("reference", "state", "car", "buyer_short", "dealership", "total", "channel", "placed")
    list_filter = ("status", "channel", "sales_model", "dealership", "market")
    list_select_related = ("dealership", "market", "buyer", "trim__vehicle_model")
    search_fields = ("reference",)
    ways = (by_number(), by_phone("buyer"), by_vin("stock_unit"), by_start("buyer_name"))
    search_help_text = _lazy("Number, name, or the end of the phone number or VIN")
    ordering = ("-id",)
    paginator = UncountedPaginator
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("reference", "status"),
                    ("car", "vin"),
                    ("dealership", "placed"),
                    ("channel", "advisor"),
                    ("sales_model", "shop"),
                )
            },
        ),
        (_lazy("Buyer"), {"fields": (("buyer_name", "phone"), "test_drive")}),
        (
            _lazy("Money"),
            {"fields": (("total", "deposit"), ("paid", "balance"), ("refund", "lock"), ("terms", "hold"), "fee")},
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Order | None = None) -> list[str]:
        return flatten_fieldsets(self.fieldsets)

    def scope(self, rows: models.QuerySet, places: frozenset[int] | None) -> models.QuerySet:
        return rows if places is None else rows.visible_to(places)

    def get_urls(self) -> list[URLPattern]:
        return [
            path("sell/", self.admin_site.admin_view(self.sell_view), name="orders_order_sell"),
            path("handover-fees/", self.admin_site.admin_view(fees_view), name="orders_order_fees"),
            path("reports/<slug:name>/", self.admin_site.admin_view(self.report_view), name="orders_order_report"),
            path("contact/<int:buyer_id>/", self.admin_site.admin_view(contact_view), name="orders_order_contact"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        reads = Access.of(request).plays(FEE_READERS)
        return super().changelist_view(request, {**(extra_context or {}), "may_read_fees": reads})

    def report_view(self, request: HttpRequest, name: str) -> HttpResponse:
        return show_report(request, name, site=self.admin_site)

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        if order := kwargs.get("obj"):
            context["facts"] = facts_of(order, Access.of(request))
        return super().render_change_form(request, context, *args, **kwargs)

    def sell_view(self, request: HttpRequest) -> HttpResponse:
        """Find a car of the own stock and sell it to whoever stands there."""
        access = Access.of(request)
        if not access.plays(self.sellers):
            raise PermissionDenied
        places = access.places(self.sellers)
        form = SellForm(request.POST if request.method == "POST" else None, initial={"unit": request.GET.get("unit")})
        if request.method == "POST" and form.is_valid() and (order := self._sell(request, form, places)):
            return see_other(reverse("admin:orders_order_change", args=[order.pk]))
        return self._sell_page(request, form, places)

    def _sell_page(self, request: HttpRequest, form: SellForm, places: frozenset[int] | None) -> HttpResponse:
        """The cars found, the one chosen first when the search would not show it, and the buyer's fields."""
        text, chosen = request.GET.get("q", ""), str(form["unit"].value() or "")
        units = find_units(places, text)
        number = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else 0
        if number and number not in {unit.pk for unit in units}:
            units = [*own_units(places).filter(pk=number), *units]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Sell in the showroom"),
            "form": form,
            "text": text,
            "chosen": chosen,
            "has_several_places": places is None or len(places) > 1,
            "found": facts_of_units(units),
        }
        return TemplateResponse(request, "desk/sell.html", context, status=422 if form.is_bound else 200)

    def _sell(self, request: HttpRequest, form: SellForm, places: frozenset[int] | None) -> Order | None:
        """The order, or None with the reason on the form."""
        unit: StockUnit | None = own_units(places).filter(pk=form.cleaned_data["unit"]).first()
        if unit is None:
            form.add_error("unit", _("Choose a car of your own dealership."))
            return None
        who = {name: form.cleaned_data[name] for name in ("phone", "name", "key")}
        try:
            order = sell(unit, **who, received=form.received, actor=actor_of(request))
        except (OrderError, ValidationError) as refusal:
            unit.refresh_from_db(fields=["availability"])
            reason = facts_of_units([unit])[0]["taken"] if isinstance(refusal, OutOfStock) else ""
            text = " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
            form.add_error(None, f"{unit.vin}: {reason or text}")
            return None
        messages.success(request, _("Sold: order %(order)s.") % {"order": order})
        return order

    @display(description=_lazy("status"), label=STATUS_COLOURS)
    def state(self, order: Order) -> tuple[str, str]:
        return order.status, order.status_label

    @display(description=_lazy("car"))
    def car(self, order: Order) -> str:
        return f"{order.trim.vehicle_model} · {order.trim}"

    @display(description=_lazy("VIN"))
    def vin(self, order: Order) -> str:
        return order.stock_unit.vin

    @display(description=_lazy("buyer"))
    def buyer_short(self, order: Order) -> str:
        return f"{order.buyer_name} {order.buyer.masked_phone}"

    @display(description=_lazy("phone"))
    def phone(self, order: Order) -> str:
        return str(order.buyer.phone or order.buyer.email or "")

    @display(description=_lazy("contract price"), ordering="contract_total")
    def total(self, order: Order) -> str:
        return format_money(order.contract_total, currency=order.currency)

    @display(description=_lazy("deposit"))
    def deposit(self, order: Order) -> str:
        return f"{format_money(order.deposit_amount, currency=order.currency)} · {order.get_deposit_kind_display()}"

    @display(description=_lazy("paid"))
    def paid(self, order: Order) -> str:
        return format_money(order.paid_total, currency=order.currency)

    @display(description=_lazy("still to be paid"))
    def balance(self, order: Order) -> str:
        return format_money(order.balance_due, currency=order.currency) if order.status in Order.LIVE else "-"

    @display(description=_lazy("handover fee"))
    def fee(self, order: Order) -> str:
        return format_money(order.handover_fee, currency=order.currency) if order.handover_fee else "-"

    @display(description=_lazy("placed"), ordering="placed_at")
    def placed(self, order: Order) -> str:
        return _moment(order, order.placed_at)

    @display(description=_lazy("refund deadline (lock)"))
    def lock(self, order: Order) -> str:
        return _moment(order, order.refundable_until)

    @display(description=_lazy("held until"))
    def hold(self, order: Order) -> str:
        return _moment(order, order.hold_expires_at) if order.status == Order.Status.PLACED else "-"

    @display(description=_lazy("to be refunded"))
    def refund(self, order: Order) -> str:
        return format_money(order.refund_due, currency=order.currency)
