"""Refunds: requested for ended orders, submitted to providers, settled once."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.journal.references import new_reference
from o2o_platform.journal.services import WrongState, lock, record_event, transition
from o2o_platform.notifications.services import notify
from orders.models import Order, Voucher
from orders.services.papering import credit_refund
from orders.services.telling import order_url
from orders.services.voucher_messages import tell_of_voucher
from orders.services.vouchers import return_voucher

from ..models import Payment, Refund
from ..providers.base import ProviderUnavailable, provider

LEASE = timedelta(seconds=60)


def request_refunds(*, limit: int = 200) -> int:
    """Open a refund for each payment of the orders that are owed one; returns how many orders."""
    ids = list(Order.objects.refunds_to_request().values_list("pk", flat=True)[:limit])
    for order_id in ids:
        with transaction.atomic():
            _request_for(lock(Order, pk=order_id))
    return len(ids)


def _request_for(order: Order) -> None:
    """Vouchers come back first and whole, as a voucher is never paid out; the rest goes back by the last payments."""
    remaining = order.refund_due - order.refunded_total
    payments = list(order.payments.succeeded().filter(is_applied=True, refunds__isnull=True).order_by("-pk"))
    requested = order.refunded_total
    for payment in sorted(payments, key=lambda payment: not payment.is_voucher_spent):
        amount = min(payment.amount, remaining)
        if payment.is_voucher_spent and amount < payment.amount:
            continue
        if not amount:
            break
        refund = Refund.objects.create(
            reference=new_reference("R"), payment=payment, amount=amount, reason=order.status
        )
        record_event(refund, "requested", actor=SYSTEM, to_status=refund.status)
        if payment.is_voucher_spent:
            _give_voucher_back(refund)
        remaining -= amount
        requested += amount
    Order.objects.filter(pk=order.pk).update(refunded_total=requested)
    credit_refund(order)


def _give_voucher_back(refund: Refund) -> None:
    """What was paid with a voucher goes back as that voucher."""
    return_voucher(refund.payment.voucher_id)
    transition(refund, Refund.Status.SUCCEEDED, actor=SYSTEM, settled_at=timezone.now())
    record_event(refund.payment.order, "voucher_returned", actor=SYSTEM, data={"amount": str(refund.amount)})


def submit_refunds(*, limit: int = 100) -> int:
    """Send open refunds of online payments to their provider; returns how many are through.

    A refund is leased before the call, so two workers don't send one at once; the provider
    makes the same refund number once anyway.
    """
    request_refunds()
    now = timezone.now()
    due = Refund.objects.filter(
        status__in=(Refund.Status.REQUESTED, Refund.Status.SUBMITTED),
        payment__method=Payment.Method.ONLINE,
        next_attempt_at__lte=now,
    )
    done = 0
    for refund in due.select_related("payment__order", "payment__voucher")[:limit]:
        wait = LEASE * 2 ** min(refund.attempts_made, 6)
        leased = Refund.objects.filter(pk=refund.pk, next_attempt_at=refund.next_attempt_at, status=refund.status)
        if leased.update(next_attempt_at=now + wait, attempts_made=F("attempts_made") + 1):
            done += _submit(refund)
    return done


def _submit(refund: Refund) -> bool:
    """Whether this call settled it; False also when another worker did, for whom the lease came free."""
    try:
        number = provider(refund.payment.provider).refund(refund)
    except ProviderUnavailable as error:
        with transaction.atomic():
            record_event(refund, "attempt_failed", actor=SYSTEM, reason=str(error))
        return False
    try:
        _settle(refund, SYSTEM, provider_reference=number)
    except WrongState:
        return False
    return True


def pay_out_refund(refund_id: int, *, actor: Actor) -> Refund:
    """Staff paid back money that was received at the counter.

    Raises WrongState when it is settled already, or is the provider's to pay back.
    """
    refund = Refund.objects.select_related("payment__order", "payment__voucher").get(pk=refund_id)
    if refund.payment.method == Payment.Method.ONLINE:
        raise WrongState(refund, Refund.Status.SUCCEEDED)
    _settle(refund, actor)
    return refund


def _settle(refund: Refund, actor: Actor, **changes: str) -> None:
    with transaction.atomic():
        transition(refund, Refund.Status.SUCCEEDED, actor=actor, settled_at=timezone.now(), **changes)
        if refund.payment.order_id is None:
            _tell_voucher_refunded(refund, actor)
            return
        order = refund.payment.order
        record_event(order, "refunded", actor=actor, data={"amount": str(refund.amount)})
        notify(
            order.buyer,
            "refund_succeeded",
            subject=order,
            context={"order": order, "amount": refund.amount, "url": order_url(order)},
            dedupe_key=f"refund_succeeded:{refund.reference}",
        )


def _tell_voucher_refunded(refund: Refund, actor: Actor) -> None:
    """The price is back: an expired voucher whose price it was has ended. A double charge ends nothing."""
    voucher = lock(Voucher, pk=refund.payment.voucher_id)
    data = {"amount": str(refund.amount)}
    if voucher.status == Voucher.Status.EXPIRED and refund.payment.is_applied:
        transition(voucher, Voucher.Status.REFUNDED, actor=actor, data=data)
    else:
        record_event(voucher, "refunded", actor=actor, data=data)
    tell_of_voucher(voucher, "voucher_refunded", amount=refund.amount)
