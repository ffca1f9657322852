"""The waiting list of a full day: what becomes free is offered to the first in line, then to the next.

An open offer reserves its slot: whoever looks for free slots sees it as taken, except the one
it is made to. Offers and bookings of one dealership queue up at the dealership's lock, so
neither can miss the other.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import lock
from o2o_platform.notifications.services import notify

from ..exceptions import DayNotFull, NoDemoCar, NothingToWaitFor, TooManyWaits
from ..hours import open_spans
from ..models import Appointment, Dealership, DemoCar, WaitingEntry
from ..slots import Slot, car_choice, choose_cars, find_trim, free_slots_at, load_schedules

if TYPE_CHECKING:
    from o2o_platform.accounts.models import User

OFFER_LASTS = timedelta(minutes=30)
WAITS_PER_BUYER = 5
LINES_AT_ONCE = 500
Status = WaitingEntry.Status


@retry_on_deadlock
@transaction.atomic
def join_waiting_list(*, dealership: Dealership, trim_id: int, buyer: User, day: date) -> WaitingEntry:
    """Stand in line for a full day; who stands there already keeps their place.

    Raises NoDemoCar, NothingToWaitFor, DayNotFull, TooManyWaits.
    """
    buyer = lock(get_user_model(), pk=buyer.pk)
    mine = WaitingEntry.objects.filter(buyer=buyer, status__in=WaitingEntry.OPEN)
    if entry := mine.filter(dealership=dealership, day=day).first():
        return entry
    if mine.count() >= WAITS_PER_BUYER:
        raise TooManyWaits
    dealership = lock(Dealership, pk=dealership.pk)
    trim = find_trim(trim_id)
    choice = car_choice(dealership, trim) if trim and dealership.is_active else None
    if choice is None:
        raise NoDemoCar
    schedule = load_schedules({dealership: choice}, day, 1)[dealership.pk]
    if schedule.slots:
        raise DayNotFull
    if not schedule.takes_bookings(open_spans(dealership, day)):
        raise NothingToWaitFor
    return WaitingEntry.objects.create(dealership=dealership, trim_id=trim_id, buyer=buyer, day=day)


@retry_on_deadlock
@transaction.atomic
def leave_waiting_list(entry_id: int, *, now: datetime | None = None) -> bool:
    """Leave the line; a slot that was offered goes to the next. False when the wait was over already."""
    entry = WaitingEntry.objects.select_related("dealership").get(pk=entry_id)
    dealership = lock(Dealership, pk=entry.dealership_id)
    if not _open(pk=entry_id).update(status=Status.LEFT):
        return False
    offer_free_slots(dealership, entry.day, now=now)
    return True


def end_wait(appointment: Appointment) -> None:
    """Whoever books at a dealership waits there no longer for that day."""
    day = appointment.local_start.date()
    _open(buyer=appointment.buyer_id, dealership=appointment.dealership_id, day=day).update(status=Status.BOOKED)


def offer_waiting(now: datetime | None = None) -> int:
    """Let offers and days run out, and offer what is free to those in line; returns the offers made.

    Swept, so it finds whatever made a slot free, and two at once offer nothing twice.
    """
    now = now or timezone.now()
    _end_what_ran_out(now)
    lines = WaitingEntry.objects.filter(status=Status.WAITING).order_by("day", "dealership_id")
    found = list(lines.values_list("dealership_id", "day").distinct()[:LINES_AT_ONCE])
    return sum(_offer_line(dealership_id, day, now) for dealership_id, day in found)


@retry_on_deadlock
def _end_what_ran_out(now: datetime) -> None:
    WaitingEntry.objects.filter(status=Status.OFFERED, offered_until__lte=now).update(status=Status.LAPSED)
    # A day is over everywhere on Earth once it is over twelve hours west of UTC.
    over = (now - timedelta(hours=36)).date()
    WaitingEntry.objects.filter(status=Status.WAITING, day__lte=over).update(status=Status.LAPSED)


@retry_on_deadlock
@transaction.atomic
def _offer_line(dealership_id: int, day: date, now: datetime) -> int:
    return offer_free_slots(lock(Dealership, pk=dealership_id), day, now=now)


def offer_free_slots(dealership: Dealership, day: date, *, now: datetime | None = None) -> int:
    """Offer the free slots of a day to those in line, one each, in their order. The dealership is locked."""
    line = WaitingEntry.objects.filter(dealership=dealership, day=day, status=Status.WAITING).order_by("pk")
    entries = list(line.select_related("buyer", "trim__vehicle_model__brand"))
    if not entries or not dealership.is_active:
        return 0
    now = now or timezone.now()
    cars = list(
        DemoCar.objects.filter(dealership=dealership, is_active=True)
        .select_related("trim__vehicle_model")
        .order_by("pk")
    )
    made, nothing_for = 0, set()
    for entry in entries:
        choice = choose_cars(cars, entry.trim)
        if choice is None or choice.cars in nothing_for:
            continue
        found = free_slots_at({dealership: choice}, day, 1, now=now, answer_time=OFFER_LASTS)
        if slots := found[dealership.pk]:
            _offer(entry, dealership, slots[0], until=now + OFFER_LASTS)
            made += 1
        else:
            nothing_for.add(choice.cars)
    return made


def _offer(entry: WaitingEntry, dealership: Dealership, slot: Slot, *, until: datetime) -> None:
    entry.dealership = dealership
    entry.status, entry.starts_at, entry.offered_until = Status.OFFERED, slot.starts_at, until
    entry.demo_car_id = slot.demo_car_ids[0]
    entry.save(update_fields=["status", "starts_at", "offered_until", "demo_car"])
    notify(
        entry.buyer,
        "drive_offered",
        subject=entry,
        context={"entry": entry, "url": settings.SITE_URL + reverse("dealers:waiting", args=[entry.pk])},
        dedupe_key=f"drive_offered:{entry.pk}:{slot.moment}",
    )


def _open(**lookup: Any) -> QuerySet[WaitingEntry]:
    return WaitingEntry.objects.filter(status__in=WaitingEntry.OPEN, **lookup)
