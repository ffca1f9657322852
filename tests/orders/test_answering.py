"""The dealership's answer, its silence, and what the buyer is offered instead."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Availability, StockUnit
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import WrongState
from orders import exceptions
from orders.models import Assignment, Order
from orders.services import (
    accept_order,
    acknowledge_order,
    apply_deposit,
    choose_alternative,
    decline_order,
    nearest_equal_units,
    reassign_overdue,
)
from tests.factories import make_dealership, make_member, make_order, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    order = make_order()
    apply_deposit(order.pk, amount=order.deposit_amount, actor=Actor.buyer(order.buyer))
    order.refresh_from_db()
    return order


@pytest.fixture
def actor(order) -> Actor:
    return Actor.dealer(make_member(order.dealership))


def equal_unit(order: Order, **place: float) -> StockUnit:
    return make_unit(order.trim, make_dealership(**place), colour=order.colour)


def fall_silent(order: Order) -> None:
    Assignment.objects.filter(order=order, answer="").update(answer_due_at=timezone.now() - timedelta(seconds=1))


def test_the_dealership_accepts(order, actor):
    accept_order(order.pk, dealership=order.dealership, actor=actor)
    order.refresh_from_db()
    assert order.status == "accepted"
    assert order.assignments.get().answer == "accepted"


def test_accepting_twice_is_harmless(order, actor):
    accept_order(order.pk, dealership=order.dealership, actor=actor)
    accept_order(order.pk, dealership=order.dealership, actor=actor)
    assert [e.name for e in order.events].count("accepted") == 1


def test_another_dealership_can_not_answer(order, actor):
    with pytest.raises(exceptions.NothingToAnswer):
        accept_order(order.pk, dealership=make_dealership(), actor=actor)


def test_the_dealer_system_acknowledges_once(order, actor):
    first = acknowledge_order(order.pk, dealership=order.dealership, actor=actor)
    again = acknowledge_order(order.pk, dealership=order.dealership, actor=actor)
    assert first.acknowledged_at == again.acknowledged_at
    assert [e.name for e in order.events].count("acknowledged") == 1


def test_a_declined_car_that_is_gone_is_withdrawn(order, actor):
    decline_order(order.pk, dealership=order.dealership, actor=actor, reason_code="sold")
    order.stock_unit.refresh_from_db()
    assert order.stock_unit.availability == Availability.WITHDRAWN


def test_a_declined_car_that_is_there_is_free_again(order, actor):
    decline_order(order.pk, dealership=order.dealership, actor=actor, reason_code="no_capacity")
    order.stock_unit.refresh_from_db()
    assert order.stock_unit.availability == Availability.AVAILABLE


def test_the_nearest_equal_cars_are_offered_and_one_is_taken_at_the_frozen_price(order, actor):
    far = equal_unit(order, latitude=31.2, longitude=121.5)
    near = equal_unit(order, latitude=39.9, longitude=116.4)
    decline_order(order.pk, dealership=order.dealership, actor=actor, reason_code="sold")
    assert [unit.pk for unit, _km in nearest_equal_units(order)] == [near.pk, far.pk]
    before = order.contract_total
    choose_alternative(order.pk, unit_id=near.pk, actor=Actor.buyer(order.buyer))
    order.refresh_from_db()
    assert (order.stock_unit_id, order.dealership_id, order.contract_total) == (near.pk, near.dealership_id, before)
    assert order.assignment.dealership_id == near.dealership_id


def test_an_order_with_a_car_gets_no_second(order):
    other = equal_unit(order)
    with pytest.raises(exceptions.NothingToAnswer):
        choose_alternative(order.pk, unit_id=other.pk, actor=Actor.buyer(order.buyer))


def test_silence_past_the_limit_moves_the_order_to_the_next_dealership(order):
    first, other = order.stock_unit, equal_unit(order)
    Order.objects.update(sales_model="agency")
    fall_silent(order)
    assert reassign_overdue() == 1
    order.refresh_from_db()
    first.refresh_from_db()
    assert (order.stock_unit_id, order.dealership_id) == (other.pk, other.dealership_id)
    assert first.availability == Availability.AVAILABLE
    assert [a.answer for a in order.assignments.all()] == ["timed_out", ""]
    assert reassign_overdue() == 0


def test_silence_without_an_equal_car_goes_to_platform_staff(order):
    fall_silent(order)
    assert reassign_overdue() == 0
    assert order.assignments.get().is_escalated
    assert reassign_overdue() == 0
    assert [e.name for e in order.events].count("escalated") == 1


def test_a_cancelled_order_can_not_be_accepted(order, actor):
    from orders.services import cancel_order

    cancel_order(order.pk, actor=Actor.buyer(order.buyer))
    with pytest.raises((exceptions.NothingToAnswer, WrongState)):
        accept_order(order.pk, dealership=order.dealership, actor=actor)
