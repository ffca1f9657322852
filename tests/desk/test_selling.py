"""The sale in the showroom, from the same stock that is online."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.models import StockUnit
from o2o_platform.accounts.models import User
from o2o_platform.journal.models import SYSTEM
from orders.exceptions import WrongAmount
from orders.models import Order
from orders.services import mark_ready
from payments.services import record_balance
from tests import factories

from .conftest import order_in, reserved_order, signed_in

SELL = "/admin/orders/order/sell/"


@pytest.fixture
def place():
    factories.make_terms()
    return factories.make_dealership()


@pytest.fixture
def advisor(place):
    return signed_in(factories.make_member(place))


def unit_of(place) -> StockUnit:
    return factories.make_unit(dealership=place)


def test_a_walk_in_buyer_takes_a_car(place, advisor):
    unit = unit_of(place)
    response = advisor.post(SELL, {"unit": unit.pk, "phone": "138 0013 8000", "name": "Li Lei"})
    order = Order.objects.get(stock_unit=unit)
    assert (response.status_code, response.url) == (303, f"/admin/orders/order/{order.pk}/change/")
    assert (order.status, order.channel, order.deposit_amount) == ("accepted", "offline", 0)
    assert (order.buyer_name, str(order.buyer.phone), order.buyer.phone_verified) == ("Li Lei", "+8613800138000", False)
    unit.refresh_from_db()
    assert unit.availability == "held"
    assert b"Car is ready" in advisor.get(response.url).content


def test_a_buyer_we_know_is_found_by_phone(place, advisor):
    buyer = factories.make_buyer(phone="+8613800138000", name="Han Meimei")
    advisor.post(SELL, {"unit": unit_of(place).pk, "phone": "13800138000", "name": "H. Meimei"})
    assert Order.objects.get().buyer == buyer
    assert User.objects.get(pk=buyer.pk).name == "Han Meimei"


def test_a_car_held_online_is_told_with_its_time(place, advisor):
    unit = unit_of(place)
    online = factories.make_order(unit)
    people = User.objects.count()
    response = advisor.post(SELL, {"unit": unit.pk, "phone": "13800138000", "name": "Li Lei"})
    until = online.hold_expires_at.astimezone(place.zone)
    assert response.status_code == 422
    assert f"Held online until {until:%H:%M}" in response.content.decode()
    assert b'value="13800138000"' in response.content
    assert User.objects.count() == people


def test_cars_that_are_gone_say_why(place, advisor):
    reserved, sold, withdrawn = reserved_order(unit_of(place)), unit_of(place), unit_of(place)
    StockUnit.objects.filter(pk=sold.pk).update(availability="sold")
    StockUnit.objects.filter(pk=withdrawn.pk).update(availability="withdrawn")
    page = advisor.get(SELL).content.decode()
    assert f"Belongs to order {reserved.reference}." in page
    assert "Sold." in page
    assert "Off sale." in page
    assert page.count("disabled") == 3


def test_cars_are_found_by_vin_ending_and_model(place, advisor):
    first, second = unit_of(place), unit_of(place)
    found = [each["unit"] for each in advisor.get(SELL, {"q": first.vin[-6:].lower()}).context["found"]]
    assert found == [first]
    assert {each["unit"] for each in advisor.get(SELL, {"q": "h2"}).context["found"]} == {first, second}
    assert advisor.get(SELL, {"unit": second.pk, "q": first.vin}).context["found"][0]["unit"] == second


def test_cars_of_another_dealership_are_not_there(place, advisor):
    other = unit_of(factories.make_dealership())
    assert advisor.get(SELL, {"q": other.vin, "unit": other.pk}).context["found"] == []
    response = advisor.post(SELL, {"unit": other.pk, "phone": "13800138000", "name": "x"})
    assert "own dealership" in response.content.decode()
    assert not Order.objects.exists()


@pytest.mark.parametrize("data", [{}, {"unit": "x"}, {"unit": "9" * 30, "phone": "1", "name": ""}])
def test_broken_input_is_answered_in_words(place, advisor, data):
    assert advisor.post(SELL, data).status_code == 422


def test_two_advisors_sell_one_car_once(place, advisor):
    unit = unit_of(place)
    data = {"unit": unit.pk, "phone": "13800138000", "name": "Li Lei"}
    colleague = signed_in(factories.make_member(place))
    assert [client.post(SELL, data).status_code for client in (advisor, colleague)] == [303, 422]
    assert Order.objects.filter(stock_unit=unit).count() == 1


def test_finance_and_readers_do_not_sell(place):
    for role in ("finance", "read_only"):
        assert signed_in(factories.make_staff(role)).get(SELL).status_code == 403


def test_the_order_page_shows_all_its_facts(place, advisor):
    order = order_in("paid", unit_of(place))
    page = advisor.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    for words in (
        "Contract price",
        "Accepted by the dealership",
        "Card at the counter",
        order.stock_unit.vin,
        "Hand over",
    ):
        assert words in page
    assert order.handover_code not in page


def sale(unit, **fields) -> dict[str, object]:
    return {"unit": unit.pk, "phone": "13800138000", "name": "Li Lei", "key": f"sale-{unit.pk:032}"} | fields


def test_buyer_and_money_are_taken_in_one_step(place):
    unit, member = unit_of(place), factories.make_member(place)
    response = signed_in(member).post(SELL, sale(unit, payment="part", amount="5000", method="card"))
    order = Order.objects.get()
    assert response.status_code == 303
    assert (order.status, order.paid_total, order.advisor) == ("accepted", Decimal(5000), member)
    payment = order.payments.get()
    assert (payment.method, payment.amount, payment.is_applied) == ("card", Decimal(5000), True)


def test_a_car_paid_at_once_is_paid_when_it_is_ready(place, advisor):
    unit = unit_of(place)
    advisor.post(SELL, sale(unit, payment="full", method="transfer"))
    order = Order.objects.get()
    assert (order.status, order.paid_total) == ("accepted", order.contract_total)
    mark_ready(order.pk, actor=SYSTEM)
    order.refresh_from_db()
    assert order.status == "paid"


def test_the_rest_is_taken_at_the_desk_before_the_car_is_ready(place, advisor):
    advisor.post(SELL, sale(unit_of(place), payment="part", amount="5000", method="cash"))
    order = Order.objects.get()
    data = {"method": "card", "amount": "93800", "key": "desk-0123456789abcdef", "note": ""}
    advisor.post(f"/admin/orders/order/{order.pk}/do/balance/", data)
    order.refresh_from_db()
    assert (order.status, order.balance_due) == ("accepted", 0)


def test_a_sale_sent_twice_is_one_sale_and_one_receipt(place, advisor):
    data = sale(unit_of(place), payment="part", amount="5000", method="card")
    first, second = advisor.post(SELL, data), advisor.post(SELL, data)
    assert first.url == second.url
    assert Order.objects.get().payments.count() == 1


@pytest.mark.parametrize("fields", [{"amount": "98800.01"}, {"amount": "0"}, {"amount": ""}, {"amount": "x"}])
def test_money_that_does_not_fit_undoes_the_sale(place, advisor, fields):
    unit, people = unit_of(place), User.objects.count()
    response = advisor.post(SELL, sale(unit, payment="part", method="card", **fields))
    assert response.status_code == 422
    assert (Order.objects.count(), User.objects.count()) == (0, people)
    unit.refresh_from_db()
    assert unit.availability == "available"


def test_platform_staff_sell_without_being_the_advisor(place):
    signed_in(factories.make_staff()).post(SELL, sale(unit_of(place)))
    assert Order.objects.get().advisor is None


def test_money_of_an_online_order_waits_until_the_car_is_ready(place):
    order = order_in("accepted", unit_of(place))
    with pytest.raises(WrongAmount):
        record_balance(order.pk, method="card", amount=Decimal(1), actor=SYSTEM, idempotency_key="too-early-0000001")
