"""Dealerships beside each other."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from dealers.hours import open_between
from orders.reports import build
from orders.reports.answering import OpenClock, middle, most
from tests import factories

from .world import at, make_answer, make_drive, make_sale, november

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Wednesday, 12:00 in Shanghai.
NOON = at("2014-11-05T12:00", SHANGHAI)


def rows_of(**fields) -> dict[str, dict]:
    return {row["code"]: row for row in build("dealers", november(**fields)).table().rows}


def test_answers_are_counted_in_minutes_in_which_the_house_was_open():
    place = factories.make_dealership()
    evening = at("2014-11-05T17:50", SHANGHAI)
    for asked, answered in ((NOON, NOON + timedelta(minutes=30)), (evening, evening + timedelta(hours=15, minutes=30))):
        make_answer(make_sale(place, asked), asked, answered)
    row = rows_of()[place.code]
    # 30; and 10 before closing at 18:00 plus 20 from 09:00 on.
    assert (row["median_minutes"], row["p90_minutes"]) == (Decimal(30), Decimal(30))


def test_acceptance_late_and_declined():
    place = factories.make_dealership()
    hour = timedelta(hours=1)
    for answer, took in (("accepted", hour), ("accepted", 5 * hour), ("declined", hour), ("timed_out", 4 * hour)):
        make_answer(make_sale(place, NOON), NOON, NOON + took, answer=answer)
    make_answer(make_sale(place, NOON), NOON, NOON + hour, answer="withdrawn")
    row = rows_of()[place.code]
    assert (row["answers"], row["acceptance"], row["late"], row["declined"]) == (4, Decimal("0.5"), 2, 1)
    assert row["median_minutes"] == Decimal(60)


def test_a_question_to_the_buyer_is_not_the_dealership_s_and_its_time_counts_from_the_consent():
    place, asked = factories.make_dealership(), {"needs_consent": True}
    make_answer(make_sale(place, NOON), NOON, NOON + timedelta(hours=2), answer="declined", **asked)
    agreed = NOON + timedelta(hours=1)
    make_answer(make_sale(place, NOON), NOON, NOON + timedelta(minutes=75), consented_at=agreed, **asked)
    row = rows_of()[place.code]
    assert (row["answers"], row["median_minutes"]) == (1, Decimal(15))


def test_drives_handovers_and_fees():
    place = factories.make_dealership()
    for number, status in enumerate(("done", "done", "done", "no_show", "cancelled")):
        make_drive(place, NOON + timedelta(days=number), status)
    make_sale(place, NOON, delivered_at=NOON, total="120000.00")
    make_sale(place, NOON, delivered_at=NOON, sales_model="agency", handover_fee=3000)
    make_sale(place, NOON, delivered_at=NOON, status="returned")
    row = rows_of()[place.code]
    assert (row["test_drives"], row["no_shows"], row["no_show_share"]) == (3, 1, Decimal("0.25"))
    assert (row["orders"], row["deliveries"]) == (3, 3)
    assert (row["revenue_CNY"], row["fees_CNY"]) == (Decimal("120000.00"), Decimal("3000.00"))


def test_the_most_handovers_come_first_and_equals_share_a_rank():
    first, second, third = (factories.make_dealership(code=f"house-{letter}") for letter in "abc")
    for place, number in ((first, 1), (second, 1), (third, 2)):
        for _ in range(number):
            make_sale(place, NOON, delivered_at=NOON)
    assert [(row["code"], row["rank"]) for row in rows_of().values()] == [
        ("house-c", 1),
        ("house-a", 2),
        ("house-b", 2),
    ]


def test_a_dealership_sees_itself_alone_also_without_figures():
    ours, theirs = factories.make_dealership(), factories.make_dealership()
    make_answer(make_sale(theirs, NOON, delivered_at=NOON), NOON, NOON + timedelta(hours=1))
    make_drive(theirs, NOON, "done")
    (row,) = rows_of(places=frozenset({ours.pk})).values()
    assert (row["code"], row["orders"], row["answers"], row["deliveries"]) == (ours.code, 0, 0, 0)
    assert set(rows_of()) == {theirs.code}


@pytest.mark.parametrize("hours", ["Mo-Fr 09:00-12:00,13:30-18:00", "Mo-Su 20:00-02:00", "24/7"])
@pytest.mark.parametrize("code", ["CN", "DE"])
def test_open_minutes_are_those_of_the_hours_themselves(hours, code):
    place = factories.make_dealership(market=factories.make_market(code), opening_hours=hours)
    clock, chance = OpenClock(place, date(2014, 10, 20), date(2014, 11, 10)), random.Random(1)
    for _ in range(40):
        start = at("2014-10-21T00:00") + timedelta(minutes=chance.randrange(12 * 1440))
        end = start + timedelta(minutes=chance.randrange(4 * 1440))
        spans = [(each.start.timestamp(), each.end.timestamp()) for each in open_between(place, start, end)]
        assert clock.minutes(start, end) == int(sum(last - first for first, last in spans) // 60)


def test_a_house_without_hours_is_counted_in_plain_minutes():
    place = factories.make_dealership(opening_hours="off")
    clock = OpenClock(place, date(2014, 11, 1), date(2014, 11, 30))
    assert clock.minutes(NOON, NOON + timedelta(hours=2)) == 120


def test_median_and_nearest_rank():
    assert (middle([]), most([])) == (None, None)
    assert (middle([1, 2]), middle([3, 1, 2])) == (Decimal("1.5"), Decimal(2))
    assert [most(range(1, number + 1)) for number in (1, 9, 10, 11, 100)] == [1, 9, 9, 10, 90]
