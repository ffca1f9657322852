"""What is taken at a dealership, as figures that answer in the logarithm of their number.

Moments are whole seconds since 1970 in UTC: the hour a time change repeats or leaves out is
like any other. One query reads it for any number of dealerships and days.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import accumulate
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from .models import Appointment, Dealership, Membership

# Longer than any test drive with its ways and buffer.
LONGEST = timedelta(days=1)
DRIVES_ALONG = (Membership.Role.ADVISOR, Membership.Role.MANAGER)
Span = tuple[int, int]


class Ranges:
    """The times one thing is taken: sorted, joined where they touch."""

    __slots__ = ("ends", "starts")

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        for start, end in sorted(spans):
            if self.ends and start <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            else:
                self.starts.append(start)
                self.ends.append(end)

    def meet(self, start: int, end: int) -> bool:
        """Whether any of them overlaps the time from `start` to `end`."""
        before = bisect_left(self.starts, end)
        return before > 0 and self.ends[before - 1] > start


class Levels:
    """How many run at once, at any moment."""

    __slots__ = ("counts", "moments")

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        steps: dict[int, int] = defaultdict(int)
        for start, end in spans:
            steps[start] += 1
            steps[end] -= 1
        self.moments = sorted(steps)
        self.counts = [0, *accumulate(steps[moment] for moment in self.moments)]

    def most(self, start: int, end: int) -> int:
        """The most at any moment from `start` to before `end`."""
        if not self.moments:
            return 0
        return max(self.counts[bisect_right(self.moments, start) : bisect_left(self.moments, end) + 1], default=0)


@dataclass(frozen=True, slots=True)
class Occupancy:
    """What is taken at one dealership. `advisors` is None at a house without members.

    `open_ended` are drives and offers nobody has been assigned to yet: each will need one
    of the advisors who are free then.
    """

    drives: Levels = field(default_factory=Levels)
    open_ended: Levels = field(default_factory=Levels)
    cars: dict[int, Ranges] = field(default_factory=dict)
    advisors: dict[int, Ranges | None] | None = None
    closed: Ranges = field(default_factory=Ranges)

    def has_room(self, start: int, end: int, parallel: int) -> bool:
        """Whether the house is open to one more drive that blocks this time."""
        return not self.closed.meet(start, end) and self.drives.most(start, end) < parallel

    def free_advisors(self, start: int, end: int) -> list[int]:
        """Who could drive along, advisors before managers."""
        people = (self.advisors or {}).items()
        return [user for user, taken in people if taken is None or not taken.meet(start, end)]

    def has_advisor(self, start: int, end: int) -> bool:
        """Whether someone is left to drive along when all who wait for an advisor have theirs."""
        return self.advisors is None or len(self.free_advisors(start, end)) > self.open_ended.most(start, end)

    def free_cars(self, start: int, end: int, car_ids: Sequence[int]) -> tuple[int, ...]:
        cars = self.cars
        return tuple(car for car in car_ids if car not in cars or not cars[car].meet(start, end))


class Kind(IntEnum):
    DRIVE, ELSEWHERE, CLOSURE, OFFER = range(4)


# Written by hand: it is asked for every list of times and every booking, and the ORM takes longer to put four
# selects together than PostgreSQL to answer them. Converting ranges in Python would take longer than reading them.
TAKEN = f"""
SELECT dealership_id, demo_car_id, advisor_id, {Kind.DRIVE:d},
       FLOOR(EXTRACT(EPOCH FROM lower(blocked)))::bigint, CEIL(EXTRACT(EPOCH FROM upper(blocked)))::bigint
  FROM dealers_appointment
 WHERE dealership_id = ANY(%(ids)s::bigint[]) AND starts_at > %(early)s AND starts_at < %(late)s
   AND status = ANY(%(live)s) AND id IS DISTINCT FROM %(moving)s
UNION ALL
SELECT dealership_id, demo_car_id, advisor_id, {Kind.ELSEWHERE:d},
       FLOOR(EXTRACT(EPOCH FROM lower(blocked)))::bigint, CEIL(EXTRACT(EPOCH FROM upper(blocked)))::bigint
  FROM dealers_appointment
 WHERE advisor_id = ANY(%(people)s::bigint[]) AND dealership_id <> ALL(%(ids)s::bigint[])
   AND starts_at > %(early)s AND starts_at < %(late)s
   AND status = ANY(%(live)s) AND id IS DISTINCT FROM %(moving)s
UNION ALL
SELECT dealership_id, demo_car_id, advisor_id, {Kind.CLOSURE:d},
       FLOOR(EXTRACT(EPOCH FROM starts_at))::bigint, CEIL(EXTRACT(EPOCH FROM ends_at))::bigint
  FROM dealers_closure
 WHERE (dealership_id = ANY(%(ids)s::bigint[]) AND advisor_id IS NULL OR advisor_id = ANY(%(people)s::bigint[]))
   AND ends_at > %(early)s AND starts_at < %(late)s
UNION ALL
SELECT dealership_id, demo_car_id, NULL, {Kind.OFFER:d},
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
    rows: dict[int, list[Row]] = defaultdict(list)
    absent: dict[int, list[Row]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, given)
        for place_id, *taken in cursor.fetchall():
            row = Row(*taken)
            rows[place_id].append(row)
            if row.advisor_id in people:
                absent[row.advisor_id].append(row)  # type: ignore[index]
    return {place.pk: _occupancy(place, rows[place.pk], members.get(place.pk), absent) for place in places}


def advisors_of(dealership_ids: Collection[int]) -> QuerySet[Membership]:
    """The members who may drive along."""
    return Membership.objects.filter(
        dealership__in=dealership_ids, is_active=True, role__in=DRIVES_ALONG, user__is_active=True
    )


class Row(NamedTuple):
    """One taken time, of whichever kind."""

    demo_car_id: int | None
    advisor_id: int | None
    kind: int
    start: int
    end: int


def _occupancy(place: Dealership, rows: list[Row], staff: list[int] | None, absent: dict[int, list[Row]]) -> Occupancy:
    buffer = place.buffer_minutes * 60
    offered = (place.slot_minutes + place.buffer_minutes) * 60
    cars: dict[int, list[Span]] = defaultdict(list)
    drives, open_ended, closed = [], [], []
    for row in rows:
        span = _span(row, buffer, offered)
        if row.kind in (Kind.DRIVE, Kind.OFFER):
            drives.append(span)
            if row.advisor_id is None:
                open_ended.append(span)
        elif row.kind == Kind.CLOSURE and row.demo_car_id is None and row.advisor_id is None:
            closed.append(span)
        if row.demo_car_id is not None:
            cars[row.demo_car_id].append(span)
    people: dict[int, Ranges | None] | None = None
    if staff is not None:
        people = {
            user: Ranges(_span(row, buffer, offered) for row in absent[user]) if user in absent else None
            for user in staff
        }
    return Occupancy(
        Levels(drives), Levels(open_ended), {car: Ranges(spans) for car, spans in cars.items()}, people, Ranges(closed)
    )


def _span(row: Row, buffer: int, offered: int) -> Span:
    """What a row takes of the time blocked by another drive.

    A closure may begin while the buffer after a drive is running: it counts from that much later.
    """
    if row.kind == Kind.CLOSURE:
        start = row.start + buffer
        return start, max(start, row.end)
    return row.start, (row.start + offered if row.kind == Kind.OFFER else row.end)
