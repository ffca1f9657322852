"""What a dealership's own system is told, and in how many bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

# Standard Webhooks: a body stays below 20 kB.
BODY_LIMIT = 20_000
# Texts are cut to these lengths, one after the other, until a message is small enough.
CUTS = (2_000, 500, 120)
KEPT_IN_A_LIST = 20


class OrderData(TypedDict):
    """Sums as decimal strings in `currency`, times as ISO 8601 with offset."""

    reference: str
    status: str
    placed_at: str
    currency: str
    contract_total: str
    deposit_amount: str
    paid_total: str
    channel: str
    sales_model: str


class VehicleData(TypedDict):
    """The car; `vin` is missing where only a trim is meant, as in a test drive."""

    vin: NotRequired[str]
    brand: str
    model: str
    trim: str
    model_year: int
    colour: NotRequired[str]


class TradeInData(TypedDict):
    """The buyer's present car; `car` is make and model as the buyer wrote them."""

    reference: str
    status: str
    car: str
    vin: NotRequired[str]
    first_registered_on: str
    mileage_km: int
    condition: NotRequired[str]


class BuyerData(TypedDict):
    """Who to call; phone as E.164, empty when unknown."""

    name: str
    phone: str
    email: str


class DealershipData(TypedDict):
    code: str
    name: str


class AppointmentData(TypedDict):
    """A test drive; times as ISO 8601 with offset; `place` is store or home, then with the buyer's `address`."""

    reference: str
    status: NotRequired[str]
    starts_at: str
    ends_at: str
    place: NotRequired[str]
    address: NotRequired[str]


class InterestData(TypedDict):
    """Somebody waits for a car that can now be ordered in their city; asked as ISO 8601 with offset."""

    reference: str
    asked_at: str
    city: str


class HandoffData(TypedDict):
    """The `data` of a handoff. At least one of `order`, `appointment`, `trade_in` and `interest` is there."""

    vehicle: NotRequired[VehicleData | None]
    buyer: BuyerData
    dealership: DealershipData
    order: NotRequired[OrderData | None]
    appointment: NotRequired[AppointmentData | None]
    trade_in: NotRequired[TradeInData | None]
    interest: NotRequired[InterestData | None]


def compose_message(topic: str, payload: HandoffData | Mapping[str, Any], *, told_at: str) -> dict[str, Any]:
    """The message of a handoff: below 20 kB as JSON, with `"truncated": true` where texts had to be cut."""
    message = json.loads(json.dumps({"type": topic, "timestamp": told_at, "data": payload}, default=str))
    for length in CUTS:
        if len(to_json(message).encode()) < BODY_LIMIT:
            break
        message = {**message, "data": _cut(message["data"], length), "truncated": True}
    return message


def to_json(message: Mapping[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def _cut(value: Any, length: int) -> Any:
    """The same shape with long texts and lists cut short; a cut text ends in an ellipsis."""
    if isinstance(value, str):
        return value if len(value) <= length else value[: length - 1] + "…"
    if isinstance(value, list):
        return [_cut(each, length) for each in value[:KEPT_IN_A_LIST]]
    if isinstance(value, dict):
        return {key: _cut(each, length) for key, each in value.items()}
    return value


def reference_of(data: Mapping[str, Any]) -> str:
    """The number of what a handoff is about."""
    kinds = ("order", "appointment", "trade_in", "interest")
    return next(part["reference"] for kind in kinds if (part := data.get(kind)))
