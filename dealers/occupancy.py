"""What is taken at a dealership, as columns of figures that are asked about many times at once.

Moments are whole seconds since 1970 in UTC: the hour a time change repeats or leaves out is
like any other. Two queries read it for any number of dealerships and days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import chain, compress
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import QuerySet

from .models import Appointment, Dealership, Membership

# Longer than any test drive with its ways and buffer.
LONGEST = timedelta(days=1)
DRIVES_ALONG = (Membership.Role.ADVISOR, Membership.Role.MANAGER)
Span = tuple[int, int]
Moments = np.ndarray[Any, Any]


class Ranges:
    """The times one thing is taken: sorted, joined where they overlap."""

    __slots__ = ("ends", "starts")

    def __init__(self, spans: Moments | Sequence[Span] = ()) -> None:
        table = np.array(spans, dtype=np.int64).reshape(-1, 2)
        table = table[np.argsort(table[:, 0])]
        self.starts, self.ends = table[:, 0].copy(), np.maximum.accumulate(table[:, 1])

    def meet(self, start: Moments, end: Moments) -> Moments:
        """Which of the times from `start` to `end` one of them overlaps."""
        if not len(self.starts):
            return np.zeros(len(start), dtype=bool)
        before = np.searchsorted(self.starts, end)
        return (before > 0) & (self.ends[before - 1] > start)


class Levels:
    """How many run at once, at any moment."""

    __slots__ = ("counts", "moments")

    def __init__(self, spans: Moments | Sequence[Span] = ()) -> None:
        table = np.array(spans, dtype=np.int64).reshape(-1, 2)
        self.moments, which = np.unique(table.T, return_inverse=True)
        steps = np.repeat((1, -1), len(table))
        sums = np.bincount(which.ravel(), weights=steps, minlength=len(self.moments))
        self.counts = np.concatenate(([0], np.cumsum(sums))).astype(np.int64)

    def most(self, start: Moments, end: Moments) -> Moments:
        """The most at any moment from `start` to before `end`, of each."""
        if not len(self.moments):
            return np.zeros(len(start), dtype=np.int64)
        step = np.searchsorted(self.moments, start, side="right")
        last = np.searchsorted(self.moments, end)
        found = self.counts[step]
        for _ in range(int((last - step).max(initial=0))):
            step = np.minimum(step + 1, last)
            found = np.maximum(found, self.counts[step])
        return found


@dataclass(frozen=True, slots=True)
class Occupancy:
    """What is taken at one dealership. `advisors` is None at a house without members.

    `open_ended` are drives and offers nobody has been assigned to yet: each will need one
    of the advisors who are free then.
    """

    drives: Levels = field(default_factory=Levels)
    open_ended: Levels = field(default_factory=Levels)
    cars: dict[int, Ranges] = field(default_factory=dict)
    advisors: dict[int, Ranges] | None = None
    closed: Ranges = field(default_factory=Ranges)

    def has_room(self, start: Moments, end: Moments, parallel: int) -> Moments:
        """At which of the times the house is open to one more drive."""
        return ~self.closed.meet(start, end) & (self.drives.most(start, end) < parallel)

    def has_advisor(self, start: Moments, end: Moments) -> Moments:
        """At which someone is left to drive along when all who wait for an advisor have theirs."""
        if self.advisors is None:
            return np.ones(len(start), dtype=bool)
        idle = sum((~taken.meet(start, end) for taken in self.advisors.values()), np.zeros(len(start), dtype=np.int64))
        return idle > self.open_ended.most(start, end)

    def cars_free(self, start: Moments, end: Moments, car_ids: Sequence[int]) -> Moments:
        """A row for each time, a column for each car: whether it is free."""
        return np.stack([~self.cars.get(car, NEVER).meet(start, end) for car in car_ids], axis=1)

    def free_cars(self, start: int, end: int, car_ids: Sequence[int]) -> tuple[int, ...]:
        """The cars free at one time."""
        (free,) = self.cars_free(*_one(start, end), car_ids)
        return tuple(compress(car_ids, free))

    def free_advisors(self, start: int, end: int) -> list[int]:
        """Who could drive along at one time, advisors before managers."""
        return [user for user, taken in (self.advisors or {}).items() if not taken.meet(*_one(start, end))[0]]


def _one(start: int, end: int) -> tuple[Moments, Moments]:
    return np.array([start]), np.array([end])


NEVER, NONE = Ranges(), Levels()


class Kind(IntEnum):
    DRIVE, ELSEWHERE, CLOSURE, OFFER = range(4)


# Written by hand: it is asked for every list of times and every booking, and the ORM takes longer to put four
# selects together than PostgreSQL to answer them. Converting ranges in Python would take longer than reading them.
TAKEN = f"""
SELECT dealership_id, COALESCE(demo_car_id, 0), COALESCE(advisor_id, 0), {Kind.DRIVE:d},
       FLOOR(EXTRACT(EPOCH FROM lower(blocked)))::bigint, CEIL(EXTRACT(EPOCH FROM upper(blocked)))::bigint
  FROM dealers_appointment
 WHERE dealership_id = ANY(%(ids)s::bigint[]) AND starts_at > %(early)s AND starts_at < %(late)s
   AND status = ANY(%(live)s) AND id IS DISTINCT FROM %(moving)s
