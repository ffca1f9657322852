"""Putting a test drive at a time: which car, which advisor, and the database's last word.

Locks are taken in this order: buyer, dealership, appointment. The dealership's lock makes
bookings of one place queue up, which its limit of parallel drives needs (no constraint can
count); cars and advisors are guarded by exclusion constraints whoever writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from o2o_platform.journal.services import lock

from ..exceptions import AdvisorBusy, NoDemoCar, NotASlot, NotTheirAdvisor, OutsideHours, OutsideWindow, SlotTaken
from ..hours import open_spans
from ..models import Appointment, Dealership
from ..occupancy import Occupancy, load_occupancies
from ..slots import Grid, car_choice, free_cars

if TYPE_CHECKING:
    from o2o_platform.accounts.models import User

R = TypeVar("R")

CAR_FREE = "dealers_appointment_demo_car_free"
ADVISOR_FREE = "dealers_appointment_advisor_free"


def lock_with_dealership(appointment_id: int) -> Appointment:
    """The appointment, locked after its dealership. Raises Appointment.DoesNotExist."""
    dealership_id = Appointment.objects.values_list("dealership_id", flat=True).get(pk=appointment_id)
    dealership = lock(Dealership, pk=dealership_id)
    appointment = lock(Appointment, pk=appointment_id)
    appointment.dealership = dealership
    return appointment


def period(dealership: Dealership, starts_at: datetime, *, place: str = Appointment.Place.STORE) -> dict[str, Any]:
    """The columns that say when: start, end, and both with the ways and the buffer."""
    ends_at = starts_at + timedelta(minutes=dealership.slot_minutes)
    way = timedelta(minutes=dealership.home_drive_buffer_minutes if place == Appointment.Place.HOME else 0)
    blocked = DateTimeTZRange(starts_at - way, ends_at + way + timedelta(minutes=dealership.buffer_minutes))
    return {"starts_at": starts_at, "ends_at": ends_at, "blocked": blocked}


def cars_for_slot(
    dealership: Dealership,
    trim: object,
    starts_at: datetime,
    *,
    now: datetime,
    place: str = Appointment.Place.STORE,
    moving_id: int | None = None,
    buyer_id: int | None = None,
) -> tuple[int, ...]:
    """The demo cars free in the buyer's slot at `starts_at`, best first.

    Raises NoDemoCar, OutsideWindow, OutsideHours, NotASlot or SlotTaken. The dealership is locked.
    """
    choice = car_choice(dealership, trim) if trim else None
    if choice is None:
        raise NoDemoCar
    grid, start = Grid.of(dealership, now, place=place), int(starts_at.timestamp())
    if not grid.may_start(start):
        raise OutsideWindow
    hours = open_hours_around(dealership, starts_at, grid.slot)
    if starts_at.microsecond or not any(start in grid.starts(opened, closed) for opened, closed in hours):
        raise NotASlot
    taken = occupancy_at(dealership, starts_at, now=now, moving_id=moving_id, buyer_id=buyer_id)
    free = free_cars(start, taken, car_ids=[car.pk for car in choice.cars], grid=grid)
    if not free:
        raise SlotTaken
    return free


def cars_for_proposal(appointment: Appointment, starts_at: datetime, *, now: datetime) -> tuple[int, ...]:
    """The demo cars free at a time the dealership itself offers: any minute of its open hours to come.

    Who drives along is for the caller to find. Raises NoDemoCar, OutsideWindow, OutsideHours or SlotTaken.
    """
    dealership = appointment.dealership
    choice = car_choice(dealership, appointment.trim)
    if choice is None:
        raise NoDemoCar
    grid, start = Grid.of(dealership, now, place=appointment.place), int(starts_at.timestamp())
    if not now < starts_at or start > grid.latest:
        raise OutsideWindow
    open_hours_around(dealership, starts_at, grid.slot)
    taken = occupancy_at(dealership, starts_at, now=now, moving_id=appointment.pk)
    begins, ends = grid.blocked(start)
    free = taken.free_cars(begins, ends, [car.pk for car in choice.cars])
    if not free or not taken.has_room(np.array([begins]), np.array([ends]), grid.parallel)[0]:
        raise SlotTaken
    return free


def occupancy_at(
    dealership: Dealership,
    starts_at: datetime,
    *,
    now: datetime,
    moving_id: int | None = None,
    buyer_id: int | None = None,
) -> Occupancy:
    """What is taken at the dealership around a moment."""
    loaded = load_occupancies([dealership], starts_at, starts_at, now=now, moving_id=moving_id, buyer_id=buyer_id)
    return loaded[dealership.pk]


def refuse_what_is_gone(dealership_id: int, starts_at: datetime) -> None:
    """Refuse a time at which every demo car is out, or as many drives run as may, without waiting for a lock.

    In a rush on one slot nearly all come too late. Who passes is looked at again, under the lock. Raises SlotTaken.
    """
    values = {"place": dealership_id, "at": starts_at, "live": [str(status) for status in Appointment.LIVE]}
    with connection.cursor() as cursor:
        cursor.execute(_IS_GONE, values)
        (is_gone,) = cursor.fetchone() or (False,)
    if is_gone:
        raise SlotTaken


_IS_GONE = """
SELECT count(drive.id) >= place.parallel_drives
    OR count(drive.id) FILTER (WHERE car.is_active) >=
       (SELECT count(*) FROM dealers_democar own WHERE own.dealership_id = place.id AND own.is_active)
  FROM dealers_dealership place
  JOIN dealers_appointment drive ON drive.dealership_id = place.id AND drive.blocked @> %(at)s::timestamptz
   AND drive.starts_at BETWEEN %(at)s - interval '1 day' AND %(at)s + interval '1 day'
   AND drive.status = ANY(%(live)s)
  JOIN dealers_democar car ON car.id = drive.demo_car_id
 WHERE place.id = %(place)s
 GROUP BY place.id
