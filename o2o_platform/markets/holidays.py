"""Working days of a market: the days on which a period set by law may end."""

from __future__ import annotations

import datetime as dt
import functools

from opening_hours import OpeningHours, UnknownCountryError

NOON = dt.time(12)
SATURDAY = 5
THURSDAY, WEDNESDAY = 3, 2
# Holidays of single German Länder, by month and day. § 193 BGB counts those of the place where the word is
# given: a holiday anywhere counts for all, as a day too many harms nobody.
OF_LAENDER = frozenset({(1, 6), (3, 8), (8, 15), (9, 20), (10, 31), (11, 1)})


def next_working_day(market: str, day: dt.date) -> dt.date:
    """The day itself, or the first after it that is no Saturday, Sunday or public holiday of the market.

    Regulation (EEC, Euratom) 1182/71, article 3(4); § 193 BGB; article 115 of the Polish civil code.
    """
    while not is_working_day(market, day):
        day += dt.timedelta(days=1)
    return day


def is_working_day(market: str, day: dt.date) -> bool:
    """Markets are named by the code of their country; where it has no calendar only weekends are free."""
    return day.weekday() < SATURDAY and not _is_holiday(market, day)


def _is_holiday(market: str, day: dt.date) -> bool:
    holidays = _calendar(market)
    if holidays is None:
        return False
    return holidays.is_open(dt.datetime.combine(day, NOON)) or (market == "DE" and _is_of_a_land(day))


def _is_of_a_land(day: dt.date) -> bool:
    return (day.month, day.day) in OF_LAENDER or _is_corpus_christi(day) or _is_day_of_repentance(day)


def _is_corpus_christi(day: dt.date) -> bool:
    """The Thursday of the week after Whit Monday: 21 May at the earliest, 24 June at the latest."""
    is_in_season = (5, 21) <= (day.month, day.day) <= (6, 24)
    return day.weekday() == THURSDAY and is_in_season and _is_holiday("DE", day - dt.timedelta(days=10))


def _is_day_of_repentance(day: dt.date) -> bool:
    """The Wednesday before 23 November."""
    return day.weekday() == WEDNESDAY and day.month == 11 and 16 <= day.day <= 22


@functools.cache
def _calendar(market: str) -> OpeningHours | None:
    try:
        return OpeningHours("PH", country=market)
    except UnknownCountryError:
        return None
