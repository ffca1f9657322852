"""Small worlds for reports: orders as they came to be, written straight into their tables."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from catalog.models import StockUnit
from dealers.models import Appointment, Dealership
from dealers.services.placement import period
from o2o_platform.journal.models import Event
from orders.models import Assignment, CampaignClaim, Order
from orders.reports import Ask, ask_for
from tests import factories

_numbers = itertools.count(1)
PAID = ("paid", "delivered", "returned")


def at(text: str, zone: Any = UTC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def make_sale(place: Dealership, placed_at: datetime, **fields: Any) -> Order:
    """An order of `place`, by default delivered; `delivered_at` and `cancelled_at` write their events."""
    moments = {name: fields.pop(f"{name}_at", None) for name in ("delivered", "cancelled")}
    status = fields.pop("status", "delivered" if moments["delivered"] else "reserved")
    unit = fields.pop("unit", None) or StockUnit.objects.filter(dealership=place).first()
    unit = unit or factories.make_unit(dealership=place, market=place.market)
    total = Decimal(fields.pop("total", "100000.00"))
    paid = total if status in PAID else Decimal(0) if status in ("placed", "expired") else Decimal(2000)
    values: dict[str, Any] = {
        "reference": f"R{next(_numbers):08d}",
        "buyer": fields.pop("buyer", None) or factories.make_buyer(),
        "market": place.market,
        "channel": "online_to_offline",
        "sales_model": "dealer",
        "status": status,
        "trim": unit.trim,
        "colour": unit.colour,
        "stock_unit": unit,
        "dealership": place,
        "buyer_name": "Buyer",
        "currency": place.market.currency,
        "price_lines": [],
        "contract_total": total,
        "on_the_road_total": total,
        "deposit_kind": "refundable",
        "deposit_amount": 2000,
        "paid_total": paid,
        "terms": factories.make_terms(place.market),
        "terms_accepted_at": placed_at,
        "refundable_until": placed_at + timedelta(hours=72),
        "hold_expires_at": placed_at + timedelta(minutes=30),
        "handover_code": "12345678",
        "placed_at": placed_at,
    }
    order = Order.objects.create(**values | fields)
    for name, moment in moments.items():
        if moment:
            write_event(order, name, moment)
    return order


def write_event(order: Order, status: str, moment: datetime) -> None:
    Event.objects.create(
        subject_type="orders.order", subject_id=order.pk, at=moment, name=status, to_status=status, actor_kind="system"
    )


def make_answer(order: Order, asked_at: datetime, answered_at: datetime, **fields: Any) -> Assignment:
    values = {"answer": "accepted", "answer_due_at": asked_at + timedelta(hours=4)} | fields
    place = values.pop("dealership", order.dealership)
    return Assignment.objects.create(
        order=order, dealership=place, offered_at=asked_at, answered_at=answered_at, **values
    )


def make_drive(place: Dealership, starts_at: datetime, status: str, **fields: Any) -> Appointment:
    trim = fields.pop("trim", None) or factories.make_trim()
    return Appointment.objects.create(
        reference=f"T{next(_numbers):08d}",
        dealership=place,
        buyer=fields.pop("buyer", None) or factories.make_buyer(),
        trim=trim,
        demo_car=factories.make_demo_car(place, trim),
        status=status,
        **period(place, starts_at),
    )


def make_place_in_campaign(campaign: Any, order: Order, claimed_at: datetime, **fields: Any) -> CampaignClaim:
    return CampaignClaim.objects.create(
        order=order, campaign=campaign, person=order.buyer, place=next(_numbers), claimed_at=claimed_at, **fields
    )


def november(**fields: Any) -> Ask:
    """The month most worlds are about."""
    return ask_for(**{"market": "CN", "first": "2014-11-01", "last": "2014-11-30", "by": "month"} | fields)
