"""Each action of the desk, by the people it is for and by those it is not for."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from dealers.booking import format_moment
from o2o_platform.journal.models import Actor, Event
from orders.models import Order
from orders.services import accept_order
from payments.models import Payment, Refund
from tests import factories

from .conftest import make_drive, order_in, reserved_order, signed_in


def do(client, row, name, **data):
    meta = row._meta
    return client.post(f"/admin/{meta.app_label}/{meta.model_name}/{row.pk}/do/{name}/", data)


def said(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.fixture
def place():
    return factories.make_dealership()


@pytest.fixture
def advisor(place):
    return signed_in(factories.make_member(place))


def status(order) -> str:
    return Order.objects.get(pk=order.pk).status


def test_an_order_goes_from_asked_to_handed_over(place, advisor):
    order = reserved_order(factories.make_unit(dealership=place))
    response = do(advisor, order, "accept")
    assert (response.status_code, response.url, status(order)) == (303, "/admin/", "accepted")
    do(advisor, order, "ready")
    assert status(order) == "ready"
    due = Order.objects.get(pk=order.pk).balance_due
    do(advisor, order, "balance", method="cash", amount="1000.50", key="a")
    do(advisor, order, "balance", method="cash", amount="1000.50", key="a")
    assert status(order) == "ready"
    do(
        advisor,
        order,
        "balance",
        method="transfer",
        amount=str(due - Payment.objects.get(method="cash").amount),
        key="b",
    )
    assert status(order) == "paid"
    assert "not right" in said(do(advisor, order, "hand-over", code="0"))
    do(advisor, order, "hand-over", code=order.handover_code)
    assert status(order) == "delivered"
    event = Event.objects.of(order).last()
    assert (event.actor_kind, event.actor_id) == ("dealer", int(advisor.session["_auth_user_id"]))


def test_declining_needs_a_reason_that_exists(place, advisor):
    order = reserved_order(factories.make_unit(dealership=place))
    refused = do(advisor, order, "decline", reason_code="because", note="typed words")
    assert refused.status_code == 422
    assert b"typed words" in refused.content
    do(advisor, order, "decline", reason_code="damaged", note="hail")
    assert order.assignments.get().answer == "declined"


def test_more_than_is_due_is_refused_in_words(place, advisor):
    order = order_in("ready", factories.make_unit(dealership=place))
    assert "does not fit" in said(do(advisor, order, "balance", method="card", amount="99999999", key="k"))
    assert do(advisor, order, "balance", method="online", amount="1", key="k").status_code == 422


def test_who_comes_second_is_told_so(place, advisor):
    """Two advisors look at the same row; one answers first."""
    order = reserved_order(factories.make_unit(dealership=place))
    do(advisor, order, "decline", reason_code="other")
    assert "not waiting for an answer" in said(do(advisor, order, "accept"))
    ready = order_in("ready", factories.make_unit(dealership=place))
    assert "state has changed" in said(do(advisor, ready, "ready"))


def test_only_a_manager_cancels_and_the_refund_is_said(place, advisor):
    order = order_in("accepted", factories.make_unit(dealership=place))
    assert do(advisor, order, "cancel", reason="x").status_code == 403
    manager = signed_in(factories.make_member(place, role="manager"))
    assert "To be refunded" in said(do(manager, order, "cancel", reason="car lost"))
    assert status(order) == "cancelled"


def test_only_platform_staff_cancel_as_goodwill_and_say_why(place, advisor):
    order = order_in("accepted", factories.make_unit(dealership=place))
    manager = signed_in(factories.make_member(place, role="manager"))
    for client in (advisor, manager):
        assert do(client, order, "goodwill", reason="x").status_code == 403
    staff = signed_in(factories.make_staff())
    assert do(staff, order, "goodwill", reason=" ").status_code == 422
    assert status(order) == "accepted"
    assert "To be refunded" in said(do(staff, order, "goodwill", reason="agreed"))
    assert status(order) == "cancelled"


@pytest.mark.parametrize(
    ("state", "name", "data"),
    [
        ("reserved", "accept", {}),
        ("reserved", "decline", {"reason_code": "other"}),
        ("accepted", "ready", {}),
        ("ready", "balance", {"method": "cash", "amount": "1", "key": "k"}),
        ("paid", "hand-over", {"code": "000000"}),
        ("paid", "cancel", {"reason": "x"}),
    ],
)
def test_nobody_acts_on_an_order_of_another_dealership(advisor, state, name, data):
    order = reserved_order() if state == "reserved" else order_in(state)
    assert do(advisor, order, name, **data).status_code == 404
    assert status(order) == state


@pytest.mark.parametrize(("role", "expected"), [("read_only", 403), ("finance", 403), ("platform", 303)])
def test_platform_parts_on_orders(role, expected):
    order = reserved_order()
    assert do(signed_in(factories.make_staff(role)), order, "accept").status_code == expected
    assert (status(order) == "accepted") == (expected == 303)


def test_finance_records_balances_and_pays_refunds_out(place):
    order = order_in("ready", factories.make_unit(dealership=place))
    finance = signed_in(factories.make_staff("finance"))
    do(finance, order, "balance", method="transfer", amount=str(order.balance_due), key="f")
    assert status(order) == "paid"
    refund = Refund.objects.create(
        reference="R1", payment=Payment.objects.get(method="transfer"), amount=1, reason="cancelled"
    )
    for nobody in (factories.make_member(place, role="manager"), factories.make_staff("read_only")):
        assert do(signed_in(nobody), refund, "pay-out").status_code == 403
    do(finance, refund, "pay-out")
    refund.refresh_from_db()
    assert refund.status == "succeeded"
    assert "state has changed" in said(do(finance, refund, "pay-out"))


def test_read_only_staff_see_all_and_change_nothing(place):
    reader = signed_in(factories.make_staff("read_only"))
    unit = factories.make_unit(dealership=place)
    assert b"do/accept" not in reader.get("/admin/").content
    for address in ("orders/order/", "catalog/stockunit/", "payments/refund/", "journal/event/", "outbox/delivery/"):
        assert reader.get(f"/admin/{address}").status_code == 200
    for address in (
        "catalog/brand/add/",
        f"catalog/stockunit/{unit.pk}/delete/",
        "orders/order/sell/",
        "accounts/user/",
    ):
        assert reader.get(f"/admin/{address}").status_code == 403
    assert reader.post(f"/admin/catalog/stockunit/{unit.pk}/change/", {"discount": "5"}).status_code == 403


def test_requests_without_a_token_are_refused(place):
    order = reserved_order(factories.make_unit(dealership=place))
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.make_member(place))
    assert do(client, order, "accept").status_code == 403
    assert client.post("/admin/orders/order/sell/", {}).status_code == 403
    assert status(order) == "reserved"


def test_a_look_changes_nothing_and_the_way_back_stays_here(place, advisor):
    order = reserved_order(factories.make_unit(dealership=place))
    assert advisor.get(f"/admin/orders/order/{order.pk}/do/accept/").status_code == 200
    assert status(order) == "reserved"
    assert do(advisor, order, "accept", next="https://evil.example/admin/").url == "/admin/"
    assert do(advisor, order, "accept", next="/admin/orders/order/?q=1").url == "/admin/orders/order/?q=1"


def test_buyers_and_strangers_meet_the_staff_sign_in(place):
    order = reserved_order(factories.make_unit(dealership=place))
    for client in (Client(), signed_in(order.buyer)):
        response = do(client, order, "accept")
        assert response.status_code == 302
        assert "/admin/login/" in response.url
    assert status(order) == "reserved"


# --- Test drives ----------------------------------------------------------------------------------


@pytest.fixture
def noon(place):
    day = timezone.now().astimezone(place.zone) + timedelta(days=2)
    return day.replace(hour=12, minute=0, second=0, microsecond=0)


def drive_status(drive) -> str:
    drive.refresh_from_db()
    return drive.status


def test_a_test_drive_from_asked_to_done(place, advisor, noon):
    drive = make_drive(place, starts_at=noon)
    colleague = factories.make_member(place)
    do(advisor, drive, "confirm", advisor=colleague.pk)
    assert drive_status(drive) == "confirmed"
    assert drive.advisor == colleague
    assert do(advisor, drive, "check-in").status_code == 422
    assert "not started" in said(do(advisor, drive, "check-in", licence_checked="on"))
    with time_machine.travel(noon, tick=False):
        do(advisor, drive, "check-in", licence_checked="on")
        do(advisor, drive, "done", outcome="ordered", note="liked it")
    assert drive_status(drive) == "done"


def test_an_advisor_of_elsewhere_can_not_be_named(place, advisor, noon):
    drive = make_drive(place, starts_at=noon)
    stranger = factories.make_member(factories.make_dealership())
    assert do(advisor, drive, "confirm", advisor=stranger.pk).status_code == 422
    do(advisor, drive, "confirm", advisor="")
    assert drive_status(drive) == "confirmed"


def test_another_time_is_one_of_the_free_ones(place, advisor, noon):
    drive = make_drive(place, starts_at=noon)
    form = advisor.get(f"/admin/dealers/appointment/{drive.pk}/do/propose/").context["one"].form
    times = [value for _day, group in form.fields["starts_at"].choices for value, _label in group]
    assert format_moment(noon) not in times
    assert do(advisor, drive, "propose", starts_at=format_moment(noon.replace(hour=3))).status_code == 422
    do(advisor, drive, "propose", starts_at=times[0], reason="car is in service")
    assert drive_status(drive) == "proposed"
    assert format_moment(drive.starts_at) == times[0]


@pytest.mark.parametrize(
    ("before", "name", "after"), [("requested", "decline", "declined"), ("confirmed", "cancel", "cancelled")]
)
def test_saying_no_needs_a_reason(place, advisor, noon, before, name, after):
    drive = make_drive(place, starts_at=noon, status=before)
    assert do(advisor, drive, name, reason="  ").status_code == 422
    do(advisor, drive, name, reason="no car")
    assert drive_status(drive) == after


def test_who_did_not_come_is_noted_after_the_start(place, advisor, noon):
    drive = make_drive(place, starts_at=noon, status="confirmed")
    assert "not started" in said(do(advisor, drive, "no-show"))
    with time_machine.travel(noon + timedelta(hours=1), tick=False):
        do(advisor, drive, "no-show")
    assert drive_status(drive) == "no_show"


@pytest.mark.parametrize("name", ["confirm", "propose", "decline", "check-in", "done", "no-show", "cancel"])
def test_nobody_acts_on_a_test_drive_of_another_dealership(advisor, noon, name):
    drive = make_drive(factories.make_dealership(), starts_at=noon)
    assert do(advisor, drive, name, reason="x").status_code == 404
    assert drive_status(drive) == "requested"


def test_platform_staff_are_named_as_such():
    order = reserved_order()
    do(signed_in(factories.make_staff("platform")), order, "accept")
    assert Event.objects.of(order).last().actor_kind == "staff"
    again = accept_order(order.pk, dealership=order.dealership, actor=Actor.dealer(order.buyer))
    assert again.status == "accepted"
