"""The sandbox provider's side: it keeps its own books and knows nothing of orders."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.db.models import F

from .models import Charge, ChargeRefund


class UnknownCharge(Exception):
    """No charge with that number."""


class AlreadyDecided(Exception):
    """The charge was paid, refused or closed before."""


def open_charge(
    *, merchant_reference: str, amount_minor: int, currency: str, description: str, return_url: str, notify_url: str
) -> Charge:
    """A charge waiting at the cashier; the same merchant reference gives the same charge."""
    charge, _created = Charge.objects.get_or_create(
        merchant_reference=merchant_reference,
        defaults={
            "number": f"sbx_{secrets.token_hex(12)}",
            "amount_minor": amount_minor,
            "currency": currency,
            "description": description,
            "return_url": return_url,
            "notify_url": notify_url,
        },
    )
    return charge


def decide_charge(number: str, status: str) -> Charge:
    """What the payer did at the cashier; only an open charge can be decided. Raises AlreadyDecided, UnknownCharge."""
    decided = Charge.objects.filter(number=number, status=Charge.Status.OPEN).update(status=status)
    try:
        charge = Charge.objects.get(number=number)
    except Charge.DoesNotExist as error:
        raise UnknownCharge(number) from error
    if not decided:
        raise AlreadyDecided(number)
    return charge


def read_charge(merchant_reference: str) -> dict[str, str | int]:
    """The charge as the provider's API shows it. Raises UnknownCharge."""
    charge = Charge.objects.filter(merchant_reference=merchant_reference).first()
    if charge is None:
        raise UnknownCharge(merchant_reference)
    return charge_json(charge)


def charge_json(charge: Charge) -> dict[str, str | int]:
    """The body of notices and of the answer to a query."""
    return {
        "number": charge.number,
        "merchant_reference": charge.merchant_reference,
        "status": charge.status,
        "amount_minor": charge.amount_minor,
        "currency": charge.currency,
    }


def refund_charge(*, payment_reference: str, merchant_reference: str, amount_minor: int) -> str:
    """Give money back once per merchant reference, never more than was paid. Returns the refund's number."""
    with transaction.atomic():
        charge = Charge.objects.select_for_update(no_key=True).filter(merchant_reference=payment_reference).first()
        if charge is None or charge.status != Charge.Status.PAID:
            raise UnknownCharge(payment_reference)
        refund, created = ChargeRefund.objects.get_or_create(
            merchant_reference=merchant_reference,
            defaults={"charge": charge, "number": f"rfd_{secrets.token_hex(12)}", "amount_minor": amount_minor},
        )
        if created:
            Charge.objects.filter(pk=charge.pk).update(refunded_minor=F("refunded_minor") + amount_minor)
    return refund.number
