"""The balance of a direct sale: paid online in parts, or by the loan that was approved."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from o2o_platform.journal.models import Actor
from o2o_platform.journal.references import new_reference
from o2o_platform.journal.services import lock
from orders.exceptions import WrongAmount
from orders.models import Order
from orders.services.direct import takes_online_balance
from orders.services.direct.financing import check_payable_by_loan

from ..models import Payment
from ..providers.base import provider
from .balance import ReceiptChanged, record_balance
from .deposit import FIRST_CHECK, NotPayable, open_checkout

CENT = Decimal("0.01")


def start_balance(order_id: int, *, amount: Decimal, idempotency_key: str, provider_name: str | None = None) -> Payment:
    """A pending payment of a part of the balance with its checkout address; the same key gives the same payment.

    Parts may be of any size in whole cents up to what is still due. The provider is called after the
    row is committed. Raises WrongAmount, ReceiptChanged, NotPayable, ProviderUnavailable.
    """
    name = provider_name or settings.DEFAULT_PAYMENT_PROVIDER
    provider(name)
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        payment = Payment.objects.filter(idempotency_key=idempotency_key).first()
        if payment is None:
            payment = _begin(order, amount, idempotency_key, name)
        elif (payment.order_id, payment.purpose, payment.amount) != (order.pk, Payment.Purpose.BALANCE, amount):
            raise ReceiptChanged
        elif payment.status == Payment.Status.PENDING and not takes_online_balance(order):
            raise NotPayable
    if not payment.checkout_url:
        open_checkout(payment)
    return payment


def _begin(order: Order, amount: Decimal, key: str, provider_name: str) -> Payment:
    if not takes_online_balance(order):
        raise NotPayable
    if not CENT <= amount <= order.balance_due or amount != amount.quantize(CENT):
        raise WrongAmount
    return Payment.objects.create(
        reference=new_reference("P"),
        order=order,
        purpose=Payment.Purpose.BALANCE,
        provider=provider_name,
        amount=amount,
        idempotency_key=key,
        next_check_at=timezone.now() + FIRST_CHECK,
    )


def pay_by_loan(order_id: int, *, actor: Actor, note: str = "") -> Payment:
    """The lender paid all that is still due; said twice it counts once. Raises LoanNotOpen, DownPaymentNeeded."""
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        key = f"loan-{order.reference}"
        if earlier := Payment.objects.filter(idempotency_key=key).first():
            return earlier
        check_payable_by_loan(order)
        return record_balance(
            order.pk,
            method=Payment.Method.LOAN,
            amount=order.balance_due,
            actor=actor,
            idempotency_key=key,
            note=note,
        )
