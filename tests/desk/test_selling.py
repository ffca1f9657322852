"""The sale in the showroom, from the same stock that is online."""

from __future__ import annotations

import pytest

from catalog.models import StockUnit
from o2o_platform.accounts.models import User
from orders.models import Order
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
