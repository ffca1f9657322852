"""A dealership with a demo car, and slots to book in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from dealers.models import Appointment, Dealership, DemoCar
from dealers.services import request_test_drive
from dealers.slots import Slot, free_slots
from o2o_platform.journal.models import Actor
from tests import factories

SHANGHAI_MORNING = datetime(2027, 5, 12, 0, 0, tzinfo=UTC)


def make_place(*, cars: int = 1, **fields: Any) -> tuple[Dealership, Any]:
    """A dealership and the trim of its demo cars."""
    trim = factories.make_trim()
    dealership = factories.make_dealership(brands=[trim.vehicle_model.brand], **fields)
    for _ in range(cars):
        factories.make_demo_car(dealership, trim)
    return dealership, trim


def slots_of(dealership: Dealership, trim: Any, days: int = 3) -> list[Slot]:
    today = timezone.now().astimezone(dealership.zone).date()
    return free_slots(dealership, trim.pk, today + timedelta(days=1), days)


def book(dealership: Dealership, trim: Any, slot: Slot | datetime, buyer: Any = None, **fields: Any) -> Appointment:
    buyer = buyer or factories.make_buyer()
    starts_at = slot.starts_at if isinstance(slot, Slot) else slot
    return request_test_drive(
        dealership=dealership, trim_id=trim.pk, buyer=buyer, starts_at=starts_at, actor=Actor.buyer(buyer), **fields
    )


def only_car(dealership: Dealership) -> DemoCar:
    return dealership.demo_cars.get()
