"""How far orders have come, and visitors before them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from orders.models import FunnelDay
from orders.reports import build
from tests import factories

from .world import at, make_drive, make_sale, november, write_event

pytestmark = pytest.mark.django_db
DAY = at("2014-11-05T04:00")


def steps_of(report) -> dict[str, int]:
    return {row["step"]: row["number"] for row in report.table().rows}


def test_orders_count_at_every_step_they_have_reached():
    place = factories.make_dealership()
    make_sale(place, DAY, status="placed")
    make_sale(place, DAY, status="expired")
    make_sale(place, DAY, status="cancelled", paid_total=0)
    make_sale(place, DAY, status="reserved")
    make_sale(place, DAY, status="paid")
    make_sale(place, DAY, delivered_at=DAY + timedelta(days=9))
    make_sale(place, DAY, status="returned", delivered_at=DAY + timedelta(days=9))
    with time_machine.travel(DAY + timedelta(days=20)):
        found = steps_of(build("funnel", november()))
    assert found == {"reserved": 4, "drive": 0, "lock": 4, "paid": 3, "handover": 2}


def test_locked_are_those_that_lived_past_the_refund_deadline():
    place = factories.make_dealership()
    for status, after in (("reserved", None), ("cancelled", 71), ("cancelled", 73)):
        order = make_sale(place, DAY, status=status)
        if after:
            write_event(order, "cancelled", DAY + timedelta(hours=after))
    with time_machine.travel(DAY + timedelta(hours=71)):
        assert steps_of(build("funnel", november()))["lock"] == 0
    with time_machine.travel(DAY + timedelta(hours=80)):
        assert steps_of(build("funnel", november())) == {
            "reserved": 3,
            "drive": 0,
            "lock": 2,
            "paid": 0,
            "handover": 0,
        }


def test_a_drive_of_the_same_model_by_the_same_buyer_counts_once():
    place = factories.make_dealership()
    order, other = make_sale(place, DAY), make_sale(place, DAY)
    other_model = factories.make_trim(factories.make_model(name="H9"))
    make_drive(place, at("2014-11-03T02:00"), "done", buyer=order.buyer, trim=order.trim)
    make_drive(place, at("2014-11-04T02:00"), "done", buyer=order.buyer, trim=order.trim)
    make_drive(place, at("2014-11-03T04:00"), "no_show", buyer=other.buyer, trim=other.trim)
    make_drive(place, at("2014-11-03T06:00"), "done", buyer=other.buyer, trim=other_model)
    assert steps_of(build("funnel", november()))["drive"] == 1


def test_visitors_come_before_orders_for_the_whole_market_alone():
    place = factories.make_dealership()
    make_sale(place, DAY)
    for day, visitors in ((1, 80), (30, 20)):
        FunnelDay.objects.create(market_id="CN", day=date(2014, 11, day), step="visit", visitors=visitors)
    FunnelDay.objects.create(market_id="CN", day=date(2014, 12, 1), step="visit", visitors=7)
    FunnelDay.objects.create(market_id="CN", day=date(2014, 11, 1), step="reserve", visitors=10)
    rows = {row["step"]: row for row in build("funnel", november()).table().rows}
    assert (rows["visit"]["number"], rows["configure"]["number"], rows["reserve"]["number"]) == (100, 0, 10)
    assert rows["reserved"]["of_step_before"] == Decimal("0.1")
    assert rows["reserved"]["of_first"] == Decimal("0.01")
    own = build("funnel", november(places=frozenset({place.pk})))
    assert next(iter(steps_of(own))) == "reserved"


def test_channels_and_brands_add_up_to_the_market():
    place = factories.make_dealership()
    other = factories.make_unit(
        trim=factories.make_trim(factories.make_model(factories.make_brand("byd", name="BYD"), "Han"))
    )
    make_sale(place, DAY, channel="direct")
    make_sale(place, DAY, channel="offline")
    make_sale(place, DAY, channel="offline", unit=other)
    rows = build("funnel", november()).table("groups").rows
    assert [(row["group"], row["of"], row["reserved"]) for row in rows] == [
        ("all", "", 3),
        ("channel", "offline", 2),
        ("channel", "direct", 1),
        ("brand", "haval", 2),
        ("brand", "byd", 1),
    ]


def test_a_dealership_sees_how_far_its_own_orders_came():
    ours, theirs = factories.make_dealership(), factories.make_dealership()
    make_sale(ours, DAY)
    make_sale(theirs, DAY, delivered_at=DAY)
    found = build("funnel", november(places=frozenset({ours.pk})))
    assert (steps_of(found)["reserved"], steps_of(found)["handover"]) == (1, 0)
