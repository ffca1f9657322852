"""What the tests of order pages share: filling in forms and paying."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

from orders.models import Order
from payments.models import Payment
from payments.providers.base import ProviderState
from payments.sandbox import bank
from payments.services import settle_payment, start_deposit

HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')


def hidden_fields(response: HttpResponse) -> dict[str, str]:
    """The hidden fields a browser would send back, without the CSRF token."""
    fields = dict(HIDDEN.findall(response.content.decode()))
    fields.pop("csrfmiddlewaretoken", None)
    return fields


def fill_reserve(client: Client, query: dict[str, Any]) -> dict[str, str]:
    """The reserve form as a buyer fills it in."""
    return hidden_fields(client.get("/reserve/", query)) | {"buyer_name": "Li Lei", "accept": "1"}


def pay_deposit(order: Order) -> Payment:
    """The deposit paid at the sandbox, and the provider's word taken."""
    payment = start_deposit(order.pk, idempotency_key=f"pay-{order.pk}")
    bank.decide_charge(payment.provider_reference, "paid")
    state = ProviderState(payment.reference, payment.provider_reference, "succeeded", payment.amount, order.currency)
    settle_payment(state, provider_name="sandbox")
    order.refresh_from_db()
    return payment
