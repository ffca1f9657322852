"""Payments and refunds: facts to read; finance pays counter refunds out."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from o2o_platform.interface.access import Access, Part, actor_of
from o2o_platform.interface.formats import format_money
from o2o_platform.interface.scoping import ScopedAdmin, UncountedPaginator
from o2o_platform.interface.searching import IndexedSearchMixin, by_exact, by_number, by_number_of
from o2o_platform.interface.verbs import VerbAdminMixin, register_verb
from o2o_platform.journal.services import WrongState
from orders.desk.selling import register_till
from orders.models import Order

from .desk import BALANCE_VERB, COMPENSATION_VERBS, COUNTER, LOAN_VERB, REFUND_VERBS, is_counter_refund
from .models import Compensation, Payment, Refund
from .services import pay_out_refund
from .voucher_admin import VoucherAdmin, VoucherOfferAdmin

__all__ = ["CompensationAdmin", "PaymentAdmin", "RefundAdmin", "VoucherAdmin", "VoucherOfferAdmin"]

MONEY_READERS = frozenset({Part.MANAGER, Part.HOUSE_FINANCE, Part.FINANCE, Part.READ_ONLY})
register_verb("orders.order", BALANCE_VERB)
register_verb("orders.directsale", LOAN_VERB)
register_till(COUNTER)


class MoneyAdmin(IndexedSearchMixin, ScopedAdmin):
    """Money of the orders a dealership may see."""

    viewers = MONEY_READERS
    is_frozen = True
    order_path = "order"
    paginator = UncountedPaginator
    ordering = ("-id",)

    def scope(self, rows: models.QuerySet, places: frozenset[int] | None) -> models.QuerySet:
        return rows if places is None else rows.filter(**{f"{self.order_path}__in": Order.objects.visible_to(places)})

    @display(
        description=_("status"),
        label={
            "succeeded": "success",
            "failed": "danger",
            "timed_out": "danger",
            "pending": "warning",
            "requested": "warning",
            "due": "warning",
            "paid": "success",
        },
    )
    def state(self, row: Payment | Refund | Compensation) -> tuple[str, str]:
        return row.status, row.get_status_display()


@admin.register(Payment)
class PaymentAdmin(MoneyAdmin):
    list_display = (
        "reference",
        "paid_for",
        "purpose",
        "method",
        "sum",
        "state",
        "is_applied",
        "created_at",
        "settled_at",
    )
    list_filter = ("status", "purpose", "method", "provider")
    list_select_related = ("order", "voucher")
    search_fields = ("reference",)
    ways = (
        by_number(),
        by_number_of("order", "orders.Order"),
        by_number_of("voucher", "orders.Voucher"),
        by_exact("provider_reference"),
    )
    fields = (
        "reference",
        "order",
        "voucher",
        "purpose",
        "method",
        "sum",
        "status",
        "is_applied",
        "provider",
        "provider_reference",
        "note",
        "created_at",
        "settled_at",
    )
    readonly_fields = fields

    @display(description=_("paid for"))
    def paid_for(self, payment: Payment) -> str:
        return payment.subject.reference

    @display(description=_("amount"), ordering="amount")
    def sum(self, payment: Payment) -> str:
        return format_money(payment.amount, currency=payment.currency)


@admin.register(Refund)
class RefundAdmin(VerbAdminMixin, MoneyAdmin):
    order_path = "payment__order"
    verbs = REFUND_VERBS
    verb_relations = ("payment__order", "payment__voucher")
    list_display = (
        "reference",
        "payment",
        "paid_for",
        "method",
        "sum",
        "state",
        "attempts_made",
        "created_at",
        "settled_at",
    )
    list_filter = ("status",)
    list_select_related = ("payment__order", "payment__voucher")
    search_fields = ("reference",)
    ways = (
        by_number(),
        by_number_of("payment", "payments.Payment"),
        by_number_of("payment__order", "orders.Order"),
        by_number_of("payment__voucher", "orders.Voucher"),
    )
    fields = (
        "reference",
        "payment",
        "paid_for",
        "method",
        "sum",
        "status",
        "reason",
        "provider_reference",
        "created_at",
        "settled_at",
    )
    readonly_fields = fields
    actions = ("pay_out_selected",)

    def place_of(self, row: Refund) -> int | None:
        order = row.payment.order
        return order and order.dealership_id

    def has_pay_permission(self, request: HttpRequest) -> bool:
        return Access.of(request).plays({Part.FINANCE})

    @admin.action(description=_("Paid out at the counter"), permissions=["pay"])
    def pay_out_selected(self, request: HttpRequest, rows: models.QuerySet) -> None:
        paid = 0
        for refund in rows.select_related("payment"):
            if is_counter_refund(refund):
                paid += self._pay_out(request, refund)
        self.message_user(request, _("%(count)d refunds paid out.") % {"count": paid})

    def _pay_out(self, request: HttpRequest, refund: Refund) -> bool:
        try:
            pay_out_refund(refund.pk, actor=actor_of(request))
        except WrongState as refusal:
            self.message_user(request, f"{refund}: {refusal}", messages.ERROR)
            return False
        return True

    @display(description=_("paid for"))
    def paid_for(self, refund: Refund) -> str:
        return refund.payment.subject.reference

    @display(description=_("method"))
    def method(self, refund: Refund) -> str:
        return refund.payment.get_method_display()

    @display(description=_("amount"), ordering="amount")
    def sum(self, refund: Refund) -> Any:
        return format_money(refund.amount, currency=refund.payment.currency)


@admin.register(Compensation)
class CompensationAdmin(VerbAdminMixin, MoneyAdmin):
    """What sellers in breach owe buyers; finance transfers it and says so here."""

    verbs = COMPENSATION_VERBS
    verb_relations = ("order",)
    list_display = ("reference", "order", "sum", "state", "created_at", "settled_at")
    list_filter = ("status",)
    list_select_related = ("order",)
    search_fields = ("reference",)
    ways = (by_number(), by_number_of("order", "orders.Order"))
    fields = ("reference", "order", "sum", "status", "reason", "note", "created_at", "settled_at")
    readonly_fields = fields

    def place_of(self, row: Compensation) -> int | None:
        return row.order.dealership_id

    @display(description=_("amount"), ordering="amount")
    def sum(self, row: Compensation) -> str:
        return format_money(row.amount, currency=row.order.currency)
