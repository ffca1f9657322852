"""Instead of the car ordered a buyer gets its equal: same trim, paint and options, whatever became of the first."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Availability, Option, StockUnit
from o2o_platform.journal.models import SYSTEM, Actor
from orders import exceptions
from orders.models import Assignment, Order
from orders.services import (
    MoneyOutcome,
    accept_order,
    apply_deposit,
    choose_alternative,
    decline_order,
    expire_holds,
    nearest_equal_units,
    reassign_overdue,
)
from tests.factories import make_colour, make_dealership, make_order, make_trim, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def roof() -> Option:
    return Option.objects.create(code="roof", name="Panoramic roof", name_zh="全景天窗")


def pay(order: Order) -> MoneyOutcome:
    return apply_deposit(order.pk, amount=order.deposit_amount, actor=Actor.buyer(order.buyer))


def reserved(unit: StockUnit) -> Order:
    order = make_order(unit)
    pay(order)
    order.refresh_from_db()
    return order


def expired(unit: StockUnit) -> Order:
    order = make_order(unit)
    Order.objects.filter(pk=order.pk).update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    expire_holds()
    return order


def decline(order: Order, reason: str = "no_capacity") -> None:
    decline_order(order.pk, dealership=order.dealership, actor=SYSTEM, reason_code=reason)


def fall_silent(order: Order) -> None:
    Assignment.objects.filter(order=order, answer="").update(answer_due_at=timezone.now() - timedelta(seconds=1))


def elsewhere(order: Order, *options: Option) -> StockUnit:
    unit = make_unit(order.trim, make_dealership(), colour=order.colour)
    unit.options.set(options)
    return unit


def test_a_car_with_more_options_is_not_equal(roof):
    order = reserved(make_unit())
    dearer = elsewhere(order, roof)
    decline(order)
    assert nearest_equal_units(order) == []
    with pytest.raises(exceptions.OutOfStock):
        choose_alternative(order.pk, unit_id=dearer.pk, actor=SYSTEM)


def test_a_car_without_an_option_paid_for_is_not_equal(roof):
    ordered = make_unit()
    ordered.options.add(roof)
    order = reserved(ordered)
    elsewhere(order)
    equal = elsewhere(order, roof)
    decline(order)
    assert [unit for unit, _km in nearest_equal_units(order)] == [equal]


def test_silence_moves_an_order_only_to_an_equal_car(roof):
    order = reserved(make_unit())
    elsewhere(order, roof)
    fall_silent(order)
    assert reassign_overdue() == 0
    assert order.assignments.get().is_escalated


def test_the_order_says_what_is_equal_not_the_car_it_had():
    order = reserved(make_unit())
    equal = elsewhere(order)
    decline(order)
    StockUnit.objects.filter(pk=order.stock_unit_id).update(trim=make_trim())
    assert [unit for unit, _km in nearest_equal_units(order)] == [equal]


def test_late_money_does_not_buy_a_car_that_became_another():
    unit = make_unit()
    order = expired(unit)
    StockUnit.objects.filter(pk=unit.pk).update(colour=make_colour(unit.trim.vehicle_model, code="black"))
    assert pay(order) == MoneyOutcome.REFUND
    unit.refresh_from_db()
    assert unit.availability == Availability.AVAILABLE


def test_late_money_does_not_buy_a_car_with_other_options(roof):
    unit = make_unit()
    order = expired(unit)
    make_order(unit)
    other = make_unit(unit.trim, unit.dealership, colour=unit.colour)
    other.options.add(roof)
    assert pay(order) == MoneyOutcome.REFUND


def test_a_silent_dealership_that_closed_keeps_no_order_without_a_car(monkeypatch):
    order = reserved(make_unit())
    equal = elsewhere(order)
    fall_silent(order)
    order.dealership.is_active = False
    order.dealership.save()
    monkeypatch.setattr("orders.services.escalating.next_units", lambda order: [equal])
    StockUnit.objects.filter(pk=equal.pk).update(availability=Availability.WITHDRAWN)
    assert reassign_overdue() == 0
    assert order.claims.filter(released_at__isnull=True).exists()
    accept_order(order.pk, dealership=order.dealership, actor=SYSTEM)
