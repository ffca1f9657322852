"""Adapter to the built-in sandbox provider. Its other side is `payments.sandbox`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from .base import BadNotice, Checkout, ProviderState, ProviderUnavailable

if TYPE_CHECKING:
    from ..models import Payment, Refund

MINOR_UNITS = 100


class SandboxProvider:
    name = "sandbox"

    def create_checkout(self, payment: Payment, *, return_url: str, notify_url: str) -> Checkout:
        from ..sandbox import bank

        charge = bank.open_charge(
            merchant_reference=payment.reference,
            amount_minor=int(payment.amount * MINOR_UNITS),
            currency=payment.currency,
            description=payment.subject.reference,
            return_url=return_url,
            notify_url=notify_url,
        )
        return Checkout(settings.SITE_URL + reverse("sandbox:cashier", args=[charge.number]), charge.number)

    def parse_notice(self, headers: Mapping[str, str], body: bytes) -> ProviderState:
        from ..sandbox import signing

        if not signing.verify(headers.get("X-Sandbox-Signature", ""), body):
            raise BadNotice("signature")
        try:
            data = json.loads(body)
            return _state(data)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise BadNotice("body") from error

    def query(self, payment: Payment) -> ProviderState:
        from ..sandbox import bank

        try:
            return _state(bank.read_charge(payment.reference))
        except bank.UnknownCharge as error:
            raise ProviderUnavailable("unknown charge") from error

    def refund(self, refund: Refund) -> str:
        from ..sandbox import bank

        try:
            return bank.refund_charge(
                payment_reference=refund.payment.reference,
                merchant_reference=refund.reference,
                amount_minor=int(refund.amount * MINOR_UNITS),
            )
        except bank.UnknownCharge as error:
            raise ProviderUnavailable("unknown charge") from error


def _state(data: Mapping[str, str | int]) -> ProviderState:
    """The provider's words in ours."""
    statuses = {
        "open": "pending",
        "paid": "succeeded",
        "refused": "failed",
        "cancelled": "cancelled",
        "timed_out": "timed_out",
    }
    return ProviderState(
        payment_reference=str(data["merchant_reference"]),
        provider_reference=str(data["number"]),
        status=statuses[str(data["status"])],
        amount=Decimal(int(data["amount_minor"])) / MINOR_UNITS,
        currency=str(data["currency"]),
    )
