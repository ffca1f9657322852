"""The choices of a booking as its pages show them: the car, the dealership, the day, the time.

All of it is in the address, so it survives a sign-in, the back button and a shared link.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any, Self
from urllib.parse import urlencode

import numpy as np
from django.apps import apps
from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from o2o_platform.interface.shops import in_this_shop
from o2o_platform.markets.models import City

from .hours import open_spans
from .models import Appointment, Dealership, DemoCar
from .places import Nearby, by_distance, visible_dealerships
from .slots import CarChoice, Match, Schedule, Slot, car_choice, choose_cars, free_slots_at, load_schedules

YEARS = range(2000, 2200)
CODE_LENGTH = 120
# Of so many dealerships, so many days ahead, the choice of dealership says when they are free next.
LOOKED_UP, LOOKED_AHEAD = 12, 7


class DayState(StrEnum):
    """What a day has to offer; `over` is open, but nothing can be booked any more."""

    FREE = "free"
    FULL = "full"
    OVER = "over"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Day:
    """One tile of the day strip."""

    date: date
    free: int
    state: DayState
    is_chosen: bool
    url: str


@dataclass(frozen=True, slots=True)
class TimePicker:
    """The day strip and the free slots of the day chosen."""

    days: list[Day]
    chosen: Day | None
    slots: list[tuple[Slot, str]]
    choice: CarChoice
    next_free: str

    @classmethod
    def load(cls, dealership: Dealership, choice: CarChoice, day: date | None, *, base: str, **given: Any) -> Self:
        """All slots of the booking window, with two queries; `base` is the page's address with its query.

        `given` are the arguments of `load_schedules`: where, what is moved, for whom.
        """
        today = timezone.now().astimezone(dealership.zone).date()
        length = dealership.window_days + 1
        schedule = load_schedules({dealership: choice}, today, length, **given)[dealership.pk]
        by_day = {key: list(group) for key, group in groupby(schedule.slots, key=lambda slot: slot.starts_at.date())}
        dates = [today + timedelta(days=number) for number in range(length)]
        chosen = day if day in dates else next(iter(by_day), None)
        days = [
            Day(
                date=each,
                free=len(by_day.get(each, ())),
                state=_state_of(dealership, each, schedule, is_free=each in by_day),
                is_chosen=each == chosen,
                url=f"{base}&day={each.isoformat()}",
            )
            for each in dates
        ]
        of_day = by_day.get(chosen, []) if chosen else []
        offered = [(slot, f"{base}&at={format_moment(slot.starts_at)}") for slot in of_day]
        next_free = next((each.url for each in days if each.free and (chosen is None or each.date > chosen)), "")
        return cls(days, next((each for each in days if each.is_chosen), None), offered, choice, next_free)

    def slot_at(self, moment: datetime) -> Slot | None:
        return next((slot for slot, _url in self.slots if slot.moment == moment.timestamp()), None)


def _state_of(dealership: Dealership, day: date, schedule: Schedule, *, is_free: bool) -> DayState:
    if is_free:
        return DayState.FREE
    hours = open_spans(dealership, day)
    if schedule.takes_bookings(hours):
        return DayState.FULL
    is_shut = not hours or schedule.taken.closed.meet(*np.array(hours).T).any()
    return DayState.CLOSED if is_shut else DayState.OVER


@dataclass(frozen=True, slots=True)
class Candidate:
    """A dealership that has a demo car for the buyer, which, and when it is free next (of the nearest ones)."""

    nearby: Nearby
    choice: CarChoice
    url: str
    next_free: Slot | None = None


def read_day(query: QueryDict) -> date | None:
    """The day asked for; None when there is none. Raises BadRequest."""
    text = query.get("day", "")
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadRequest("day") from error
    if day.year not in YEARS:
        raise BadRequest("day")
    return day


def read_moment(text: str) -> datetime | None:
    """A moment with its offset, as `format_moment` writes it; None when empty. Raises BadRequest."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRequest("at") from error
    if moment.tzinfo is None or moment.year not in YEARS:
        raise BadRequest("at")
    return moment.astimezone(UTC)


def format_moment(moment: datetime) -> str:
    """In UTC, without characters an address would have to escape: 20271031T0145Z."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%MZ}"


def book_url(**values: str) -> str:
    """The booking page with these choices."""
    return f"{reverse('dealers:book')}?{urlencode({name: value for name, value in values.items() if value})}"


def find_trim_named(text: str) -> Any | None:
    """A published trim by code or number, with model and brand; in a shop one of its brand."""
    if not text or len(text) > CODE_LENGTH:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
    trims = apps.get_model("catalog", "Trim")._default_manager.filter(is_published=True)
    trims = in_this_shop(trims, "vehicle_model__brand")
    return trims.filter(Q(code=text) | Q(pk=number)).select_related("vehicle_model__brand").first()


def find_candidates(trim: Any, city: City | None) -> list[Candidate]:
    """The dealerships where the trim, its model or at least its brand can be driven; nearest first, three queries."""
    cars = (
        DemoCar.objects.filter(
            is_active=True,
            dealership__in=visible_dealerships(city),
            trim__vehicle_model__brand=trim.vehicle_model.brand_id,
        )
        .select_related("dealership__city", "trim__vehicle_model__brand")
        .order_by("dealership_id", "pk")
    )
    by_place = {place: list(group) for place, group in groupby(cars, key=lambda car: car.dealership)}
    found = []
    for nearby in by_distance(by_place, city):
        choice = choose_cars(by_place[nearby.dealership], trim)
        if choice:
            url = book_url(trim=trim.code, dealership=nearby.dealership.code)
            found.append(Candidate(nearby, choice, url))
    if city is None:
        order = list(Match)
        found.sort(key=lambda candidate: order.index(candidate.choice.match))
    return _with_next_free(found[:LOOKED_UP]) + found[LOOKED_UP:]


def _with_next_free(candidates: list[Candidate]) -> list[Candidate]:
    choices = {candidate.nearby.dealership: candidate.choice for candidate in candidates}
    # It may be yesterday there still.
    slots = free_slots_at(choices, timezone.now().date() - timedelta(days=1), LOOKED_AHEAD + 1)
    first = {place: next(iter(its_slots), None) for place, its_slots in slots.items()}
    return [replace(candidate, next_free=first[candidate.nearby.dealership.pk]) for candidate in candidates]


def demo_trims(dealerships: Iterable[Dealership]) -> list[Any]:
    """The published trims that can be driven there, by brand and model; one query."""
    trims = apps.get_model("catalog", "Trim")._default_manager.filter(
        is_published=True, demo_cars__is_active=True, demo_cars__dealership__in=dealerships
    )
    return list(
        in_this_shop(trims, "vehicle_model__brand")
        .select_related("vehicle_model__brand")
        .order_by("vehicle_model__brand__name", "vehicle_model__name", "-model_year", "pk")
        .distinct()
    )


def load_choice(appointment: Appointment) -> CarChoice | None:
    """The demo cars an appointment may move to."""
    return car_choice(appointment.dealership, appointment.trim)
