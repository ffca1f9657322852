"""Selling in the showroom, from the same stock that is online."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from catalog.models import Availability, StockUnit
from catalog.naming import by_colour, by_trim
from o2o_platform.accounts.identifiers import Identifier, normalise_phone
from o2o_platform.accounts.models import User
from o2o_platform.interface.searching import by_vin, narrowed
from o2o_platform.interface.verbs import INPUT
from o2o_platform.journal.models import Actor, ActorKind
from o2o_platform.journal.retry import retry_on_deadlock

from ..models import Claim, Order
from ..services import sell_offline

FOUND, FOUND_UNASKED = 20, 8
LARGEST_ID = 2**63 - 1


class Till(Protocol):
    """Takes money at the counter; the layer above registers it."""

    methods: Sequence[tuple[str, Any]]

    def take(self, order: Order, *, method: str, amount: Decimal, actor: Actor, key: str) -> None:
        """Record money received for the order, in the caller's transaction. Raises OrderError."""


_tills: list[Till] = []


def register_till(till: Till) -> None:
    """From now on money is taken with the sale; another till replaces the one before."""
    _tills[:] = [till]


class SellForm(forms.Form):
    """Which car, who buys it, and what is paid at once."""

    class Payment(models.TextChoices):
        NONE = "none", _lazy("Nothing yet")
        PART = "part", _lazy("A part")
        FULL = "full", _lazy("All of it")

    key = forms.RegexField(r"\A[A-Za-z0-9_-]{16,64}\Z", required=False, widget=forms.HiddenInput)
    unit = forms.IntegerField(
        min_value=1,
        max_value=LARGEST_ID,
        widget=forms.HiddenInput,
        error_messages={"required": _lazy("Choose a car first."), "invalid": _lazy("Choose a car first.")},
    )
    phone = forms.CharField(
        label=_lazy("Buyer's phone"),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off", "class": INPUT}),
    )
    name = forms.CharField(
        label=_lazy("Buyer's name"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": INPUT}),
    )

    payment = forms.ChoiceField(
        label=_lazy("Paid now"),
        choices=Payment,
        required=False,
        widget=forms.Select(attrs={"class": INPUT, "data-payment": ""}),
    )
    amount = forms.DecimalField(
        label=_lazy("Amount, if a part"),
        required=False,
        max_digits=12,
        decimal_places=2,
        min_value=Decimal("0.01"),
        widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal", "class": f"{INPUT} desk-money"}),
    )
    method = forms.ChoiceField(label=_lazy("Method"), required=False, widget=forms.Select(attrs={"class": INPUT}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = f"sale-{uuid.uuid4().hex}"
        if not _tills:
            for name in ("payment", "amount", "method"):
                del self.fields[name]
        else:
            self.fields["method"].choices = _tills[0].methods  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        return normalise_phone(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("payment") == self.Payment.PART and not data.get("amount") and "amount" not in self.errors:
            self.add_error("amount", _("Enter the sum received."))
        return data

    @property
    def received(self) -> Received | None:
        """What is paid at once; only of a valid form."""
        data = self.cleaned_data
        payment = data.get("payment") or self.Payment.NONE
        if payment == self.Payment.NONE:
            return None
        amount = data["amount"] if payment == self.Payment.PART else None
        return Received(data["method"] or _tills[0].methods[0][0], amount)


@dataclass(frozen=True, slots=True)
class Received:
    """Money taken with a sale; `amount` None is the whole price."""

    method: str
    amount: Decimal | None


def own_units(places: frozenset[int] | None) -> models.QuerySet[StockUnit]:
    """The cars a person may sell: those of the dealerships `places`; None means all dealerships."""
    units = StockUnit.objects.filter(dealership__isnull=False)
    units = units if places is None else units.filter(dealership_id__in=places)
    return units.select_related("trim__vehicle_model__brand", "colour", "dealership", "market")


def find_units(places: frozenset[int] | None, text: str) -> list[StockUnit]:
    """Cars by VIN ending or model, free ones first; cars that are gone are found too, to say why."""
    units = narrowed(own_units(places), (by_vin(), by_trim, by_colour), text)
    is_free = models.Case(models.When(availability=Availability.AVAILABLE, then=0), default=1)
    return list(units.order_by(is_free, "-pk")[: FOUND if text.strip() else FOUND_UNASKED])


def why_taken(unit: StockUnit, claim: Claim | None) -> str:
    """Why a car can't be sold now, fit for the advisor; empty when it can. `claim` is its live claim."""
    if unit.availability == Availability.AVAILABLE:
        return ""
    if unit.availability == Availability.WITHDRAWN:
        return _("Off sale. Put it on sale in the stock first.")
    if unit.availability == Availability.SOLD:
        return _("Sold.")
    if claim is None:
        return _("Held.")
    order = claim.order
    if order.status == Order.Status.PLACED:
        until = order.hold_expires_at.astimezone(unit.dealership.zone)
        return _("Held online until %(time)s, while its buyer pays the deposit.") % {"time": f"{until:%H:%M}"}
    return _("Belongs to order %(order)s.") % {"order": order.reference}


@retry_on_deadlock
def sell(
    unit: StockUnit,
    *,
    phone: str,
    name: str,
    actor: Actor,
    key: str = "",
    received: Received | None = None,
    advisor: User | None = None,
) -> Order:
    """Sell a car to whoever has this phone number and take the money, in one step: all of it happens or nothing.

    The same `key` again is the same sale. Without an `advisor` named it is the person who sells.
    Raises OrderError; then no new account is left behind.
    """
    seller_id = actor.user_id if actor.kind == ActorKind.DEALER else None
    with transaction.atomic():
        order = sell_offline(
            unit_id=unit.pk,
            dealership_id=unit.dealership_id,
            buyer=buyer_of(phone, name, language=unit.market.languages[0]),
            buyer_name=name,
            actor=actor,
            advisor_id=advisor.pk if advisor else seller_id,
            idempotency_key=key or None,
        )
        if received is not None:
            amount = order.contract_total if received.amount is None else received.amount
            paid_key = f"{key or order.reference}-paid"
            _tills[0].take(order, method=received.method, amount=amount, actor=actor, key=paid_key)
    return order


def buyer_of(phone: str, name: str, *, language: str) -> User:
    """The account of a phone number; a new one is unverified until a code proves the number."""
    buyer = Identifier(phone=phone).find_or_create_user(language=language)
    if not buyer.is_active:
        raise ValidationError(_("This account is closed."))
    if not buyer.name:
        buyer.name = name
        buyer.save(update_fields=["name"])
    return buyer


def facts_of(units: list[StockUnit]) -> list[dict[str, Any]]:
    """The cars found, each with why it can't be had; one query for all."""
    live = Claim.objects.filter(stock_unit__in=units, released_at__isnull=True).select_related("order")
    claims = {claim.stock_unit_id: claim for claim in live}
    return [{"unit": unit, "taken": why_taken(unit, claims.get(unit.pk))} for unit in units]
