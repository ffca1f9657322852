"""Starting to pay a deposit online."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from o2o_platform.interface.shops import platform_url, site_root
from o2o_platform.journal.references import new_reference
from o2o_platform.journal.services import lock
from orders.exceptions import OrderError
from orders.models import Order

from ..models import Payment
from ..providers.base import provider

FIRST_CHECK = timedelta(seconds=30)


class NotPayable(OrderError):
    """Raised when the hold ran out, the deposit is paid, or the order ended."""

    code = "not_payable"
    text = _("No deposit is to be paid for this order now.")


def start_deposit(order_id: int, *, idempotency_key: str, provider_name: str | None = None) -> Payment:
    """A pending payment of the order's deposit with its checkout address; the same key gives the same payment.

    The provider is called after the row is committed: a checkout nobody remembers can't exist.
    Raises NotPayable, ProviderUnavailable.
    """
    name = provider_name or settings.DEFAULT_PAYMENT_PROVIDER
    provider(name)
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        payment = Payment.objects.filter(idempotency_key=idempotency_key).first()
        if payment is not None and (payment.order_id, payment.purpose) != (order.pk, Payment.Purpose.DEPOSIT):
            raise NotPayable
        is_open = payment is None or payment.status == Payment.Status.PENDING
        if is_open and (order.status != Order.Status.PLACED or order.hold_expires_at <= timezone.now()):
            raise NotPayable
        if payment is None:
            payment = Payment.objects.create(
                reference=new_reference("P"),
                order=order,
                purpose=Payment.Purpose.DEPOSIT,
                provider=name,
                amount=order.deposit_amount,
                idempotency_key=idempotency_key,
                next_check_at=timezone.now() + FIRST_CHECK,
            )
    if not payment.checkout_url:
        open_checkout(payment)
    return payment


def open_checkout(payment: Payment) -> None:
    """Ask the provider for a checkout of a committed payment and keep its address. Raises ProviderUnavailable."""
    checkout = provider(payment.provider).create_checkout(
        payment,
        return_url=site_root() + reverse("payments:return", args=[payment.reference]),
        notify_url=platform_url("payments:notice", payment.provider),
    )
    payment.checkout_url, payment.provider_reference = checkout.url, checkout.provider_reference
    payment.save(update_fields=["checkout_url", "provider_reference"])
