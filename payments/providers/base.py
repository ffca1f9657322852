"""The port every payment provider fills. Amounts are Decimals here; minor units stay inside adapters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from ..models import Payment, Refund


class ProviderUnavailable(Exception):
    """The provider did not answer, not in time, or is not set up here; ask again later."""


class BadNotice(Exception):
    """A notice that is not the provider's: wrong signature, too old, or not readable."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where to send the buyer, and the provider's number of the payment."""

    url: str
    provider_reference: str


@dataclass(frozen=True, slots=True)
class ProviderState:
    """What a provider says of a payment. `status` is a `Payment.Status`; `amount` in the payment's currency."""

    payment_reference: str
    provider_reference: str
    status: str
    amount: Decimal
    currency: str


class Provider(Protocol):
    """An online payment provider. Every call may raise ProviderUnavailable; none runs inside a transaction."""

    name: str

    def create_checkout(self, payment: Payment, *, return_url: str, notify_url: str) -> Checkout:
        """Open a checkout; the same payment asked twice gives the same checkout."""

    def parse_notice(self, headers: Mapping[str, str], body: bytes) -> ProviderState:
        """Verify and read an asynchronous notice. Raises BadNotice."""

    def query(self, payment: Payment) -> ProviderState:
        """Ask for the state of a payment."""

    def refund(self, refund: Refund) -> str:
        """Refund; the same refund asked twice is made once. Returns the provider's number of it."""


def provider(name: str) -> Provider:
    """The provider of that name. Raises ProviderUnavailable when it is not set up here."""
    if name not in settings.PAYMENT_PROVIDERS:
        raise ProviderUnavailable(f"{name} is not set up here")
    factory: Callable[[], Provider] = import_string(settings.PAYMENT_PROVIDERS[name])
    return factory()
