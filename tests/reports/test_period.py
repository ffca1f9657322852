"""Which day a moment belongs to, in the market's own calendar."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from o2o_platform.journal.models import Event
from orders.reports import BadRequest, ask_for
from orders.reports.asking import bucket
from orders.reports.period import By, Period
from tests import factories

SHANGHAI, BERLIN, WARSAW = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Warsaw")
TODAY = date(2014, 11, 22)
_worlds = itertools.count(1)


def read(first="", last="", by="day", zone=SHANGHAI):
    return Period.read(first, last, zone=zone, today=TODAY, by=by)


def test_without_dates_it_is_the_last_thirty_days():
    assert (read().first, read().last) == (date(2014, 10, 24), TODAY)
    assert len(read().buckets) == 30


def test_one_date_is_enough():
    assert (read(first="2014-11-01").first, read(first="2014-11-01").last) == (date(2014, 11, 1), TODAY)
    assert (read(last="2014-01-30").first, read(last="2014-01-30").last) == (date(2014, 1, 1), date(2014, 1, 30))


@pytest.mark.parametrize(
    ("first", "last", "by", "reason"),
    [
        ("2014-13-01", "", "day", "Write a day like 2014-11-22: 2014-13-01"),
        ("20141101", "", "day", "Write a day like"),
        ("yesterday", "", "day", "Write a day like"),
        ("0001-01-01", "", "day", "Write a day like"),
        ("9999-12-31", "", "day", "Write a day like"),
        ("２０１４-11-01", "", "day", "Write a day like"),
        ("2014-11-02", "2014-11-01", "day", "The period ends before it begins."),
        ("2008-11-02", "2014-11-01", "month", "A report covers five years at most."),
        ("2012-11-02", "2014-11-01", "day", "Choose weeks or months"),
        ("2014-11-01", "", "decade", "Choose day, week or month."),
    ],
)
@pytest.mark.usefixtures("_english")
def test_what_is_no_period_is_refused_with_the_reason(first, last, by, reason):
    with pytest.raises(BadRequest, match=reason):
        read(first, last, by)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (SHANGHAI, "2014-03-30", 24),
        (BERLIN, "2014-03-30", 23),
        (BERLIN, "2014-10-26", 25),
        (WARSAW, "2014-10-26", 25),
    ],
)
def test_a_day_is_as_long_as_on_the_wall(zone, day, hours):
    start, end = read(day, day, zone=zone).moments
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=hours)


def test_weeks_begin_on_monday_and_months_on_the_first():
    assert read("2014-11-05", "2014-11-18", By.WEEK).buckets == [date(2014, 11, day) for day in (3, 10, 17)]
    assert read("2014-11-05", "2015-01-01", By.MONTH).buckets == [
        date(2014, 11, 1),
        date(2014, 12, 1),
        date(2015, 1, 1),
    ]


# Around midnight in all zones on ordinary days, at the ends of months and years, and where clocks change.
BORDERS = ("2014-03-30", "2014-10-26", "2014-12-31", "2015-01-01", "2016-02-29", "2014-11-22")
moments = st.builds(
    lambda day, seconds: datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(seconds=seconds),
    st.sampled_from(BORDERS),
    st.integers(-26 * 3600, 26 * 3600),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(moments, min_size=1, max_size=30), zone=st.sampled_from([SHANGHAI, BERLIN, WARSAW]))
@pytest.mark.parametrize("by", list(By))
def test_the_database_puts_every_moment_where_the_calendar_does(db, by, found, zone):
    world = next(_worlds)
    Event.objects.bulk_create(
        [Event(subject_type="test", subject_id=world, at=each, name="x", actor_kind="system") for each in found]
    )
    days = sorted(each.astimezone(zone).date() for each in found)
    period = Period(days[0], days[-1], zone, by)
    start, end = period.moments
    rows = Event.objects.filter(subject_type="test", subject_id=world, at__gte=start, at__lt=end)
    lines = dict(rows.annotate(line=bucket("at", period)).values_list("at", "line"))
    assert set(lines) == set(found)
    assert all(line == period.bucket_of(each.astimezone(zone).date()) for each, line in lines.items())
    assert set(lines.values()) <= set(period.buckets)


@pytest.mark.usefixtures("_english", "db")
def test_markets_have_their_own_days():
    factories.make_market("CN"), factories.make_market("DE")
    assert ask_for(market="de", first="2014-11-01", last="2014-11-02").period.zone == BERLIN
    assert ask_for(first="2014-11-01", last="2014-11-02").period.zone == SHANGHAI
    with pytest.raises(BadRequest, match="Unknown market: XX"):
        ask_for(market="xx")
