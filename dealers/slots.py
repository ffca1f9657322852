"""Free times for a test drive: open hours, less what is blocked, for the demo cars at hand.

A slot is free when one of the cars has nothing within the drive and its buffer, and when
the dealership has fewer than `parallel_drives` at any moment of it. The same function
decides what is shown and what may be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.utils import timezone

from .hours import Interval, day_bounds, open_intervals
from .models import Appointment, DemoCar

if TYPE_CHECKING:
    from .models import Dealership

MAX_DAYS = 90


class Match(StrEnum):
    """How near the demo car is to the car asked for."""

    TRIM = "trim"
    MODEL = "model"
    BRAND = "brand"


@dataclass(frozen=True, slots=True)
class CarChoice:
    """The demo cars that may serve, all equally near to what was asked for."""

    cars: tuple[DemoCar, ...]
    match: Match


@dataclass(frozen=True, slots=True)
class Busy:
    """A blocked range of one demo car, buffer included; UTC."""

    demo_car_id: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """A free time in the dealership's zone and the demo cars that are free then, best first."""

    starts_at: datetime
    ends_at: datetime
    demo_car_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The lengths that make slots, and from when to when a drive may start."""

    slot: timedelta
    buffer: timedelta
    parallel: int
    earliest: datetime
    latest: datetime

    @classmethod
    def of(cls, dealership: Dealership, now: datetime) -> Grid:
        return cls(
            slot=timedelta(minutes=dealership.slot_minutes),
            buffer=timedelta(minutes=dealership.buffer_minutes),
            parallel=dealership.parallel_drives,
            earliest=now + timedelta(hours=dealership.notice_hours),
            latest=last_moment(dealership, now),
        )


def last_moment(dealership: Dealership, now: datetime) -> datetime:
    """The end of the last bookable day, `window_days` after today at the dealership."""
    today = now.astimezone(dealership.zone).date()
    return day_bounds(dealership, today + timedelta(days=dealership.window_days))[1] - timedelta(microseconds=1)


def find_trim(trim_id: int) -> Any | None:
    """The published trim with its model and brand, or None."""
    trims = apps.get_model("catalog", "Trim")._default_manager
    return trims.filter(pk=trim_id, is_published=True).select_related("vehicle_model__brand").first()


def choose_cars(demo_cars: Iterable[DemoCar], trim: Any) -> CarChoice | None:
    """The demo cars of the trim; else of its model; else of its brand. Cars come with trim and model loaded."""
    cars = list(demo_cars)
    model = trim.vehicle_model
    for match, found in (
        (Match.TRIM, [car for car in cars if car.trim_id == trim.pk]),
        (Match.MODEL, [car for car in cars if car.trim.vehicle_model_id == model.pk]),
        (Match.BRAND, [car for car in cars if car.trim.vehicle_model.brand_id == model.brand_id]),
    ):
        if found:
            return CarChoice(tuple(found), match)
    return None


def car_choice(dealership: Dealership, trim: Any) -> CarChoice | None:
    """Which demo cars of the dealership serve for `trim`; None when it has none of the brand."""
    cars = DemoCar.objects.filter(dealership=dealership, is_active=True)
    return choose_cars(cars.select_related("trim__vehicle_model__brand").order_by("pk"), trim)


def free_slots(
    dealership: Dealership,
    trim_id: int,
    day_from: date,
    days: int,
    *,
    now: datetime | None = None,
    choice: CarChoice | None = None,
    moving_id: int | None = None,
) -> list[Slot]:
    """The free slots of `days` days from `day_from`, in order, at most 90 days: three queries whatever the number.

    `choice` saves looking the demo cars up again; `moving_id` is an appointment about to
    move, whose own time counts as free.
    """
    if choice is None:
        trim = find_trim(trim_id)
        choice = car_choice(dealership, trim) if trim else None
    if choice is None or days < 1:
        return []
    grid = Grid.of(dealership, now or timezone.now())
    wanted = bookable_days(dealership, grid, day_from, min(days, MAX_DAYS))
    if not wanted:
        return []
    start, end = day_bounds(dealership, wanted[0])[0], day_bounds(dealership, wanted[-1])[1]
    busy = busy_between(dealership, choice, start, end + grid.slot + grid.buffer, moving_id=moving_id)
    open_hours = [interval for day in wanted for interval in open_intervals(dealership, day)]
    return list(compute_slots(open_hours, busy, car_ids=[car.pk for car in choice.cars], grid=grid))


def bookable_days(dealership: Dealership, grid: Grid, day_from: date, days: int) -> list[date]:
    """The days from `day_from` on that overlap the dealership's booking window."""
    zone = dealership.zone
    first, last = grid.earliest.astimezone(zone).date(), grid.latest.astimezone(zone).date()
    window = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in window if 0 <= (day - day_from).days < days]


def busy_between(
    dealership: Dealership, choice: CarChoice, start: datetime, end: datetime, *, moving_id: int | None = None
) -> list[Busy]:
    """What is blocked between two moments at the dealership, all demo cars, in one query."""
    live = Appointment.objects.filter(
        dealership=dealership, status__in=Appointment.LIVE, blocked__overlap=(start, end)
    ).exclude(pk=moving_id)
    rows = live.values_list("demo_car_id", "blocked")
    return [Busy(car_id, blocked.lower, blocked.upper) for car_id, blocked in rows]


def compute_slots(
    open_hours: Iterable[Interval], busy: Sequence[Busy], *, car_ids: Sequence[int], grid: Grid
) -> Iterator[Slot]:
    """The free slots of the open hours. Pure: no database, no clock."""
    for interval in open_hours:
        zone = interval.start.tzinfo
        start, closed = interval.start.astimezone(UTC), interval.end.astimezone(UTC)
        while start + grid.slot <= closed:
            if grid.earliest <= start <= grid.latest:
                cars = free_cars(start, busy, car_ids=car_ids, grid=grid)
                if cars:
                    yield Slot(start.astimezone(zone), (start + grid.slot).astimezone(zone), cars)
            start += grid.slot


def free_cars(start: datetime, busy: Sequence[Busy], *, car_ids: Sequence[int], grid: Grid) -> tuple[int, ...]:
    """The cars free for a drive from `start` and its buffer; none when the dealership is at its limit."""
    end = start + grid.slot + grid.buffer
    overlapping = [range_ for range_ in busy if range_.start < end and start < range_.end]
    moments = [start, *(range_.start for range_ in overlapping if range_.start > start)]
    at_once = max(sum(range_.start <= moment < range_.end for range_ in overlapping) for moment in moments)
    if at_once >= grid.parallel:
        return ()
    taken = {range_.demo_car_id for range_ in overlapping}
    return tuple(car_id for car_id in car_ids if car_id not in taken)
