"""The checks of direct sales: quiet on a whole life, and each sees the damage it is for."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from o2o_platform.journal.models import Actor
from orders import integrity_direct as checks
from orders.models import Assignment, DeliveryWindow, DirectSale, Order
from orders.services import cancel_order
from payments.services import submit_refunds
from tests.direct import sales
from tests.direct.test_flow import violations
from tests.factories import make_dealership, make_order

pytestmark = pytest.mark.django_db


def test_lives_of_direct_orders_break_no_rule():
    sales.make_rule()
    sales.returned(sales.delivered(), odometer_km=900)
    sales.delivered()
    cancelled = sales.paid()
    sales.with_window(cancelled)
    cancel_order(cancelled.pk, actor=Actor.buyer(cancelled.buyer))
    sales.place()
    make_order()
    submit_refunds()
    assert violations() == {}


def name_a_dealership(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(dealership=make_dealership())


def offer_it(order: Order) -> None:
    Assignment.objects.create(order=order, dealership=make_dealership(), answer_due_at=order.placed_at)


def fill_a_window(order: Order) -> None:
    DeliveryWindow.objects.update(used=0)


def make_it_ordinary(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(sales_model="dealer", dealership=make_dealership())


def change_sale(**changes: object) -> Callable[[Order], None]:
    return lambda order: DirectSale.objects.filter(order=order).update(**changes) and None


DAMAGE = [
    (name_a_dealership, checks.count_direct_with_dealership),
    (offer_it, checks.count_direct_with_dealership),
    (make_it_ordinary, checks.count_wrong_sales),
    (change_sale(identity="submitted"), checks.count_unknown_buyers),
    (fill_a_window, checks.count_wrong_windows),
    (change_sale(signed_name=""), checks.count_wrong_protocols),
    (change_sale(handed_over_at=None), checks.count_wrong_protocols),
    (change_sale(return_charge=Decimal("0.01")), checks.count_wrong_returns),
    (change_sale(returned_at=None), checks.count_wrong_returns),
]


@pytest.mark.parametrize(("damage", "check"), DAMAGE)
def test_each_check_sees_its_damage(damage, check):
    sales.make_rule()
    order = sales.returned(sales.delivered(), odometer_km=700)
    assert check() == 0
    damage(order)
    assert check() == 1


def test_an_ended_order_that_keeps_its_place_is_seen():
    order = sales.accepted()
    sales.with_window(order)
    Order.objects.filter(pk=order.pk).update(status="cancelled")
    assert checks.count_wrong_windows() == 1


def test_a_direct_order_without_its_sale_is_seen():
    order = sales.place()
    DirectSale.objects.filter(order=order).delete()
    assert checks.count_wrong_sales() == 1
