"""The desk's first page: what is to be done, and how many queries it takes."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from o2o_platform.outbox.models import Delivery
from orders.models import Assignment
from tests import factories

from .conftest import make_drive, order_in, reserved_order, signed_in


def sections(client, **query) -> dict[str, list]:
    response = client.get("/admin/", query)
    assert response.status_code == 200
    return {section.name: [row.subject for row in section.rows] for section in response.context["sections"]}


def names(row) -> list[str]:
    return [one.verb.name for one in row.verbs]


def rows_of(client, name):
    return next(each.rows for each in client.get("/admin/").context["sections"] if each.name == name)


def noon_at(place):
    """Noon of a working day to come, at the dealership."""
    return (timezone.now().astimezone(place.zone) + timedelta(days=1)).replace(
        hour=12, minute=0, second=0, microsecond=0
    )


def test_each_order_stands_where_its_next_step_is():
    place = factories.make_dealership()
    client = signed_in(factories.make_member(place))
    asked = reserved_order(factories.make_unit(dealership=place))
    accepted, ready, paid = (
        order_in(status, factories.make_unit(dealership=place)) for status in ("accepted", "ready", "paid")
    )
    factories.make_order(factories.make_unit(dealership=place))
    reserved_order()
    found = sections(client)
    assert found["answer"] == [asked]
    assert found["prepare"] == [accepted]
    assert found["collect"] == [ready]
    assert found["hand-over"] == [paid]
    assert "parked" not in found
    assert [names(rows_of(client, name)[0]) for name in ("answer", "prepare", "collect", "hand-over")] == [
        ["accept", "decline"],
        ["ready"],
        ["balance"],
        ["hand-over"],
    ]


def test_time_left_counts_business_minutes():
    place = factories.make_dealership(opening_hours="Mo-Su 09:00-18:00")
    client = signed_in(factories.make_member(place))
    with time_machine.travel(noon_at(place).replace(hour=17, minute=50), tick=False):
        order = reserved_order(factories.make_unit(dealership=place))
        assert rows_of(client, "answer")[0].minutes_left == 30
    with time_machine.travel(noon_at(place).replace(hour=23), tick=False):
        assert rows_of(client, "answer")[0].minutes_left == 20
    Assignment.objects.filter(order=order).update(answer_due_at=timezone.now() - timedelta(days=1))
    row = rows_of(client, "answer")[0]
    assert row.is_late
    assert "Overdue" in client.get("/admin/").content.decode()


def test_test_drives_of_the_dealerships_own_day():
    place = factories.make_dealership()
    noon = noon_at(place)
    today = make_drive(place, starts_at=noon + timedelta(hours=2), status="confirmed")
    late = make_drive(place, starts_at=noon.replace(hour=0, minute=30), status="no_show")
    forgotten = make_drive(place, starts_at=noon - timedelta(days=2), status="confirmed")
    asked = make_drive(place, starts_at=noon + timedelta(days=3))
    make_drive(place, starts_at=noon + timedelta(hours=13), status="confirmed")
    client = signed_in(factories.make_member(place))
    with time_machine.travel(noon, tick=False):
        found = sections(client)
    assert found["drives"] == [forgotten, late, today]
    assert found["requests"] == [asked]


def test_phone_numbers_are_masked_on_the_desk_and_whole_on_the_order():
    place = factories.make_dealership()
    buyer = factories.make_buyer(phone="+8613912345678")
    order = reserved_order(factories.make_unit(dealership=place), buyer=buyer)
    client = signed_in(factories.make_member(place))
    for address in ("/admin/", "/admin/orders/order/"):
        page = client.get(address).content.decode()
        assert "5678" in page
        assert "2345678" not in page
    assert "+8613912345678" in client.get(f"/admin/orders/order/{order.pk}/change/").content.decode()


def test_staff_see_all_dealerships_and_may_choose_one():
    first, second = reserved_order(), reserved_order()
    Assignment.objects.filter(order=second).update(is_escalated=True)
    parked = Delivery.objects.create(
        topic="x",
        channel="webhook",
        recipient=first.dealership.recipient,
        subject_type="x",
        subject_id=1,
        dedupe_key="x",
        body="",
        status="parked",
    )
    client = signed_in(factories.make_staff("platform"))
    found = sections(client)
    assert (found["answer"], found["escalated"], found["parked"]) == ([first], [second], [parked])
    found = sections(client, dealership=second.dealership_id)
    assert (found["answer"], found["escalated"], found["parked"]) == ([], [second], [])


def test_managers_see_what_was_given_up_at_their_own_dealership():
    ours, theirs = reserved_order(), reserved_order()
    ours_parked, _theirs_parked = (
        Delivery.objects.create(
            topic="x",
            channel="webhook",
            recipient=order.dealership.recipient,
            subject_type="x",
            subject_id=1,
            dedupe_key=order.reference,
            body="",
            status="parked",
        )
        for order in (ours, theirs)
    )
    manager = signed_in(factories.make_member(ours.dealership, "manager"))
    assert sections(manager)["parked"] == [ours_parked]
    assert "parked" not in sections(signed_in(factories.make_member(ours.dealership)))


def test_a_forged_dealership_filter_shows_nothing_more():
    other = reserved_order()
    client = signed_in(factories.make_member(factories.make_dealership()))
    assert sections(client, dealership=other.dealership_id)["answer"] == []
    assert sections(client, dealership="x' OR 1=1")["answer"] == []


def test_the_desk_takes_the_same_queries_for_many_rows():
    place = factories.make_dealership()
    client = signed_in(factories.make_member(place))

    def fill(count: int) -> None:
        for number in range(count):
            reserved_order(factories.make_unit(dealership=place))
            order_in("ready", factories.make_unit(dealership=place))
            make_drive(place, starts_at=noon_at(place) + timedelta(hours=number))

    fill(1)
    client.get("/admin/")
    with CaptureQueriesContext(connection) as few:
        client.get("/admin/")
    fill(8)
    with CaptureQueriesContext(connection) as many:
        client.get("/admin/")
    assert len(many) == len(few) <= 20


def test_big_lists_are_not_counted():
    reserved_order()
    client = signed_in(factories.make_staff("platform"))
    for label in ("orders/order", "journal/event", "outbox/delivery", "payments/payment", "catalog/stockunit"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/admin/{label}/").status_code == 200
        assert not [query for query in queries if "COUNT(" in query["sql"]], label


def test_order_lists_take_the_same_queries_for_many_rows():
    place = factories.make_dealership()
    client = signed_in(factories.make_member(place))
    reserved_order(factories.make_unit(dealership=place))
    client.get("/admin/orders/order/")
    with CaptureQueriesContext(connection) as few:
        client.get("/admin/orders/order/")
    for _number in range(6):
        reserved_order(factories.make_unit(dealership=place))
    with CaptureQueriesContext(connection) as many:
        client.get("/admin/orders/order/")
    assert len(many) == len(few)
