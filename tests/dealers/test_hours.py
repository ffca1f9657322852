"""Opening hours in the dealership's zone, right when the clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from dealers.hours import business_deadline, business_minutes_left, is_open, open_intervals
from dealers.models import Dealership

BERLIN, WARSAW = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Warsaw")
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)


def place(hours: str = "Mo-Sa 09:00-18:00", zone: str = "Europe/Berlin", calendar: str = "") -> Dealership:
    return Dealership(opening_hours=hours, time_zone=zone, holiday_calendar=calendar)


def length(interval) -> timedelta:
    return interval.end.astimezone(UTC) - interval.start.astimezone(UTC)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/Warsaw"])
@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2027, 6, 1), 24)])
def test_a_day_around_the_clock_has_the_hours_the_clock_gives_it(zone, day, hours):
    (interval,) = open_intervals(place("24/7", zone), day)
    assert length(interval) == timedelta(hours=hours)


@pytest.mark.parametrize(("day", "opens_utc"), [(SPRING, 7), (AUTUMN, 8), (SPRING - timedelta(days=1), 8)])
def test_nine_o_clock_is_nine_on_the_wall(day, opens_utc):
    (interval,) = open_intervals(place("Mo-Su 09:00-18:00"), day)
    assert interval.start.astimezone(UTC).hour == opens_utc
    assert (interval.start.hour, interval.end.hour) == (9, 18)


def test_an_opening_in_the_hour_that_does_not_exist_begins_after_it():
    (interval,) = open_intervals(place("Mo-Su 02:30-06:00"), SPRING)
    assert interval.start == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)


def test_public_holidays_of_the_country_are_closed():
    german = place("Mo-Sa 09:00-18:00; PH off", calendar="DE")
    assert open_intervals(german, date(2027, 10, 1))
    assert not open_intervals(german, date(2026, 12, 25))
    chinese = place("Mo-Su 09:00-18:00; PH off", "Asia/Shanghai", "CN")
    assert not open_intervals(chinese, date(2026, 10, 1))


def test_breaks_and_neighbouring_hours():
    intervals = open_intervals(place('Mo-Su 09:00-12:00 "service", 12:00-13:00, 14:00-18:00'), date(2027, 6, 1))
    assert [(each.start.hour, each.end.hour) for each in intervals] == [(9, 13), (14, 18)]


@pytest.mark.parametrize("text", ["garbage", "", "Mo-Su 25:00-26:00", "九点到六点", "Mo 09:00" * 20])
def test_hours_that_cannot_be_read_mean_closed(text):
    dealership = place(text)
    assert open_intervals(dealership, SPRING) == ()
    assert not is_open(dealership, datetime(2027, 6, 1, 10, tzinfo=BERLIN))


@pytest.mark.parametrize(
    ("field", "bad"), [("opening_hours", "nine to five"), ("time_zone", "Mars/Base"), ("holiday_calendar", "ZZ")]
)
def test_the_form_says_what_is_wrong(field, bad):
    column = Dealership._meta.get_field(field)
    with pytest.raises(ValidationError):
        column.clean(bad, None)


def test_an_unknown_calendar_has_no_holidays_and_does_not_crash():
    assert open_intervals(place("Mo-Su 09:00-18:00; PH off", calendar="ZZ"), date(2026, 12, 25))


def test_the_answer_clock_stops_at_night_and_on_sunday():
    saturday_evening = datetime(2027, 6, 5, 17, 50, tzinfo=BERLIN)
    deadline = business_deadline(place(), saturday_evening, 30)
    assert deadline == datetime(2027, 6, 7, 9, 20, tzinfo=BERLIN)
    assert business_minutes_left(place(), deadline, saturday_evening) == 30
    assert business_minutes_left(place(), deadline, datetime(2027, 6, 6, 12, tzinfo=BERLIN)) == 20
    assert business_minutes_left(place(), deadline, datetime(2027, 6, 7, 10, tzinfo=BERLIN)) == 0


@pytest.mark.parametrize("zone", [BERLIN, WARSAW])
def test_the_answer_clock_counts_real_minutes_over_a_time_change(zone):
    around = place("24/7", zone.key)
    before_spring = datetime(2027, 3, 28, 1, 30, tzinfo=zone)
    assert business_deadline(around, before_spring, 60) == datetime(2027, 3, 28, 3, 30, tzinfo=zone)
    before_autumn = datetime(2027, 10, 31, 1, 30, tzinfo=zone)
    assert business_deadline(around, before_autumn, 120).astimezone(zone).hour == 2
    assert business_minutes_left(around, before_autumn + timedelta(days=1), before_autumn) == 25 * 60


def test_a_dealership_that_never_opens_gets_plain_minutes():
    start = datetime(2027, 6, 5, 12, 0, tzinfo=UTC)
    for hours in ("off", "unreadable"):
        deadline = business_deadline(place(hours), start, 30)
        assert deadline == start + timedelta(minutes=30)
        assert business_minutes_left(place(hours), deadline, start) == 30


@settings(deadline=None)
@given(
    since_new_year=st.integers(0, 334 * 24 * 60),
    minutes=st.integers(1, 3000),
)
def test_the_minutes_left_are_the_minutes_given(since_new_year, minutes):
    start = datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=since_new_year)
    dealership = place("Mo-Fr 08:00-12:30,13:30-19:00; Sa 10:00-16:00; PH off", calendar="DE")
    deadline = business_deadline(dealership, start, minutes)
    assert business_minutes_left(dealership, deadline, start) == minutes
    assert is_open(dealership, deadline - timedelta(seconds=1))
