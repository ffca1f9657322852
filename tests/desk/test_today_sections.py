"""What else a day brings: cars due, sums to collect, open quotes, buyers to decide, and the mark of a reminder."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import StockUnit
from o2o_platform.journal.models import SYSTEM
from orders.models import Assignment, DeskTask, Order, Quote
from orders.services import decline_order, reassign_overdue, remind_silent
from tests import factories
from tests.orders.quotes import make_quote

from .conftest import make_drive, order_in, reserved_order, signed_in
from .test_today import noon_at


@pytest.fixture
def place():
    return factories.make_dealership(opening_hours="24/7")


@pytest.fixture
def client(place):
    return signed_in(factories.make_member(place))


def section(client, name, **query):
    return next(each for each in client.get("/admin/", query).context["sections"] if each.name == name)


def expected(place, days: int, **fields) -> StockUnit:
    day = timezone.now().astimezone(place.zone).date() + timedelta(days=days)
    return factories.make_unit(dealership=place, stage="in_transit", expected_on=day, **fields)


def test_cars_due_within_the_week_and_those_that_should_be_here(place, client):
    soon, late = expected(place, 7), expected(place, -2)
    expected(place, 8)
    expected(factories.make_dealership(), 1)
    StockUnit.objects.filter(pk=expected(place, 1).pk).update(stage="in_store")
    rows = section(client, "due").rows
    assert [(row.subject, row.is_late) for row in rows] == [(late, True), (soon, False)]


def test_a_car_due_names_the_order_that_waits_for_it(place, client):
    order = reserved_order(expected(place, 2))
    page = client.get("/admin/").content.decode()
    assert page.count(order.reference) >= 2
    assert [claim.order for claim in section(client, "due").rows[0].subject.live_claims] == [order]


def test_the_money_to_collect_is_summed(place, client):
    orders = [order_in("ready", factories.make_unit(dealership=place)) for _ in range(2)]
    order_in("ready")
    left = sum(order.balance_due for order in orders)
    assert f"{left:,.0f}" in section(client, "collect").note


def test_open_quotes_by_the_day_they_end(place, client):
    later, sooner, over = (make_quote(factories.make_unit(dealership=place)) for _ in range(3))
    Quote.objects.filter(pk=sooner.pk).update(valid_until=timezone.now() + timedelta(days=1))
    Quote.objects.filter(pk=over.pk).update(valid_until=timezone.now() - timedelta(minutes=1))
    make_quote()
    rows = section(client, "quotes").rows
    assert [row.subject for row in rows] == [sooner, later]
    assert rows[0].url == f"/admin/orders/quote/{sooner.pk}/change/"


def test_a_reminded_order_is_marked(place, client):
    reserved_order(factories.make_unit(dealership=place))
    with time_machine.travel(timezone.now() + timedelta(minutes=20), tick=False):
        assert remind_silent() == 1
        row = section(client, "answer").rows[0]
        assert row.is_soon
        assert "reminded" in client.get("/admin/").content.decode()


def test_while_the_buyer_decides_the_first_dealership_may_accept_and_staff_see_it(place, client):
    order = reserved_order(factories.make_unit(dealership=place))
    other = factories.make_unit(order.trim, factories.make_dealership(), colour=order.colour)
    Assignment.objects.update(answer_due_at=timezone.now() - timedelta(minutes=1))
    assert reassign_overdue() == 1
    there = signed_in(factories.make_member(other.dealership))
    assert section(client, "answer").rows == section(there, "answer").rows == []
    assert there.get(f"/admin/orders/order/{order.pk}/change/").status_code == 302
    staff = signed_in(factories.make_staff("platform"))
    assert [row.subject for row in section(staff, "undecided").rows] == [order]
    page = client.get(f"/admin/orders/order/{order.pk}/change/")
    assert [one.verb.name for one in page.context["offered"]][:1] == ["accept"]
    assert client.post(f"/admin/orders/order/{order.pk}/do/accept/").status_code == 303
    assert Order.objects.get(pk=order.pk).status == "accepted"


def test_a_buyer_who_has_to_choose_after_a_decline_is_seen_by_staff(place):
    order = reserved_order(factories.make_unit(dealership=place))
    decline_order(order.pk, dealership=place, actor=SYSTEM, reason_code="sold")
    staff = signed_in(factories.make_staff("platform"))
    assert [row.subject for row in section(staff, "undecided").rows] == [order]


def test_all_sections_take_the_same_queries_for_many_rows(place, client):
    author = factories.make_member(place)

    def fill(count: int) -> None:
        for number in range(count):
            reserved_order(expected(place, number % 7))
            make_quote(factories.make_unit(dealership=place), author)
            make_drive(place, starts_at=noon_at(place) + timedelta(hours=number), status="confirmed")
            factories.make_trade_in(place)
            DeskTask.objects.create(dealership=place, author=author, text="x", due_at=timezone.now())

    fill(1)
    client.get("/admin/")
    with CaptureQueriesContext(connection) as few:
        client.get("/admin/")
    fill(6)
    with CaptureQueriesContext(connection) as many:
        client.get("/admin/")
    assert len(many) == len(few) <= 26
