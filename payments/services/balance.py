"""The balance, paid at the dealership in one or several parts."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from o2o_platform.journal.models import Actor
from o2o_platform.journal.references import new_reference
from o2o_platform.journal.services import lock, record_event
from orders.exceptions import WrongAmount
from orders.models import Order
from orders.services import apply_balance

from ..models import Payment

METHODS = (Payment.Method.CASH, Payment.Method.CARD, Payment.Method.TRANSFER, Payment.Method.LOAN)


def record_balance(
    order_id: int, *, method: str, amount: Decimal, actor: Actor, idempotency_key: str, note: str = ""
) -> Payment:
    """Record a part of the balance received; the same key records it once.

    Raises WrongAmount for a sum below a cent, above what is due, or not in cents.
    """
    if method not in METHODS or amount != amount.quantize(Decimal("0.01")):
        raise WrongAmount
    with transaction.atomic():
        lock(Order, pk=order_id)
        if earlier := Payment.objects.filter(idempotency_key=idempotency_key, order_id=order_id).first():
            return earlier
        apply_balance(order_id, amount=amount, actor=actor, method=method)
        payment = Payment.objects.create(
            reference=new_reference("P"),
            order_id=order_id,
            purpose=Payment.Purpose.BALANCE,
            method=method,
            amount=amount,
            status=Payment.Status.SUCCEEDED,
            is_applied=True,
            settled_at=timezone.now(),
            idempotency_key=idempotency_key,
            note=note,
        )
        record_event(payment, "received", actor=actor, to_status=payment.status)
    return payment
