"""How long dealerships took to answer, in minutes in which they were open."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from statistics import median

from dealers.hours import open_spans
from dealers.models import Dealership


class OpenClock:
    """The open seconds of one dealership from one day to another, added up once: each question is two searches."""

    def __init__(self, dealership: Dealership, first: date, last: date) -> None:
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        spans = [span for day in days for span in open_spans(dealership, day)]
        self._starts = [start for start, _end in spans]
        self._lengths = [end - start for start, end in spans]
        self._before = [0, *accumulate(self._lengths)]

    def minutes(self, start: datetime, end: datetime) -> int:
        """Whole open minutes between two moments; plain minutes at a dealership without hours."""
        begun, ended = start.timestamp(), end.timestamp()
        seconds = self._until(ended) - self._until(begun) if self._starts else ended - begun
        return max(0, int(seconds // 60))

    def _until(self, at: float) -> float:
        """Open seconds before `at`."""
        place = bisect_right(self._starts, at)
        if not place:
            return 0
        return self._before[place - 1] + min(at - self._starts[place - 1], self._lengths[place - 1])


class OpenClocks:
    """Clocks of dealerships; those with the same hours, zone and holidays share one."""

    def __init__(self, first: date, last: date) -> None:
        self._first, self._last = first, last
        self._known: dict[tuple[str, str, str], OpenClock] = {}

    def of(self, dealership: Dealership) -> OpenClock:
        key = (dealership.opening_hours, dealership.time_zone, dealership.holiday_calendar)
        if key not in self._known:
            self._known[key] = OpenClock(dealership, self._first, self._last)
        return self._known[key]


def middle(minutes: Iterable[int]) -> Decimal | None:
    """The median."""
    found = list(minutes)
    return Decimal(str(median(found))) if found else None


def most(minutes: Iterable[int], share: float = 0.9) -> Decimal | None:
    """The smallest value that at least `share` of all do not exceed (nearest rank)."""
    found = sorted(minutes)
    if not found:
        return None
    rank = -(-len(found) * round(share * 100) // 100)
    return Decimal(found[max(rank, 1) - 1])
