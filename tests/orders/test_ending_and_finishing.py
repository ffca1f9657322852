"""Refunds by the rules frozen on the order; balance exact to the cent; handover by code."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Availability
from o2o_platform.journal.models import Actor, ActorKind
from o2o_platform.journal.services import WrongState
from orders import exceptions
from orders.models import Order
from orders.services import accept_order, apply_deposit, cancel_order, hand_over, mark_ready, refund_quote
from payments.models import Payment
from payments.services import record_balance
from tests.factories import make_member, make_order, make_trim, make_unit

pytestmark = pytest.mark.django_db


def reserve(**fields) -> Order:
    order = make_order()
    Order.objects.filter(pk=order.pk).update(**fields)
    apply_deposit(order.pk, amount=order.deposit_amount, actor=Actor.buyer(order.buyer))
    order.refresh_from_db()
    return order


def make_ready() -> tuple[Order, Actor]:
    order = reserve()
    actor = Actor.dealer(make_member(order.dealership))
    accept_order(order.pk, dealership=order.dealership, actor=actor)
    mark_ready(order.pk, actor=actor)
    order.refresh_from_db()
    return order, actor


LOCKED = {"refundable_until": timezone.now() - timedelta(hours=1)}


@pytest.mark.parametrize(
    ("fields", "by", "refund"),
    [
        ({"deposit_kind": "refundable"}, ActorKind.BUYER, "2000"),
        ({"deposit_kind": "refundable"} | LOCKED, ActorKind.BUYER, "2000"),
        ({"deposit_kind": "earnest"}, ActorKind.BUYER, "2000"),
        ({"deposit_kind": "earnest"} | LOCKED, ActorKind.BUYER, "0"),
        ({"deposit_kind": "earnest"} | LOCKED, ActorKind.DEALER, "2000"),
        ({"deposit_kind": "earnest"} | LOCKED, ActorKind.STAFF, "2000"),
    ],
)
def test_the_refund_follows_deposit_kind_lock_and_who_cancels(fields, by, refund):
    assert refund_quote(reserve(**fields), by=by).amount == Decimal(refund)


def test_cancelling_needs_the_refund_that_was_shown():
    order = reserve()
    with pytest.raises(exceptions.RefundChanged):
        cancel_order(order.pk, actor=Actor.buyer(order.buyer), expected_refund=Decimal("1"))
    order.refresh_from_db()
    assert order.status == "reserved"


def test_cancelling_frees_the_car_and_closes_the_offer():
    order = reserve()
    cancel_order(order.pk, actor=Actor.buyer(order.buyer))
    order.refresh_from_db()
    order.stock_unit.refresh_from_db()
    assert (order.status, order.refund_due) == ("cancelled", Decimal("2000"))
    assert order.stock_unit.availability == Availability.AVAILABLE
    assert order.assignment is None


def test_the_balance_in_parts_is_exact_and_then_the_car_is_handed_over():
    order, actor = make_ready()
    record_balance(order.pk, method="loan", amount=Decimal("90000.00"), actor=actor, idempotency_key="a")
    record_balance(order.pk, method="cash", amount=Decimal("6800.00"), actor=actor, idempotency_key="b")
    order.refresh_from_db()
    assert (order.status, order.balance_due) == ("paid", 0)
    hand_over(order.pk, actor=actor, code=f" {order.handover_code} ")
    order.refresh_from_db()
    order.stock_unit.refresh_from_db()
    assert (order.status, order.stock_unit.availability) == ("delivered", Availability.SOLD)


@pytest.mark.parametrize("amount", ["0", "-1", "96800.01", "10.001"])
def test_a_wrong_sum_is_refused_and_nothing_written(amount):
    order, actor = make_ready()
    with pytest.raises(exceptions.WrongAmount):
        record_balance(order.pk, method="cash", amount=Decimal(amount), actor=actor, idempotency_key="a")
    assert not Payment.objects.exists()


def test_the_same_receipt_sent_twice_counts_once():
    order, actor = make_ready()
    for _ in range(2):
        record_balance(order.pk, method="cash", amount=Decimal("100"), actor=actor, idempotency_key="same")
    order.refresh_from_db()
    assert order.paid_total == Decimal("2100")


def test_a_wrong_code_hands_nothing_over():
    order, actor = make_ready()
    record_balance(order.pk, method="cash", amount=order.balance_due, actor=actor, idempotency_key="a")
    with pytest.raises(exceptions.WrongHandoverCode):
        hand_over(order.pk, actor=actor, code="nope")


def test_a_deposit_of_the_whole_price_leaves_nothing_to_pay():
    unit = make_unit(make_trim())
    unit.trim.offers.update(deposit_amount=Decimal("98800"))
    order = make_order(unit)
    apply_deposit(order.pk, amount=order.deposit_amount, actor=Actor.buyer(order.buyer))
    actor = Actor.dealer(make_member(order.dealership))
    accept_order(order.pk, dealership=order.dealership, actor=actor)
    assert mark_ready(order.pk, actor=actor).status == "paid"


def test_nothing_is_handed_over_before_it_is_paid():
    order, actor = make_ready()
    with pytest.raises(WrongState):
        hand_over(order.pk, actor=actor, code=order.handover_code)


def test_a_delivered_order_can_not_be_cancelled():
    order, actor = make_ready()
    record_balance(order.pk, method="cash", amount=order.balance_due, actor=actor, idempotency_key="a")
    hand_over(order.pk, actor=actor, code=order.handover_code)
    with pytest.raises(WrongState):
        cancel_order(order.pk, actor=Actor.buyer(order.buyer))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shares=st.lists(st.integers(1, 9_680_000), min_size=0, max_size=6))
def test_any_parts_sum_to_the_price_and_never_more(shares):
    order, actor = make_ready()
    left = order.balance_due
    for number, cents in enumerate(shares):
        amount = Decimal(cents) / 100
        if amount <= left:
            record_balance(order.pk, method="card", amount=amount, actor=actor, idempotency_key=f"{order.pk}-{number}")
            left -= amount
        else:
            with pytest.raises(exceptions.WrongAmount):
                record_balance(
                    order.pk, method="card", amount=amount, actor=actor, idempotency_key=f"{order.pk}-{number}"
                )
        if not left:
            break
    order.refresh_from_db()
    assert order.balance_due == left
    assert (order.status == "paid") is (left == 0)
