"""Who does not keep the contract, and what earnest money then costs them.

The buyer is in breach when they cancel after the lock, or when the car has stood ready for two weeks, unpaid.

The seller is in breach when the dealership or staff end an order that the dealership had accepted or that was
locked, or when the dealership declines after the lock and the buyer, offered equal cars, takes the money back.
It is not when it declines before the lock, as nothing was agreed then; when the buyer agrees to an equal car, as
the contract is then kept; and while it is silent: the order is passed on, and the buyer may leave with everything.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_DOWN, Decimal

from django.utils import timezone

from catalog.pricing import CENT, ZERO
from o2o_platform.journal.models import ActorKind
from o2o_platform.markets.models import DepositKind

from ..models import Assignment, Order
from .answering import awaits_choice
from .offers import pending_consent

Status = Order.Status
SELLERS = (ActorKind.DEALER, ActorKind.DEALER_SYSTEM, ActorKind.STAFF)
AGREED = (Status.ACCEPTED, Status.READY, Status.PAID)
COLLECT_WITHIN = timedelta(days=14)


def earnest_paid(order: Order) -> Decimal:
    """What of the earnest money was paid, in the order's currency; 0 for a refundable deposit."""
    return min(order.deposit_amount, order.paid_total) if order.deposit_kind == DepositKind.EARNEST else ZERO


def is_locked(order: Order) -> bool:
    return timezone.now() >= order.refundable_until


def earnest_kept(order: Order, *, by: ActorKind, buyer_in_breach: bool = False) -> Decimal:
    """What the seller keeps if `by` ends the order now (Civil Code of China, article 587, first half).

    Nothing before the lock, while the dealership's answer is missing or is no, and from a buyer who may
    withdraw from the contract without a reason.
    """
    if order.withdrawal_days or not is_locked(order):
        return ZERO
    if by == ActorKind.BUYER:
        leaves = not awaits_choice(order) and pending_consent(order) is None and not _is_silent(order)
    else:
        leaves = buyer_in_breach
    return earnest_paid(order) if leaves else ZERO


def compensation_owed(order: Order, *, by: ActorKind) -> Decimal:
    """What the seller owes on top of the refund if `by` ends the order now (article 587, second half).

    The refund already returns the earnest money once; in the order's currency, parts of a cent cut off.
    """
    if not is_sellers_breach(order, by=by):
        return ZERO
    return (earnest_paid(order) * (order.breach_factor - 1)).quantize(CENT, ROUND_DOWN)


def is_sellers_breach(order: Order, *, by: ActorKind) -> bool:
    """Whether it is the seller who does not perform if `by` ends the order now."""
    if by in SELLERS:
        return order.status in AGREED or (order.status == Status.RESERVED and is_locked(order))
    return by == ActorKind.BUYER and awaits_choice(order) and _was_declined_after_lock(order)


def may_blame_buyer(order: Order) -> bool:
    """Whether the car has been ready for two weeks after the lock and the buyer has not paid for it."""
    if order.status != Status.READY or not is_locked(order):
        return False
    ready = order.events.filter(to_status=Status.READY).values_list("at", flat=True).last()
    return ready is not None and ready <= timezone.now() - COLLECT_WITHIN


def _is_silent(order: Order) -> bool:
    """Whether a dealership was asked and let its time pass: the buyer need not wait for it."""
    if order.status != Status.RESERVED:
        return False
    return order.assignments.offered().filter(answer_due_at__lte=timezone.now()).exists()


def _was_declined_after_lock(order: Order) -> bool:
    last = order.assignments.exclude(answer="").order_by("answered_at", "pk").last()
    return (
        last is not None
        and last.answer == Assignment.Answer.DECLINED
        and last.answered_at is not None
        and last.answered_at >= order.refundable_until
    )