UNION ALL
SELECT dealership_id, COALESCE(demo_car_id, 0), COALESCE(advisor_id, 0), {Kind.ELSEWHERE:d},
       FLOOR(EXTRACT(EPOCH FROM lower(blocked)))::bigint, CEIL(EXTRACT(EPOCH FROM upper(blocked)))::bigint
  FROM dealers_appointment
 WHERE advisor_id = ANY(%(people)s::bigint[]) AND dealership_id <> ALL(%(ids)s::bigint[])
   AND starts_at > %(early)s AND starts_at < %(late)s
   AND status = ANY(%(live)s) AND id IS DISTINCT FROM %(moving)s
UNION ALL
SELECT dealership_id, COALESCE(demo_car_id, 0), COALESCE(advisor_id, 0), {Kind.CLOSURE:d},
       FLOOR(EXTRACT(EPOCH FROM starts_at))::bigint, CEIL(EXTRACT(EPOCH FROM ends_at))::bigint
  FROM dealers_closure
 WHERE (dealership_id = ANY(%(ids)s::bigint[]) AND advisor_id IS NULL OR advisor_id = ANY(%(people)s::bigint[]))
   AND ends_at > %(early)s AND starts_at < %(late)s
UNION ALL
SELECT dealership_id, COALESCE(demo_car_id, 0), 0, {Kind.OFFER:d},
       FLOOR(EXTRACT(EPOCH FROM starts_at))::bigint, FLOOR(EXTRACT(EPOCH FROM starts_at))::bigint
  FROM dealers_waitingentry
 WHERE dealership_id = ANY(%(ids)s::bigint[]) AND status = 'offered' AND offered_until > %(now)s
   AND starts_at > %(early)s AND starts_at < %(late)s AND buyer_id IS DISTINCT FROM %(buyer)s
"""  # noqa: S608 - made of constants


def load_occupancies(
    places: Collection[Dealership],
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    moving_id: int | None = None,
    buyer_id: int | None = None,
) -> dict[int, Occupancy]:
    """What is taken between two moments at each of `places`, by key; two queries.

    `moving_id` is an appointment about to move, `buyer_id` somebody whose own offers from
    the waiting list stand in nobody's way.
    """
    ids = [place.pk for place in places]
    members: dict[int, list[int]] = defaultdict(list)
    for place_id, user_id in advisors_of(ids).order_by("role", "pk").values_list("dealership_id", "user_id"):
        members[place_id].append(user_id)
    people = {user_id for staff in members.values() for user_id in staff}
    given = {"ids": ids, "people": list(people), "live": [str(status) for status in Appointment.LIVE]}
    given |= {"early": start - LONGEST, "late": end + LONGEST, "now": now}
    given |= {"moving": moving_id, "buyer": buyer_id}
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, given)
        table = np.fromiter(chain.from_iterable(cursor.fetchall()), dtype=np.int64).reshape(-1, 6)
    by_place, by_advisor = _grouped(table, PLACE), _grouped(table, ADVISOR)
    return {
        place.pk: _occupancy(place, by_place.get(place.pk, table[:0]), members.get(place.pk), by_advisor)
        for place in places
    }


def advisors_of(dealership_ids: Collection[int]) -> QuerySet[Membership]:
    """The members who may drive along."""
    return Membership.objects.filter(
        dealership__in=dealership_ids, is_active=True, role__in=DRIVES_ALONG, user__is_active=True
    )


# The columns of what is taken; NOBODY stands for no car and no advisor.
PLACE, CAR, ADVISOR, KIND, BEGINS, ENDS = range(6)
NOBODY = 0


def _grouped(table: Moments, column: int) -> dict[int, Moments]:
    """The rows of each value of a column."""
    ordered = table[np.argsort(table[:, column], kind="stable")]
    keys, firsts = np.unique(ordered[:, column], return_index=True)
    return dict(zip(keys.tolist(), np.split(ordered, firsts[1:]), strict=False))


def _occupancy(place: Dealership, rows: Moments, staff: list[int] | None, by_advisor: dict[int, Moments]) -> Occupancy:
    spans, kinds = _spans(place, rows), rows[:, KIND]
    is_drive, is_free = kinds != Kind.CLOSURE, rows[:, ADVISOR] == NOBODY
    open_ended = is_drive & is_free
    closed = ~is_drive & is_free & (rows[:, CAR] == NOBODY)
    people = None
    if staff is not None:
        people = {user: Ranges(_spans(place, by_advisor[user])) if user in by_advisor else NEVER for user in staff}
    cars = np.unique(rows[:, CAR]).tolist()
    return Occupancy(
        Levels(spans[is_drive]),
        Levels(spans[open_ended]) if open_ended.any() else NONE,
        {car: Ranges(spans[rows[:, CAR] == car]) for car in cars if car != NOBODY},
        people,
        Ranges(spans[closed]) if closed.any() else NEVER,
    )


def _spans(place: Dealership, rows: Moments) -> Moments:
    """What rows take of the time blocked by another drive.

    A closure may begin while the buffer after a drive is running: it counts from that much later.
    """
    spans, kinds = rows[:, BEGINS:], rows[:, KIND]
    if not (kinds > Kind.ELSEWHERE).any():
        return spans
    spans = spans.copy()
    spans[kinds == Kind.OFFER, 1] += (place.slot_minutes + place.buffer_minutes) * 60
    spans[kinds == Kind.CLOSURE, 0] += place.buffer_minutes * 60
    spans[:, 1] = spans.max(axis=1)
    return spans
