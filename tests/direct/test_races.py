"""Places in delivery windows, the parts of a balance and the last central car, with real threads."""

from decimal import Decimal

import pytest
from django.db.models import F

from o2o_platform.journal.models import Actor
from orders import exceptions, exceptions_direct
from orders.models import DeliveryWindow, DirectSale, Order
from orders.services import direct
from orders.services.direct import delivery
from payments.models import Payment, Refund
from payments.services import start_balance
from tests.concurrency.racing import race
from tests.direct import sales
from tests.factories import make_terms

pytestmark = pytest.mark.django_db(transaction=True)
BUYERS = 6


def orders_with_address(window: DeliveryWindow) -> list[Order]:
    orders = [sales.accepted() for _ in range(BUYERS)]
    for order in orders:
        actor = Actor.buyer(order.buyer)
        direct.set_address(order.pk, line="A 1", postcode="071000", city=window.city, actor=actor)
    return orders


def choosing(orders: list[Order], window: DeliveryWindow) -> list:
    return [
        lambda order=order: direct.choose_window(order.pk, window_id=window.pk, actor=Actor.buyer(order.buyer))
        for order in orders
    ]


def test_of_six_buyers_two_get_the_two_places():
    window = sales.make_window(capacity=2)
    outcomes = race(choosing(orders_with_address(window), window))
    assert sum(isinstance(outcome, DirectSale) for outcome in outcomes) == 2
    assert sum(isinstance(outcome, exceptions_direct.WindowFull) for outcome in outcomes) == BUYERS - 2
    window.refresh_from_db()
    assert window.used == window.sales.count() == 2


def test_control_without_the_condition_the_database_has_to_refuse(monkeypatch):
    def take_anyway(window_id: int) -> bool:
        return bool(DeliveryWindow.objects.filter(pk=window_id).update(used=F("used") + 1))

    monkeypatch.setattr(delivery, "take_place", take_anyway)
    window = sales.make_window(capacity=2)
    outcomes = race(choosing(orders_with_address(window), window))
    refused = [type(outcome).__name__ for outcome in outcomes if not isinstance(outcome, DirectSale)]
    assert "IntegrityError" in refused


def test_two_parts_of_the_whole_balance_at_once_pay_it_once_and_the_other_goes_back():
    order = sales.ready()
    parts = [start_balance(order.pk, amount=order.balance_due, idempotency_key=f"whole-{n}") for n in range(2)]
    race([lambda part=part: sales.settle(part) for part in parts])
    order.refresh_from_db()
    assert (order.status, order.balance_due) == ("paid", 0)
    assert Payment.objects.filter(purpose="balance", is_applied=True).count() == 1
    assert Refund.objects.get().amount == order.contract_total - Decimal(2000)


def test_the_last_central_car_has_one_buyer():
    unit = sales.make_direct_unit()
    make_terms()
    outcomes = race([lambda: sales.place_any(unit) for _ in range(BUYERS)])
    assert sum(isinstance(outcome, Order) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, exceptions.OutOfStock) for outcome in outcomes) == BUYERS - 1
