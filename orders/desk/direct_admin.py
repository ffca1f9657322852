"""Direct sales and delivery windows: for platform staff alone."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from o2o_platform.interface.formats import format_money
from o2o_platform.interface.scoping import PlatformAdmin, UncountedPaginator
from o2o_platform.interface.searching import IndexedSearchMixin, by_number_of
from o2o_platform.interface.verbs import VerbAdminMixin

from ..models import DeliveryWindow, DirectSale
from .direct_verbs import DIRECT_VERBS

IDENTITY_COLOURS = {"needed": "info", "submitted": "warning", "verified": "success", "refused": "danger"}


@admin.register(DirectSale)
class DirectSaleAdmin(VerbAdminMixin, IndexedSearchMixin, PlatformAdmin):
    """Changed by verbs alone."""

    is_frozen = True
    verbs = DIRECT_VERBS
    verb_relations = ("order__buyer", "order__market", "order__dealership", "finance_plan", "delivery_window__city")
    list_display = ("order", "state", "identity_state", "finance", "delivery", "return_asked_at", "created_at")
    list_filter = ("identity", "finance", "order__status", "order__market")
    list_select_related = ("order__market", "delivery_window__city")
    search_fields = ("order__reference",)
    ways = (by_number_of("order", "orders.Order"),)
    search_help_text = _("Order number")
    paginator = UncountedPaginator
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": (("order", "state"), ("paid", "balance"))}),
        (
            _("Identity"),
            {
                "fields": (
                    ("identity", "identity_name", "identity_ending"),
                    ("same_person", "identity_note"),
                    ("identity_checked_at", "identity_checked_by"),
                )
            },
        ),
        (_("Loan"), {"fields": (("finance", "finance_plan"), "finance_note")}),
        (_("Delivery"), {"fields": (("address_line", "postcode", "address_city"), "delivery")}),
        (_("Handover"), {"fields": (("handed_over_at", "odometer_km", "signed_name"), "protocol_remarks")}),
        (
            _("Return"),
            {
                "fields": (
                    ("return_days", "return_km_limit", "return_km_charge"),
                    ("return_asked_at", "return_reason"),
                    ("return_odometer_km", "return_charge", "returned_at"),
                )
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: DirectSale | None = None) -> list[str]:
        return flatten_fieldsets(self.fieldsets)

    def place_of(self, row: Any) -> int | None:
        """No dealership has a part in it."""
        return None

    @display(description=_("status"))
    def state(self, sale: DirectSale) -> str:
        return sale.order.status_label

    @display(description=_("identity"), label=IDENTITY_COLOURS)
    def identity_state(self, sale: DirectSale) -> tuple[str, str]:
        return sale.identity, sale.get_identity_display()

    @display(description=_("delivery"))
    def delivery(self, sale: DirectSale) -> str:
        window = sale.delivery_window
        if window is None:
            return "-"
        zone = sale.order.market.zone
        ends = window.ends_at.astimezone(zone)
        return f"{window.city} {window.starts_at.astimezone(zone):%Y-%m-%d %H:%M}–{ends:%H:%M}"

    @display(description=_("paid"))
    def paid(self, sale: DirectSale) -> str:
        return format_money(sale.order.paid_total, currency=sale.order.currency)

    @display(description=_("still to be paid"))
    def balance(self, sale: DirectSale) -> str:
        return format_money(sale.order.balance_due, currency=sale.order.currency)

    @display(description=_("other orders with this document"))
    def same_person(self, sale: DirectSale) -> str:
        if not sale.identity_digest:
            return "-"
        same = DirectSale.objects.filter(identity_digest=sale.identity_digest).exclude(pk=sale.pk)
        return ", ".join(same.order_by("-pk").values_list("order__reference", flat=True)[:20]) or "-"


@admin.register(DeliveryWindow)
class DeliveryWindowAdmin(PlatformAdmin):
    """Times in which cars are brought; the places taken are counted, not typed."""

    list_display = ("city", "starts_at", "ends_at", "capacity", "used")
    list_filter = ("city",)
    list_select_related = ("city",)
    ordering = ("-starts_at",)
    fields = ("city", "starts_at", "ends_at", "capacity", "used")

    def get_readonly_fields(self, request: HttpRequest, obj: DeliveryWindow | None = None) -> list[str]:
        """Once somebody counts on it, the time stands."""
        return ["used", "city", "starts_at", "ends_at"] if obj and obj.used else ["used"]

    def has_delete_permission(self, request: HttpRequest, obj: DeliveryWindow | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not obj.used)
