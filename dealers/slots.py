"""Free times for a test drive: open hours, less what is taken, for the demo cars at hand.

A slot is free when one of the cars has nothing within the drive, its ways and its buffer, when
the dealership has fewer than `parallel_drives` at any moment of it, and when an advisor is free
for all of it. The same function decides what is shown and what may be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import chain, compress, repeat
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from django.apps import apps
from django.utils import timezone

from .hours import day_bounds, open_spans
from .models import Appointment, DemoCar
from .occupancy import Moments, Occupancy, Span, load_occupancies

if TYPE_CHECKING:
    from .models import Dealership

MAX_DAYS = 90
Place = Appointment.Place
T = TypeVar("T", int, Moments)


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


class Slot(NamedTuple):
    """A free time and the demo cars that are free then, best first.

    `moment` is in seconds since 1970, to compare by: in a repeated hour no two zones' times are equal (PEP 495).
    """

    moment: int
    length: int
    zone: ZoneInfo
    demo_car_ids: tuple[int, ...]

    @property
    def starts_at(self) -> datetime:
        """In the dealership's zone."""
        return datetime.fromtimestamp(self.moment, self.zone)

    @property
    def ends_at(self) -> datetime:
        return datetime.fromtimestamp(self.moment + self.length, self.zone)


@dataclass(frozen=True, slots=True)
class Grid:
    """The lengths that make slots, and from when to when a drive may start; all in seconds.

    `way` is the way there, and as long again the way back, of a drive at the buyer's home.
    """

    slot: int
    buffer: int
    parallel: int
    earliest: float
    latest: float
    way: int = 0

    @classmethod
    def of(cls, dealership: Dealership, now: datetime, *, place: str = Place.STORE) -> Grid:
        notice = timedelta(hours=dealership.notice_hours)
        return cls(
            slot=dealership.slot_minutes * 60,
            buffer=dealership.buffer_minutes * 60,
            parallel=dealership.parallel_drives,
            earliest=(now + notice).timestamp(),
            latest=last_moment(dealership, now).timestamp(),
            way=dealership.home_drive_buffer_minutes * 60 if place == Place.HOME else 0,
        )

    def blocked(self, start: T) -> tuple[T, T]:
        """What a drive from `start` takes: the ways, itself, the buffer. One moment, or a column of them."""
        return start - self.way, start + (self.slot + self.way + self.buffer)

    def starts(self, opened: int, closed: int) -> range:
        """The starts in open hours. The grid is the same at home; nobody leaves before the house opens."""
        late, least = closed - self.slot - self.way, opened + self.way
        return range(opened + -(-(least - opened) // self.slot) * self.slot, late + 1, self.slot)

    def may_start(self, moment: float) -> bool:
        return self.earliest <= moment <= self.latest

    def starts_within(self, open_hours: Iterable[Span]) -> Moments:
        """All starts of the open hours in the booking window."""
        starts = chain.from_iterable(self.starts(opened, closed) for opened, closed in open_hours)
        moments = np.fromiter(starts, dtype=np.int64)
        return moments[(moments >= self.earliest) & (moments <= self.latest)]


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
    place: str = Place.STORE,
    buyer_id: int | None = None,
) -> list[Slot]:
    """The free slots of `days` days from `day_from`, in order, at most 90 days: four queries whatever the number.

    `choice` saves looking the demo cars up again; `moving_id` is an appointment about to
    move, whose own time counts as free; `buyer_id` has what the waiting list offers them.
    """
    if choice is None:
        trim = find_trim(trim_id)
        choice = car_choice(dealership, trim) if trim else None
    if choice is None:
        return []
    found = free_slots_at(
        {dealership: choice}, day_from, days, now=now, moving_id=moving_id, place=place, buyer_id=buyer_id
    )
    return found[dealership.pk]


def free_slots_at(
    choices: Mapping[Dealership, CarChoice], day_from: date, days: int, **given: Any
) -> dict[int, list[Slot]]:
    """The free slots of several dealerships by key, for the cars chosen at each: two queries for all of them.

    `given` are the arguments of `load_schedules`.
    """
    return {place: schedule.slots for place, schedule in load_schedules(choices, day_from, days, **given).items()}


@dataclass(frozen=True, slots=True)
class Schedule:
    """The free slots of a dealership, and what they were made from."""

    slots: list[Slot]
    grid: Grid
    taken: Occupancy

    def takes_bookings(self, open_hours: Iterable[Span]) -> bool:
        """Whether a drive could start in these hours if nobody had booked: in the window, and no closure."""
        starts = self.grid.starts_within(open_hours)
        return bool((~self.taken.closed.meet(*self.grid.blocked(starts))).any())


def load_schedules(
    choices: Mapping[Dealership, CarChoice],
    day_from: date,
    days: int,
    *,
    now: datetime | None = None,
    moving_id: int | None = None,
    place: str = Place.STORE,
    buyer_id: int | None = None,
    answer_time: timedelta = timedelta(),
) -> dict[int, Schedule]:
    """The schedules of several dealerships by key, for the cars chosen at each: two queries for all of them.

    With an `answer_time` only slots that can still be booked when it is over.
    """
    now = now or timezone.now()
    grids = {dealership: Grid.of(dealership, now + answer_time, place=place) for dealership in choices}
    wanted = {each: bookable_days(each, grid, day_from, min(days, MAX_DAYS)) for each, grid in grids.items()}
    asked = [dealership for dealership, its_days in wanted.items() if its_days]
    taken: dict[int, Occupancy] = {}
    if asked:
        start = min(day_bounds(dealership, wanted[dealership][0])[0] for dealership in asked)
        end = max(day_bounds(dealership, wanted[dealership][-1])[1] for dealership in asked)
        taken = load_occupancies(asked, start, end, now=now, moving_id=moving_id, buyer_id=buyer_id)
    found = {}
    for dealership, grid in grids.items():
        hours = chain.from_iterable(open_spans(dealership, day) for day in wanted[dealership])
        car_ids = [car.pk for car in choices[dealership].cars]
        busy = taken.get(dealership.pk) or Occupancy()
        slots = compute_slots(hours, busy, car_ids=car_ids, grid=grid, zone=dealership.zone)
        found[dealership.pk] = Schedule(slots, grid, busy)
    return found


def bookable_days(dealership: Dealership, grid: Grid, day_from: date, days: int) -> list[date]:
    """The days from `day_from` on that overlap the dealership's booking window."""
    zone = dealership.zone
    first = datetime.fromtimestamp(grid.earliest, zone).date()
    last = datetime.fromtimestamp(grid.latest, zone).date()
    window = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in window if 0 <= (day - day_from).days < days]


