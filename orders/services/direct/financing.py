"""A loan asked for online: staff answer, and it pays what the buyer has not."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.models import FinancePlan
from o2o_platform.interface.formats import format_money
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import lock, record_event

from ...exceptions_direct import DownPaymentNeeded, LoanNotOpen
from ...models import DirectSale, Order
from .. import telling
from .opening import sale_of

CENT = Decimal("0.01")
Status = Order.Status
Finance = DirectSale.Finance
OPEN = (Status.RESERVED, Status.ACCEPTED, Status.READY)


def plans_for(order: Order) -> QuerySet[FinancePlan]:
    """The plans published for the order's market and brand that are valid today."""
    today = timezone.now().astimezone(order.market.zone).date()
    brand = Q(brand=None) | Q(brand=order.trim.vehicle_model.brand_id)
    return FinancePlan.objects.filter(brand, market=order.market_id, is_published=True, validity__contains=today)


def ask_loan(order_id: int, *, plan_id: int, actor: Actor) -> DirectSale:
    """The buyer would like the plan to pay the rest; another may be chosen until staff answered. Raises LoanNotOpen."""
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        sale = sale_of(order)
        plan = plans_for(order).filter(pk=plan_id).first()
        if order.status not in OPEN or not order.balance_due or sale.finance == Finance.APPROVED or plan is None:
            raise LoanNotOpen
        _write(sale, finance=Finance.ASKED, finance_plan=plan, finance_note="")
        record_event(order, "loan_asked", actor=actor, data={"plan": plan.slug})
    return sale


def drop_loan(order_id: int, *, actor: Actor) -> DirectSale:
    """The buyer pays without a loan after all. Raises LoanNotOpen."""
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        sale = sale_of(order)
        if order.status not in OPEN or not sale.finance:
            raise LoanNotOpen
        _write(sale, finance=Finance.NONE, finance_plan=None, finance_note="")
        record_event(order, "loan_dropped", actor=actor)
    return sale


def answer_loan(order_id: int, *, is_approved: bool, actor: Actor, reason: str = "") -> DirectSale:
    """The lender's answer, entered by staff; the buyer is told. Raises LoanNotOpen."""
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        sale = sale_of(order)
        if order.status not in OPEN or sale.finance != Finance.ASKED:
            raise LoanNotOpen
        answer = Finance.APPROVED if is_approved else Finance.DECLINED
        _write(sale, finance=answer, finance_note=reason[:200])
        record_event(order, f"loan_{answer}", actor=actor, reason=reason)
        telling.tell_buyer(order, f"direct_loan_{answer}", sale=sale, reason=reason)
    return sale


def down_payment_missing(sale: DirectSale) -> Decimal:
    """What the buyer has to pay before the loan pays the rest, in the order's currency."""
    plan, order = sale.finance_plan, sale.order
    if plan is None:
        return order.balance_due
    down = (order.contract_total * plan.min_down_share).quantize(CENT, ROUND_UP)
    return max(Decimal(0), down - order.paid_total)


def check_payable_by_loan(order: Order) -> None:
    """Whether an approved loan may pay the rest now. Raises LoanNotOpen, DownPaymentNeeded."""
    sale = sale_of(order)
    if order.status != Status.READY or sale.finance != Finance.APPROVED:
        raise LoanNotOpen
    if missing := down_payment_missing(sale):
        raise DownPaymentNeeded(format_money(missing, currency=order.currency))


def _write(sale: DirectSale, **changes: object) -> None:
    for name, value in changes.items():
        setattr(sale, name, value)
    sale.save(update_fields=list(changes))
