"""The channel mix, against counting by hand."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from o2o_platform.markets.models import Channel
from orders.reports import ask_for, build
from tests import factories

from .world import at, make_sale, november

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def rows_of(report, table="channels") -> dict:
    return {(str(row.get("period")), row["channel"]): row for row in report.table(table).rows}


def test_each_channel_has_its_share_and_o2o_is_both_ways_together():
    place, day = factories.make_dealership(), at("2014-11-05T04:00")
    for channel, number in (("online_to_offline", 3), ("offline_to_online", 1), ("direct", 2), ("offline", 4)):
        for _ in range(number):
            make_sale(place, day, channel=channel, delivered_at=day + timedelta(days=9))
    rows = rows_of(build("channels", november()))
    placed = {channel: (row["placed"], row["placed_share"]) for (_day, channel), row in rows.items()}
    assert placed == {
        "online_to_offline": (3, Decimal("0.3")),
        "offline_to_online": (1, Decimal("0.1")),
        "o2o": (4, Decimal("0.4")),
        "direct": (2, Decimal("0.2")),
        "offline": (4, Decimal("0.4")),
        "all": (10, Decimal("1")),
    }
    assert rows["2014-11-01", "o2o"]["revenue_CNY"] == Decimal("400000.00")
    assert rows["2014-11-01", "offline"]["revenue_CNY_share"] == Decimal("0.4")


def test_delivered_and_revenue_count_on_the_day_of_the_handover_and_cars_that_came_back_are_no_revenue():
    place = factories.make_dealership()
    make_sale(place, at("2014-10-20T04:00"), delivered_at=at("2014-11-02T04:00"))
    make_sale(place, at("2014-11-20T04:00"), delivered_at=at("2014-12-02T04:00"))
    make_sale(place, at("2014-10-20T04:00"), status="returned", delivered_at=at("2014-11-03T04:00"))
    row = rows_of(build("channels", november()))["2014-11-01", "all"]
    assert (row["placed"], row["delivered"], row["revenue_CNY"]) == (1, 2, Decimal("100000.00"))


def test_an_order_at_midnight_belongs_to_the_market_s_own_day():
    place = factories.make_dealership()
    make_sale(place, at("2014-11-10T15:59:59"))
    make_sale(place, at("2014-11-10T16:00:00"))
    rows = rows_of(build("channels", november(first="2014-11-10", last="2014-11-11", by="day")))
    assert [rows[day, "all"]["placed"] for day in ("2014-11-10", "2014-11-11")] == [1, 1]


def test_markets_and_currencies_never_mix():
    chinese, german = factories.make_dealership(), factories.make_dealership(market=factories.make_market("DE"))
    moment = at("2014-11-05T04:00")
    make_sale(chinese, moment, delivered_at=moment)
    make_sale(german, moment, delivered_at=moment, total="30000.00")
    make_sale(german, moment, delivered_at=moment, total="50000.00", currency="CHF")
    row = rows_of(build("channels", november(market="DE")))["2014-11-01", "all"]
    assert {key: value for key, value in row.items() if key in ("revenue_EUR", "revenue_CHF", "revenue_CNY")} == {
        "revenue_EUR": Decimal("30000.00"),
        "revenue_CHF": Decimal("50000.00"),
    }
    assert (row["delivered"], row["revenue_EUR_share"]) == (2, 1)


@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_figures_are_those_of_counting_one_by_one(by):
    chance, places = random.Random(7), [factories.make_dealership() for _ in range(2)]
    orders = []
    for _ in range(60):
        placed = at("2014-10-25T00:00") + timedelta(minutes=chance.randrange(45 * 1440))
        delivered = placed + timedelta(hours=chance.randrange(400)) if chance.random() < 0.6 else None
        channel, total = chance.choice(Channel.values), Decimal(chance.randrange(80_000, 300_000))
        make_sale(chance.choice(places), placed, channel=channel, delivered_at=delivered, total=total)
        orders.append((placed, delivered, channel, total))
    ask = november(by=by)
    counts, revenue = Counter(), defaultdict(Decimal)
    for placed, delivered, channel, total in orders:
        for key, moment in (("placed", placed), ("delivered", delivered)):
            day = moment.astimezone(SHANGHAI).date() if moment else None
            if day and ask.period.first <= day <= ask.period.last:
                counts[key, str(ask.period.bucket_of(day)), channel] += 1
                revenue[str(ask.period.bucket_of(day)), channel] += total * (key == "delivered")
    for (day, channel), row in rows_of(build("channels", ask)).items():
        if channel in Channel.values:
            assert row["placed"] == counts["placed", day, channel]
            assert row["delivered"] == counts["delivered", day, channel]
            assert row["revenue_CNY"] == revenue[day, channel]
    total = rows_of(build("channels", ask), "total")
    assert total[str(ask.period.first), "all"]["placed"] == sum(
        number for (key, *_), number in counts.items() if key == "placed"
    )


def test_a_dealership_counts_its_own_orders_past_the_deposit():
    ours, theirs = factories.make_dealership(), factories.make_dealership()
    moment = at("2014-11-05T04:00")
    make_sale(ours, moment, delivered_at=moment)
    make_sale(ours, moment, status="expired")
    make_sale(theirs, moment, delivered_at=moment)
    own = rows_of(build("channels", november(places=frozenset({ours.pk}))))["2014-11-01", "all"]
    assert (own["placed"], own["delivered"], own["revenue_CNY"]) == (1, 1, Decimal("100000.00"))
    nobody = rows_of(build("channels", november(places=frozenset())))["2014-11-01", "all"]
    assert (nobody["placed"], nobody["delivered"]) == (0, 0)


def test_a_day_of_25_hours_is_one_day():
    place = factories.make_dealership(market=factories.make_market("DE"))
    for moment in ("2014-10-25T21:59", "2014-10-25T22:00", "2014-10-26T00:30", "2014-10-26T01:30", "2014-10-26T22:59"):
        make_sale(place, at(moment), delivered_at=at(moment))
    ask = ask_for(market="DE", first="2014-10-25", last="2014-10-27", by="day")
    rows = rows_of(build("channels", ask))
    days = ("2014-10-25", "2014-10-26", "2014-10-27")
    assert [(rows[day, "all"]["placed"], rows[day, "all"]["delivered"]) for day in days] == [(1, 1), (4, 4), (0, 0)]
