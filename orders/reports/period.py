"""Which days a report is about, in the market's own calendar, and how they are put together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from .errors import BadRequest

FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_DAYS = 5 * 366
MOST_BUCKETS = 400
LATELY = timedelta(days=29)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


class By(StrEnum):
    """How long one line of a report is. Weeks begin on Monday (ISO 8601)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both included."""

    first: date
    last: date
    zone: ZoneInfo
    by: By = By.DAY

    @classmethod
    def read(cls, first: str, last: str, *, zone: ZoneInfo, today: date, by: str = By.DAY) -> Period:
        """Raises BadRequest. Without a last day until today; without a first one 30 days, the last included."""
        if by not in list(By):
            raise BadRequest(_("Choose day, week or month."))
        start, end = (read_day(text) if text else None for text in (first, last))
        if end is None:
            end = max(today, start or today)
        period = cls(start or end - LATELY, end, zone, By(by))
        return period.checked()

    def checked(self) -> Period:
        """Itself. Raises BadRequest where it is backwards or too long."""
        if self.last < self.first:
            raise BadRequest(_("The period ends before it begins."))
        if (self.last - self.first).days >= MOST_DAYS:
            raise BadRequest(_("A report covers five years at most."))
        if len(self.buckets) > MOST_BUCKETS:
            raise BadRequest(_("Choose weeks or months for such a long period."))
        return self

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """Midnight of the first day, and midnight after the last, which is outside."""
        after = self.last + timedelta(days=1)
        return datetime.combine(self.first, time(), self.zone), datetime.combine(after, time(), self.zone)

    @property
    def buckets(self) -> list[date]:
        """The first day of every line; the first week or month may begin before the period, but counts only from it."""
        found, day = [], self.bucket_of(self.first)
        while day <= self.last:
            found.append(day)
            day = _next(day, self.by)
        return found

    def bucket_of(self, day: date) -> date:
        if self.by == By.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self.by == By.MONTH else day


def read_day(text: str) -> date:
    """A day written as 2014-11-22. Raises BadRequest."""
    try:
        day = date.fromisoformat(text) if _DATE.match(text) else None
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadRequest(_("Write a day like 2014-11-22: %(text)s") % {"text": text[:40]})
    return day


def _next(day: date, by: By) -> date:
    if by == By.MONTH:
        return (day + timedelta(days=32)).replace(day=1)
    return day + timedelta(days=7 if by == By.WEEK else 1)
