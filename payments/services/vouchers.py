"""The money of vouchers: the price paid online, the worth counted for an order, the price given back.

A voucher spent is a payment of the order's balance by the method `voucher`. Its amount is what the platform
owes the dealership for it. When the order is cancelled it goes back as the voucher, never as cash.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.journal.references import new_reference
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import WrongState, lock, record_event
from orders.models import Order, Voucher
from orders.services import apply_balance
from orders.services.voucher_messages import tell_of_voucher
from orders.services.vouchers import end_voucher, find_voucher, spend_voucher

from ..models import Payment, Refund
from ..providers.base import provider
from .deposit import FIRST_CHECK, NotPayable, open_checkout

Status = Voucher.Status


class VoucherNotPayable(NotPayable):
    """Raised when its time to be paid is over, or it is paid."""

    text = _("This voucher is not waiting for a payment now.")


def start_voucher(voucher_id: int, *, idempotency_key: str, provider_name: str | None = None) -> Payment:
    """A pending payment of the voucher's price with its checkout address; the same key gives the same payment.

    The provider is called after the row is committed. Raises VoucherNotPayable, ProviderUnavailable.
    """
    name = provider_name or settings.DEFAULT_PAYMENT_PROVIDER
    provider(name)
    with transaction.atomic():
        voucher = lock(Voucher, pk=voucher_id)
        payment = Payment.objects.filter(idempotency_key=idempotency_key).first()
        if payment is not None and (payment.voucher_id, payment.purpose) != (voucher.pk, Payment.Purpose.VOUCHER):
            raise VoucherNotPayable
        is_open = payment is None or payment.status == Payment.Status.PENDING
        if is_open and (voucher.status != Status.PENDING or voucher.hold_expires_at <= timezone.now()):
            raise VoucherNotPayable
        if payment is None:
            payment = Payment.objects.create(
                reference=new_reference("P"),
                voucher=voucher,
                purpose=Payment.Purpose.VOUCHER,
                provider=name,
                amount=voucher.price,
                idempotency_key=idempotency_key,
                next_check_at=timezone.now() + FIRST_CHECK,
            )
    if not payment.checkout_url:
        open_checkout(payment)
    return payment


@retry_on_deadlock
def redeem_voucher(code: str, *, order_id: int, actor: Actor) -> Payment:
    """Spend the voucher with this code on an order: its worth, or what is still due if that is less, counts as paid.

    The order's contract price stays as it is. Of two that scan at once one wins. The same person sending it
    again for the same order gets the payment made before; a system has its key for that. Raises an OrderError.
    """
    voucher_id = find_voucher(code).pk
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        voucher = lock(Voucher, pk=voucher_id)
        spent = Payment.objects.filter(voucher=voucher, method=Payment.Method.VOUCHER)
        is_again = (voucher.order_id, voucher.redeemed_by_id) == (order_id, actor.user_id) and actor.user_id is not None
        if voucher.status == Status.REDEEMED and is_again:
            return spent.latest("pk")
        spend_voucher(voucher, order=order, actor=actor)
        amount = min(voucher.worth, order.balance_due)
        payment = Payment.objects.create(
            reference=new_reference("P"),
            order=order,
            voucher=voucher,
            purpose=Payment.Purpose.BALANCE,
            method=Payment.Method.VOUCHER,
            amount=amount,
            status=Payment.Status.SUCCEEDED,
            is_applied=True,
            settled_at=timezone.now(),
            # Unique: nobody spends it twice, unless the order it was spent on gave it back.
            idempotency_key=f"voucher-{voucher.reference}-{spent.count() + 1}",
            note=voucher.reference,
        )
        record_event(payment, "received", actor=actor, to_status=payment.status)
        apply_balance(order_id, amount=amount, actor=actor, method=Payment.Method.VOUCHER)
        tell_of_voucher(voucher, "voucher_spent", order=order, amount=amount)
    return payment


@retry_on_deadlock
def refund_voucher(voucher_id: int, *, actor: Actor) -> Voucher:
    """Give a voucher up before it is spent, for the whole price. Asked twice it is one refund. Raises WrongState."""
    with transaction.atomic():
        voucher = lock(Voucher, pk=voucher_id)
        if voucher.status == Status.REFUNDED:
            return voucher
        if voucher.status != Status.PAID:
            raise WrongState(voucher, Status.REFUNDED)
        end_voucher(voucher, Status.REFUNDED, actor=actor, reason="given up")
        _refund_price(voucher, reason="voucher_returned", actor=actor)
    return voucher


def refund_run_out(*, limit: int = 500) -> int:
    """End vouchers whose day has passed unspent, and open the refunds of their prices; returns how many.

    Those that came back from a cancelled order after their day are expired already, and refunded here too.
    """
    ids = list(Voucher.objects.run_out().values_list("pk", flat=True)[:limit])
    ids += _expired_and_owed().values_list("pk", flat=True)[:limit]
    return sum(_refund_unspent(voucher_id) for voucher_id in ids)


def _expired_and_owed() -> QuerySet[Voucher]:
    """Expired vouchers whose price was paid and is not on its way back."""
    return Voucher.objects.filter(
        status=Status.EXPIRED,
        payments__purpose=Payment.Purpose.VOUCHER,
        payments__is_applied=True,
        payments__refunds__isnull=True,
    )


def _refund_unspent(voucher_id: int) -> bool:
    with transaction.atomic():
        voucher = lock(Voucher, pk=voucher_id)
        if voucher.status == Status.PAID:
            end_voucher(voucher, Status.EXPIRED, actor=SYSTEM)
        if voucher.status != Status.EXPIRED or not _expired_and_owed().filter(pk=voucher_id).exists():
            return False
        _refund_price(voucher, reason="voucher_expired", actor=SYSTEM)
    return True


def _refund_price(voucher: Voucher, *, reason: str, actor: Actor) -> None:
    """Open the refund of the payment that counted for the voucher."""
    payment = Payment.objects.succeeded().get(voucher=voucher, purpose=Payment.Purpose.VOUCHER, is_applied=True)
    refund = Refund.objects.create(reference=new_reference("R"), payment=payment, amount=payment.amount, reason=reason)
    record_event(refund, "requested", actor=actor, to_status=refund.status)
