"""When a dealership is open, in its own time zone: OpenStreetMap opening hours with public holidays.

All arithmetic is done in UTC, so the hour that a time change adds or takes away is real.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from opening_hours import OpeningHours, ParserError, State, UnknownCountryError

if TYPE_CHECKING:
    from .models import Dealership

# Longer than any run of holidays; a dealership closed for all of it counts as having no hours.
HORIZON = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Interval:
    """From `start` to `end` (not included), both in the dealership's zone."""

    start: datetime
    end: datetime


def validate_opening_hours(text: str) -> None:
    """Form validator of the opening hours. Raises ValidationError."""
    try:
        OpeningHours(text)
    except ParserError as error:
        raise ValidationError(_("Write opening hours like this: Mo-Sa 09:00-18:00; PH off"), code="hours") from error


def validate_holiday_calendar(text: str) -> None:
    """Form validator of the holiday calendar, a country code. Raises ValidationError."""
    try:
        OpeningHours("24/7", country=text.partition("-")[0])
    except UnknownCountryError as error:
        raise ValidationError(_("No public holidays are known for this country."), code="calendar") from error


def validate_time_zone(text: str) -> None:
    """Form validator of an IANA time zone. Raises ValidationError."""
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError(_("This time zone is not known."), code="zone") from error


def is_open(dealership: Dealership, at: datetime) -> bool:
    """Whether somebody is there at `at` (an aware moment)."""
    hours = _hours_of(dealership)
    return hours is not None and hours.is_open(at.astimezone(dealership.zone))


def open_intervals(dealership: Dealership, day: date) -> tuple[Interval, ...]:
    """The open hours of a calendar day of the dealership; empty when closed or when the hours can't be read.

    Kept: many dealerships have the same hours, and every list of slots asks for the same days.
    """
    country = dealership.holiday_calendar.partition("-")[0]
    return _intervals_of_day(dealership.opening_hours, dealership.time_zone, country, day)


def open_spans(dealership: Dealership, day: date) -> tuple[tuple[int, int], ...]:
    """`open_intervals` as seconds since 1970."""
    country = dealership.holiday_calendar.partition("-")[0]
    return _spans_of_day(dealership.opening_hours, dealership.time_zone, country, day)


def day_bounds(dealership: Dealership, day: date) -> tuple[datetime, datetime]:
    """Midnight to midnight of a day at the dealership: 23, 24 or 25 hours."""
    return _bounds(day, dealership.zone)


def open_between(dealership: Dealership, start: datetime, end: datetime) -> tuple[Interval, ...]:
    """The open hours between two moments, joined where one follows the other without a gap."""
    return tuple(_merged(_open_pieces(_hours_of(dealership), dealership.zone, start, end)))


def business_deadline(dealership: Dealership, start: datetime, minutes: int) -> datetime:
    """The moment when `minutes` of open time have passed since `start`, in UTC.

    A dealership without an open minute for a month gets plain minutes: nobody waits for ever.
    """
    left = timedelta(minutes=minutes)
    for interval in open_between(dealership, start, start + HORIZON):
        opened, closed = interval.start.astimezone(UTC), interval.end.astimezone(UTC)
        if closed - opened >= left:
            return opened + left
        left -= closed - opened
    return start.astimezone(UTC) + timedelta(minutes=minutes)


def business_minutes_left(dealership: Dealership, deadline: datetime, now: datetime) -> int:
    """Whole open minutes from `now` to `deadline`; 0 once it has passed."""
    end = min(deadline, now + HORIZON)
    total = sum((_length(interval) for interval in open_between(dealership, now, end)), timedelta())
    if not total and deadline > now and not open_between(dealership, now, now + HORIZON):
        total = deadline - now
    return int(total.total_seconds() // 60)


def _length(interval: Interval) -> timedelta:
    return interval.end.astimezone(UTC) - interval.start.astimezone(UTC)


def _bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


@functools.lru_cache(maxsize=16_384)
def _intervals_of_day(text: str, zone_name: str, country: str, day: date) -> tuple[Interval, ...]:
    zone = ZoneInfo(zone_name)
    return tuple(_merged(_open_pieces(_parsed(text, zone_name, country), zone, *_bounds(day, zone))))


@functools.lru_cache(maxsize=16_384)
def _spans_of_day(text: str, zone_name: str, country: str, day: date) -> tuple[tuple[int, int], ...]:
    hours = _intervals_of_day(text, zone_name, country, day)
    return tuple((int(each.start.timestamp()), int(each.end.timestamp())) for each in hours)


def _open_pieces(hours: OpeningHours | None, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Interval]:
    if hours is None or start >= end:
        return
    start, end = start.astimezone(zone), end.astimezone(zone)
    for opened, closed, state, _comment in hours.intervals(start, end):
        opened, closed = max(opened or start, start), min(closed or end, end)
        if state == State.OPEN and opened.astimezone(UTC) < closed.astimezone(UTC):
            yield Interval(opened, closed)


def _merged(pieces: Iterator[Interval]) -> Iterator[Interval]:
    current: Interval | None = None
    for piece in pieces:
        if current is None:
            current = piece
        elif piece.start.astimezone(UTC) <= current.end.astimezone(UTC):
            current = Interval(current.start, piece.end)
        else:
            yield current
            current = piece
    if current is not None:
        yield current


def _hours_of(dealership: Dealership) -> OpeningHours | None:
    country = dealership.holiday_calendar.partition("-")[0]
    return _parsed(dealership.opening_hours, dealership.time_zone, country)


@functools.lru_cache(maxsize=4096)
def _parsed(text: str, zone: str, country: str) -> OpeningHours | None:
    """The hours ready to ask; None when they can't be read. Without a known calendar no day is a holiday."""
    try:
        return OpeningHours(text, timezone=ZoneInfo(zone), country=country or None)
    except UnknownCountryError:
        return OpeningHours(text, timezone=ZoneInfo(zone))
    except ParserError:
        return None
