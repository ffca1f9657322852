"""What the provider says becomes what we know: by notice, on return, or when we ask."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import structlog
from django.db import transaction
from django.utils import timezone

from catalog.pricing import CENT
from o2o_platform.journal.models import SYSTEM, Actor, ActorKind
from o2o_platform.journal.references import new_reference
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import lock, record_event, transition
from orders.models import Order
from orders.services import MoneyOutcome, apply_deposit
from orders.services.direct import apply_online_balance
from orders.services.papering import issue_receipt
from orders.services.vouchers import apply_voucher_money, lock_voucher

from ..models import Payment, Refund
from ..providers.base import ProviderState, ProviderUnavailable, provider

logger = structlog.get_logger(__name__)

GIVE_UP_AFTER = timedelta(hours=24)
SHORTEST_WAIT = timedelta(seconds=15)
LARGEST_SUM = Decimal(10**10)


@retry_on_deadlock
def settle_payment(state: ProviderState, *, provider_name: str) -> Payment:
    """Record what a provider said; the same word twice, in any order, changes nothing the second time.

    Money that came counts even after "refused" or "timed out"; a sum other than asked never
    counts and goes back as it came. Raises Payment.DoesNotExist for a payment that is not ours.
    """
    with transaction.atomic():
        payment = _lock_payment(state.payment_reference, provider_name)
        if payment.status == state.status or not payment.may_become(state.status):
            return payment
        actor = Actor(ActorKind.PROVIDER, label=payment.provider)
        if state.status != Payment.Status.SUCCEEDED:
            transition(payment, state.status, actor=actor, provider_reference=state.provider_reference)
        elif state.amount != payment.amount or state.currency != payment.currency:
            _return_other_sum(payment, state, actor)
        else:
            _take(payment, state, actor)
    return payment


def _lock_payment(reference: str, provider_name: str) -> Payment:
    """The payment, locked after what it pays for."""
    payments = Payment.objects.filter(reference=reference, provider=provider_name)
    order_id, voucher_id = payments.values_list("order_id", "voucher_id").get()
    if order_id is None:
        lock_voucher(voucher_id)
    else:
        lock(Order, pk=order_id)
    return lock(Payment, reference=reference)


def _apply(payment: Payment, actor: Actor) -> MoneyOutcome:
    if payment.order_id is None:
        return apply_voucher_money(payment.voucher_id, amount=payment.amount, actor=actor)
    if payment.purpose == Payment.Purpose.BALANCE:
        counts = apply_online_balance(payment.order_id, amount=payment.amount, actor=actor)
        return MoneyOutcome.APPLIED if counts else MoneyOutcome.REFUND
    return apply_deposit(payment.order_id, amount=payment.amount, actor=actor)


def _take(payment: Payment, state: ProviderState, actor: Actor) -> None:
    """Money came: count it for the order or the voucher, or open its refund, in this transaction."""
    applied = _apply(payment, actor) != MoneyOutcome.REFUND
    transition(
        payment,
        Payment.Status.SUCCEEDED,
        actor=actor,
        provider_reference=state.provider_reference,
        settled_at=timezone.now(),
        is_applied=applied,
    )
    if applied and payment.purpose == Payment.Purpose.DEPOSIT:
        issue_receipt(payment.order, payment)
    if not applied:
        _open_refund(payment, actor, reason="not_needed")


def _return_other_sum(payment: Payment, state: ProviderState, actor: Actor) -> None:
    """Record a sum other than asked as what came, and open its refund.

    In another currency, or not a sum of money at all, it can't be booked: only the alarm rings.
    """
    logger.error("payment_amount_mismatch", payment=payment.reference)
    data = {"amount": f"{state.amount} {state.currency}", "asked": f"{payment.amount} {payment.currency}"}
    record_event(payment, "amount_mismatch", actor=actor, data=data)
    if state.currency != payment.currency or not _is_sum(state.amount):
        return
    transition(
        payment,
        Payment.Status.SUCCEEDED,
        actor=actor,
        provider_reference=state.provider_reference,
        settled_at=timezone.now(),
        amount=state.amount,
    )
    if payment.order is not None:
        record_event(payment.order, "other_sum_returned", actor=actor, data={"amount": str(state.amount)})
    _open_refund(payment, actor, reason="other_sum")


def _is_sum(amount: Decimal) -> bool:
    """Whether it is money that came: positive, in whole cents, and no more than a column holds."""
    return amount.is_finite() and 0 < amount < LARGEST_SUM and amount == amount.quantize(CENT)


def _open_refund(payment: Payment, actor: Actor, *, reason: str) -> None:
    refund = Refund.objects.create(reference=new_reference("R"), payment=payment, amount=payment.amount, reason=reason)
    record_event(refund, "requested", actor=actor, to_status=refund.status)


def refresh_payment(payment: Payment) -> Payment:
    """Ask the provider about a pending payment now; an unreachable provider leaves it pending."""
    try:
        state = provider(payment.provider).query(payment)
    except ProviderUnavailable:
        return payment
    return settle_payment(state, provider_name=payment.provider)


def reconcile_payments(*, limit: int = 200) -> int:
    """Ask the provider about payments whose notice is overdue; returns how many were settled.

    The wait doubles with the payment's age; after a day of "still open" it times out here,
    and money that comes even later still counts.
    """
    now = timezone.now()
    due = Payment.objects.pending().filter(next_check_at__lte=now).order_by("next_check_at")
    settled = 0
    for payment in due.select_related("order", "voucher")[:limit]:
        wait = max(SHORTEST_WAIT, now - payment.created_at)
        leased = Payment.objects.pending().filter(pk=payment.pk, next_check_at=payment.next_check_at)
        if not leased.update(next_check_at=now + wait):
            continue
        payment = refresh_payment(payment)
        if payment.status == Payment.Status.PENDING and now - payment.created_at > GIVE_UP_AFTER:
            _give_up(payment)
        settled += payment.status != Payment.Status.PENDING
    return settled


def _give_up(payment: Payment) -> None:
    with transaction.atomic():
        payment = lock(Payment, pk=payment.pk)
        if payment.status != Payment.Status.PENDING:
            return
        transition(payment, Payment.Status.TIMED_OUT, actor=SYSTEM)
    logger.warning("payment_timed_out", payment=payment.reference)
