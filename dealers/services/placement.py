"""Putting a test drive at a time: which car, which advisor, and the database's last word.

Locks are taken in this order: buyer, dealership, appointment. The dealership's lock makes
bookings of one place queue up, which its limit of parallel drives needs (no constraint can
count); cars and advisors are guarded by exclusion constraints whoever writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from o2o_platform.journal.services import lock

from ..exceptions import AdvisorBusy, NoDemoCar, NotASlot, NotTheirAdvisor, OutsideHours, OutsideWindow, SlotTaken
from ..hours import open_intervals
from ..models import Appointment, Dealership, Membership
from ..slots import Grid, busy_between, car_choice, compute_slots, free_cars

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


def period(dealership: Dealership, starts_at: datetime) -> dict[str, object]:
    """The columns that say when: start, end, and both with the buffer."""
    ends_at = starts_at + timedelta(minutes=dealership.slot_minutes)
    blocked = DateTimeTZRange(starts_at, ends_at + timedelta(minutes=dealership.buffer_minutes))
    return {"starts_at": starts_at, "ends_at": ends_at, "blocked": blocked}


def cars_for_slot(
    dealership: Dealership, trim: object, starts_at: datetime, *, now: datetime, moving_id: int | None = None
) -> tuple[int, ...]:
    """The demo cars free in the buyer's slot at `starts_at`, best first.

    Raises NoDemoCar, OutsideWindow, OutsideHours, NotASlot or SlotTaken. The dealership is locked.
    """
    choice = car_choice(dealership, trim) if trim else None
    if choice is None:
        raise NoDemoCar
    grid = Grid.of(dealership, now)
    if not grid.earliest <= starts_at <= grid.latest:
        raise OutsideWindow
    hours = open_hours_around(dealership, starts_at, grid.slot)
    car_ids = [car.pk for car in choice.cars]
    starts = (slot.starts_at for slot in compute_slots(hours, (), car_ids=car_ids, grid=grid))
    if starts_at not in starts:
        raise NotASlot
    busy = busy_between(dealership, choice, starts_at, starts_at + grid.slot + grid.buffer, moving_id=moving_id)
    free = free_cars(starts_at, busy, car_ids=car_ids, grid=grid)
    if not free:
        raise SlotTaken
    return free


def cars_for_proposal(appointment: Appointment, starts_at: datetime, *, now: datetime) -> tuple[int, ...]:
    """The demo cars free at a time the dealership itself offers: any minute of its open hours to come."""
    dealership = appointment.dealership
    choice = car_choice(dealership, appointment.trim)
    if choice is None:
        raise NoDemoCar
    grid = Grid.of(dealership, now)
    if not now < starts_at <= grid.latest:
        raise OutsideWindow
    open_hours_around(dealership, starts_at, grid.slot)
    busy = busy_between(dealership, choice, starts_at, starts_at + grid.slot + grid.buffer, moving_id=appointment.pk)
    free = free_cars(starts_at, busy, car_ids=[car.pk for car in choice.cars], grid=grid)
    if not free:
        raise SlotTaken
    return free


def open_hours_around(dealership: Dealership, starts_at: datetime, length: timedelta) -> list:
    """The open hours that hold a drive from `starts_at`. Raises OutsideHours."""
    day = starts_at.astimezone(dealership.zone).date()
    start, end = starts_at.astimezone(UTC), starts_at.astimezone(UTC) + length
    holding = [
        interval
        for interval in open_intervals(dealership, day)
        if interval.start.astimezone(UTC) <= start and end <= interval.end.astimezone(UTC)
    ]
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

    Raises NotTheirAdvisor, AdvisorBusy.
    """
    dealership = appointment.dealership
    members = Membership.objects.filter(dealership=dealership, is_active=True, user__is_active=True)
    if advisor is not None:
        if not members.filter(user=advisor).exists():
            raise NotTheirAdvisor
        members = members.filter(user=advisor)
    span = period(dealership, starts_at)["blocked"] if starts_at else appointment.blocked
    taken = Appointment.objects.filter(status__in=Appointment.LIVE, blocked__overlap=span, advisor__isnull=False)
    busy_ids = taken.exclude(pk=appointment.pk).values("advisor_id")
    free = list(members.exclude(user__in=busy_ids).order_by("role", "pk").values_list("user_id", flat=True))
    if not free:
        raise AdvisorBusy
    return iter(free)