"""


def open_hours_around(dealership: Dealership, starts_at: datetime, length: int) -> list[tuple[int, int]]:
    """The open hours that hold a drive of `length` seconds, as seconds since 1970. Raises OutsideHours."""
    day, start = starts_at.astimezone(dealership.zone).date(), starts_at.timestamp()
    hours = open_spans(dealership, day)
    holding = [(opened, closed) for opened, closed in hours if opened <= start and start + length <= closed]
    if not holding:
        raise OutsideHours
    return holding


def write_with_first_free(
    candidates: Iterable[int], write: Callable[[int], R], *, constraint: str, refused: type[Exception]
) -> R:
    """`write` with the first candidate that `constraint` lets through, each try in a savepoint; else `refused`."""
    for candidate in candidates:
        try:
            with transaction.atomic():
                return write(candidate)
        except IntegrityError as error:
            if violated_constraint(error) != constraint:
                raise
    raise refused


def violated_constraint(error: IntegrityError) -> str:
    """Name of the constraint that refused a write."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""


def advisor_candidates(
    appointment: Appointment, advisor: User | None, *, starts_at: datetime | None = None
) -> Iterator[int]:
    """Who may drive along: the advisor named, else those free then, advisors before managers.

    The appointment's own come first. Raises NotTheirAdvisor, AdvisorBusy.
    """
    dealership, now = appointment.dealership, timezone.now()
    taken = occupancy_at(dealership, starts_at or appointment.starts_at, now=now, moving_id=appointment.pk)
    if advisor is not None and advisor.pk not in (taken.advisors or {}):
        raise NotTheirAdvisor
    span = period(dealership, starts_at, place=appointment.place)["blocked"] if starts_at else appointment.blocked
    free = taken.free_advisors(int(span.lower.timestamp()), int(span.upper.timestamp()))
    if advisor is not None:
        free = [user for user in free if user == advisor.pk]
    if not free:
        raise AdvisorBusy
    return iter(sorted(free, key=lambda user: user != appointment.advisor_id))