def compute_slots(
    open_hours: Iterable[Span], taken: Occupancy, *, car_ids: Sequence[int], grid: Grid, zone: ZoneInfo
) -> list[Slot]:
    """The free slots of the open hours, all looked at together. Pure: no database, no clock."""
    starts = grid.starts_within(open_hours)
    if not len(starts):
        return []
    begins, ends = grid.blocked(starts)
    has_room = taken.has_room(begins, ends, grid.parallel) & taken.has_advisor(begins, ends)
    free = taken.cars_free(begins, ends, car_ids)
    is_free = has_room & free.any(axis=1)
    # Few sets of cars are free at many times: each becomes a tuple once.
    width, rows = len(car_ids), free[is_free].tobytes()
    keys = [rows[at : at + width] for at in range(0, len(rows), width)]
    cars_of = {key: tuple(compress(car_ids, key)) for key in set(keys)}
    columns = zip(
        starts[is_free].tolist(), repeat(grid.slot), repeat(zone), map(cars_of.__getitem__, keys), strict=False
    )
    # Slot(...) made in C.
    return list(map(partial(tuple.__new__, Slot), columns))


def free_cars(start: int, taken: Occupancy, *, car_ids: Sequence[int], grid: Grid) -> tuple[int, ...]:
    """The cars free for a drive from `start`; none when the dealership has no room or nobody to go along."""
    begins, ends = grid.blocked(np.array([start]))
    has_room = taken.has_room(begins, ends, grid.parallel) & taken.has_advisor(begins, ends)
    return tuple(compress(car_ids, taken.cars_free(begins, ends, car_ids)[0])) if has_room[0] else ()
