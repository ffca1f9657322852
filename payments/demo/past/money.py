"""Payments received and given back in the past."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from o2o_platform.documents.models import DocumentKind
from o2o_platform.journal.models import SYSTEM, Actor, ActorKind
from payments.models import Payment, Refund

from .facts import Facts
from .life import KEY, Life, Told

NAME = "sandbox"
PROVIDER = Actor(ActorKind.PROVIDER, label=NAME)
MINUTE = dt.timedelta(minutes=1)


def take(
    life: Life,
    amount: Decimal,
    at: dt.datetime,
    facts: Facts,
    *,
    purpose: str = Payment.Purpose.BALANCE,
    method: str = Payment.Method.ONLINE,
) -> Payment:
    """Money that counts for the order, in its currency."""
    payment = received(facts, amount, at, method=method, purpose=purpose)
    payment.order = life.order
    life.order.paid_total += amount
    life.payments.append(payment)
    life.told += told_of(payment, at, buyer=Actor.buyer(life.order.buyer))
    return payment


def received(facts: Facts, amount: Decimal, at: dt.datetime, *, method: str, purpose: str) -> Payment:
    """A payment settled at a moment; online ones were begun a little earlier at the provider."""
    is_online = method == Payment.Method.ONLINE
    reference = facts.reference("P")
    return Payment(
        reference=reference,
        purpose=purpose,
        method=method,
        provider=NAME if is_online else "",
        provider_reference=f"{KEY}-{reference}" if is_online else None,
        amount=amount,
        status=Payment.Status.SUCCEEDED,
        is_applied=True,
        idempotency_key=f"{KEY}-{reference}",
        created_at=at - MINUTE if is_online else at,
        settled_at=at,
    )


def told_of(payment: Payment, at: dt.datetime, *, buyer: Actor) -> list[Told]:
    """Its event: the provider's word, or what was received at the counter."""
    done = Payment.Status.SUCCEEDED
    if payment.method == Payment.Method.ONLINE:
        return [Told(payment, done, at, PROVIDER, Payment.Status.PENDING, done)]
    return [Told(payment, "received", at, buyer, to_status=done)]


def give_back(life: Life, due: Decimal, at: dt.datetime, facts: Facts) -> None:
    """Refund `due` of what was paid, vouchers first and then by the last payments; all has arrived by now."""
    order = life.order
    order.refund_due = order.refunded_total = due
    if not due:
        return
    remaining = due
    newest_first = life.payments[::-1]
    newest_first.sort(key=lambda payment: not payment.is_voucher_spent)
    for payment in newest_first:
        amount = min(payment.amount, remaining)
        if not amount:
            break
        remaining -= amount
        life.refunds.append(refund_of(payment, amount, at, facts, reason=order.status))
        life.told += told_of_refund(life.refunds[-1])
        life.tell("refunded", at + 30 * MINUTE, SYSTEM, amount=str(amount))
    life.paper(DocumentKind.CREDIT_NOTE, at + MINUTE, amount=due)


def refund_of(payment: Payment, amount: Decimal, at: dt.datetime, facts: Facts, *, reason: str) -> Refund:
    """Asked for at a moment and through half an hour later."""
    reference = facts.reference("R")
    return Refund(
        reference=reference,
        payment=payment,
        amount=amount,
        status=Refund.Status.SUCCEEDED,
        reason=reason,
        provider_reference=f"{KEY}-{reference}" if payment.method == Payment.Method.ONLINE else None,
        created_at=at + MINUTE,
        settled_at=at + 30 * MINUTE,
        next_attempt_at=at + MINUTE,
        attempts_made=1,
    )


def told_of_refund(refund: Refund) -> list[Told]:
    asked, done = Refund.Status.REQUESTED, Refund.Status.SUCCEEDED
    return [
        Told(refund, "requested", refund.created_at, SYSTEM, to_status=asked),
        Told(refund, done, refund.settled_at, SYSTEM, asked, done),
    ]
