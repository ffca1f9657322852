"""The balance, paid at the dealership in one or several parts."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from o2o_platform.journal.models import Actor
from o2o_platform.journal.references import new_reference
from o2o_platform.journal.services import lock, record_event
from orders.exceptions import OrderError, WrongAmount
from orders.models import Order
from orders.services import apply_balance

from ..models import Payment

METHODS = (Payment.Method.CASH, Payment.Method.CARD, Payment.Method.TRANSFER, Payment.Method.LOAN)


class ReceiptChanged(OrderError):
    code = "receipt_changed"
    text = _("Another sum was recorded with this form. Open it anew for the next one.")


def record_balance(
    order_id: int, *, method: str, amount: Decimal, actor: Actor, idempotency_key: str, note: str = ""
) -> Payment:
    """Record a part of the balance received; the same key records it once.

    Raises WrongAmount for a sum below a cent, above what is due, or not in cents, and
    ReceiptChanged for the key of another receipt: a form gone back to must not swallow money.
    """
    if method not in METHODS or amount != amount.quantize(Decimal("0.01")):
        raise WrongAmount
    with transaction.atomic():
        lock(Order, pk=order_id)
        if earlier := Payment.objects.filter(idempotency_key=idempotency_key).first():
            if (earlier.order_id, earlier.method, earlier.amount) != (order_id, method, amount):
                raise ReceiptChanged
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
