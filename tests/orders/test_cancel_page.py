"""Cancelling: the exact refund is shown first, and what is shown is what is given."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.utils import timezone

from o2o_platform.journal.models import Actor
from orders.models import Order
from orders.services import cancel_order
from tests.factories import make_buyer, make_order
from tests.orders.pages import hidden_fields, pay_deposit

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(client) -> Order:
    cache.clear()
    order = make_order()
    client.force_login(order.buyer)
    client.cookies["django_language"] = "en"
    return order


def address(order: Order) -> str:
    return f"/orders/{order.reference}/cancel/"


def lock_earnest(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(
        deposit_kind="earnest", refundable_until=timezone.now() - timedelta(minutes=1)
    )


def test_nothing_paid_nothing_back(client, order):
    page = client.get(address(order))
    assert "Nothing has been paid" in page.content.decode()
    client.post(address(order), hidden_fields(page))
    order.refresh_from_db()
    assert (order.status, order.refund_due) == ("cancelled", 0)


def test_before_the_lock_everything_comes_back(client, order):
    pay_deposit(order)
    page = client.get(address(order))
    assert hidden_fields(page)["expected_refund"] == "2000.00"
    answer = client.post(address(order), hidden_fields(page) | {"reason": "Too small"})
    assert answer.url == f"/orders/{order.reference}/"
    order.refresh_from_db()
    assert (order.status, order.refund_due) == ("cancelled", Decimal("2000.00"))
    assert order.events.last().reason == "Too small"


def test_earnest_money_after_the_lock_is_kept_and_said_so(client, order):
    pay_deposit(order)
    lock_earnest(order)
    page = client.get(address(order))
    assert "the earnest money is kept" in page.content.decode()
    assert hidden_fields(page)["expected_refund"] in ("0", "0.00")


def test_a_refund_that_changed_meanwhile_is_shown_again(client, order):
    pay_deposit(order)
    form = hidden_fields(client.get(address(order)))
    lock_earnest(order)
    page = client.post(address(order), form | {"reason": "Slow"})
    assert page.status_code == 409
    assert "The refund has changed" in page.content.decode()
    assert "Slow" in page.content.decode()
    order.refresh_from_db()
    assert order.status == "reserved"
    client.post(address(order), hidden_fields(page))
    order.refresh_from_db()
    assert (order.status, order.refund_due) == ("cancelled", 0)


def test_an_ended_order_can_not_be_cancelled_again(client, order):
    cancel_order(order.pk, actor=Actor.buyer(order.buyer))
    for answer in (client.get(address(order)), client.post(address(order), {"expected_refund": "0"})):
        assert answer.url == f"/orders/{order.reference}/"


@pytest.mark.parametrize("value", ["", "x", "-1", "NaN", "1e99", "9" * 50])
def test_a_tampered_sum_is_refused(client, order, value):
    assert 400 <= client.post(address(order), {"expected_refund": value}).status_code < 500
    order.refresh_from_db()
    assert order.status == "placed"


def test_a_reason_too_long_is_told_beside_the_field(client, order):
    page = client.post(address(order), {"expected_refund": "0", "reason": "x" * 301})
    assert page.status_code == 422
    assert "reason-error" in page.content.decode()


def test_nobody_else_cancels(client, order):
    client.force_login(make_buyer())
    assert client.post(address(order), {"expected_refund": "0"}).status_code == 404
