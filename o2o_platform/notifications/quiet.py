"""Hours in which nobody is disturbed, in the time of the recipient's market."""

from __future__ import annotations

import functools
import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

HOURS = re.compile(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)")


def quiet_until(category: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When the quiet hours end that `now` lies in; None outside of them. Raises ImproperlyConfigured."""
    hours = read_hours(settings.QUIET_HOURS_BY_CATEGORY.get(category, settings.QUIET_HOURS))
    if hours is None:
        return None
    begin, end = hours
    local = now.astimezone(zone)
    clock = local.time()
    is_quiet = begin <= clock < end if begin <= end else clock >= begin or clock < end
    if not is_quiet:
        return None
    day = local.date() if clock < end else local.date() + timedelta(days=1)
    return datetime.combine(day, end, tzinfo=zone)


@functools.cache
def read_hours(text: str) -> tuple[time, time] | None:
    """`21:00-09:00` as two times of day; None for an empty text. Raises ImproperlyConfigured."""
    if not text:
        return None
    found = HOURS.fullmatch(text)
    try:
        first_hour, first_minute, last_hour, last_minute = (int(figure) for figure in found.groups()) if found else ()
        return time(first_hour, first_minute), time(last_hour, last_minute)
    except ValueError:
        raise ImproperlyConfigured(f"Quiet hours are written like 21:00-09:00, not {text!r}.") from None
