"""What the provider says becomes what we know: by notice, on return, or when we ask."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from o2o_platform.journal.models import SYSTEM, Actor, ActorKind
from o2o_platform.journal.references import new_reference
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import lock, record_event, transition
from orders.models import Order
from orders.services import MoneyOutcome, apply_deposit

from ..models import Payment, Refund
from ..providers.base import ProviderState, ProviderUnavailable, provider

logger = structlog.get_logger(__name__)

GIVE_UP_AFTER = timedelta(hours=24)
SHORTEST_WAIT = timedelta(seconds=15)


@retry_on_deadlock
def settle_payment(state: ProviderState, *, provider_name: str) -> Payment:
    """Record what a provider said; the same word twice, in any order, changes nothing the second time.

    Money that came counts even after "refused" or "timed out"; a sum other than asked never
    counts. Raises Payment.DoesNotExist for a payment that is not ours.
    """
    with transaction.atomic():
        order_id = Payment.objects.values_list("order_id", flat=True).get(
            reference=state.payment_reference, provider=provider_name
        )
        lock(Order, pk=order_id)
        payment = lock(Payment, reference=state.payment_reference)
        if payment.status == state.status or not payment.may_become(state.status):
            return payment
        actor = Actor(ActorKind.PROVIDER, label=payment.provider)
        if state.status != Payment.Status.SUCCEEDED:
            transition(payment, state.status, actor=actor, provider_reference=state.provider_reference)
        elif state.amount != payment.amount or state.currency != payment.order.currency:
            logger.error("payment_amount_mismatch", payment=payment.reference)
            record_event(payment, "amount_mismatch", actor=actor, data={"amount": f"{state.amount} {state.currency}"})
        else:
            _take(payment, state, actor)
    return payment


def _take(payment: Payment, state: ProviderState, actor: Actor) -> None:
    """Money came: count it for the order, or open its refund, in this transaction."""
    outcome = apply_deposit(payment.order_id, amount=payment.amount, actor=actor)
    applied = outcome != MoneyOutcome.REFUND
    transition(
        payment,
        Payment.Status.SUCCEEDED,
        actor=actor,
        provider_reference=state.provider_reference,
        settled_at=timezone.now(),
        is_applied=applied,
    )
    if not applied:
        refund = Refund.objects.create(
            reference=new_reference("R"), payment=payment, amount=payment.amount, reason="not_needed"
        )
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
    for payment in due.select_related("order")[:limit]:
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
