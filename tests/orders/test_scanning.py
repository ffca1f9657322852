"""Showroom codes: made once, counted, and remembered for the order that goes to their dealership."""

from __future__ import annotations

import uuid

import pytest
import time_machine
from django.test import Client

from catalog.models import StockUnit
from dealers.booking import book_url, format_moment
from dealers.models import Appointment, Membership
from o2o_platform.journal.models import SYSTEM, Actor
from orders.models import Order, ShowroomCode
from orders.services import apply_deposit, choose_alternative, decline_order
from orders.services.scanning import code_of_advisor, code_of_dealership, codes_of_cars, find_code, switch_code
from tests import factories
from tests.dealers.drives import slots_of
from tests.orders.pages import fill_reserve

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    factories.make_terms()
    return factories.make_unit()


@pytest.fixture
def advisor(unit):
    return factories.make_member(unit.dealership)


@pytest.fixture
def client():
    return Client(headers={"accept-language": "en"})


def scan(client, code) -> str:
    return client.get(f"/s/{code}/").url


def reserve(client, unit) -> Order:
    client.force_login(factories.make_buyer())
    client.post("/reserve/", fill_reserve(client, {"unit": unit.pk}))
    return Order.objects.get(stock_unit=unit)


def test_one_code_for_each_thing_however_often_it_is_printed(unit, advisor):
    place = unit.dealership
    first, again = (
        [code_of_dealership(place), code_of_advisor(place, advisor), *codes_of_cars(place, [unit])] for _each in "ab"
    )
    assert first == again
    assert [code.kind for code in first] == ["dealership", "advisor", "car"]
    (named,) = codes_of_cars(place, [unit], advisor=advisor)
    assert named not in first
    assert ShowroomCode.objects.count() == 4
    assert codes_of_cars(place, [factories.make_unit()]) == []


def test_a_scan_opens_the_car_is_counted_and_remembered(client, unit, advisor):
    (code,) = codes_of_cars(unit.dealership, [unit], advisor=advisor)
    page = client.get(scan(client, code)).content.decode()
    for words in (unit.dealership.label, advisor.name, "98,800", f"/reserve/?unit={unit.pk}"):
        assert words in page
    scan(client, code.code.lower())
    client.head(f"/s/{code}/")
    code.refresh_from_db()
    assert code.scans == 2
    order = reserve(client, unit)
    assert (order.channel, order.advisor_id) == ("offline_to_online", advisor.pk)


def test_the_cookie_holds_the_code_and_nothing_of_the_visitor(client, unit, advisor):
    scan(client, code_of_advisor(unit.dealership, advisor))
    cookie = client.cookies["showroom"]
    assert cookie.value.split(":")[0] == code_of_advisor(unit.dealership, advisor).code
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 30 * 86400)


def test_an_order_at_another_dealership_is_nobodys(client, unit, advisor):
    scan(client, code_of_advisor(unit.dealership, advisor))
    order = reserve(client, factories.make_unit())
    assert (order.channel, order.advisor_id) == ("online_to_offline", None)


def test_a_month_later_it_is_forgotten(client, unit, advisor):
    scan(client, code_of_advisor(unit.dealership, advisor))
    with time_machine.travel("2099-01-01", tick=True):
        client.cookies["showroom"]["expires"] = ""
        order = reserve(client, unit)
    assert order.channel == "online_to_offline"


def test_a_forged_cookie_is_no_advisor(client, unit, advisor):
    client.cookies["showroom"] = f"{code_of_advisor(unit.dealership, advisor)}:x:y"
    assert reserve(client, unit).advisor_id is None


def test_an_advisor_who_left_is_not_named_and_the_showroom_still_is(client, unit, advisor):
    scan(client, code_of_advisor(unit.dealership, advisor))
    Membership.objects.filter(user=advisor).update(is_active=False)
    order = reserve(client, unit)
    assert (order.channel, order.advisor_id) == ("offline_to_online", None)


def test_a_cars_code_keeps_the_advisor_met_there_before(client, unit, advisor):
    scan(client, code_of_advisor(unit.dealership, advisor))
    scan(client, codes_of_cars(unit.dealership, [unit])[0])
    assert reserve(client, unit).advisor_id == advisor.pk


def test_a_code_switched_off_opens_its_page_and_names_nobody(client, unit, advisor):
    code = code_of_advisor(unit.dealership, advisor)
    switch_code(code, is_active=False)
    page = client.get(scan(client, code)).content.decode()
    assert unit.dealership.label in page
    assert advisor.name not in page
    assert "showroom" not in client.cookies
    assert find_code(code.code).scans == 1


def test_a_sold_car_shows_the_nearest_like_it(client, unit):
    (code,) = codes_of_cars(unit.dealership, [unit])
    other = factories.make_unit(unit.trim)
    StockUnit.objects.filter(pk=unit.pk).update(availability="sold")
    page = client.get(scan(client, code)).content.decode()
    assert "This car is taken" in page
    assert f"/reserve/?unit={other.pk}" in page
    assert f"/reserve/?unit={unit.pk}" not in page


def test_the_counters_code_lists_the_free_cars_there(client, unit, django_assert_max_num_queries):
    for _each in range(5):
        factories.make_unit(factories.make_trim(), unit.dealership)
    sold, elsewhere = factories.make_unit(dealership=unit.dealership), factories.make_unit()
    StockUnit.objects.filter(pk=sold.pk).update(availability="sold")
    address = scan(client, code_of_dealership(unit.dealership))
    with django_assert_max_num_queries(6):
        page = client.get(address).content.decode()
    assert page.count("/reserve/?unit=") == 6
    assert f"unit={elsewhere.pk}" not in page
    assert client.get(address, {"page": "x"}).status_code == 200


def test_where_no_dealership_is_named_the_scanned_one_is_chosen(client, unit):
    factories.make_unit(unit.trim, unit.dealership, stage="in_transit")
    elsewhere = factories.make_unit(unit.trim)
    scan(client, code_of_dealership(elsewhere.dealership))
    form = fill_reserve(client, {"trim": unit.trim.code})
    assert form["unit"] == str(elsewhere.pk)
    assert fill_reserve(Client(), {"trim": unit.trim.code})["unit"] != str(elsewhere.pk)


def test_codes_never_printed_are_not_found(client):
    for text in ("AAAAAAAAAA", "x", "A" * 4000, "0-0"):
        assert client.get(f"/s/{text}/").status_code == 404
        assert client.get(f"/showroom/{text}/").status_code == 404


def drive_after_scan(client, unit, advisor) -> Appointment:
    factories.make_demo_car(unit.dealership, unit.trim)
    scan(client, code_of_advisor(unit.dealership, advisor))
    client.force_login(factories.make_buyer())
    slot = slots_of(unit.dealership, unit.trim)[0]
    named = {"dealership": unit.dealership.code, "trim": unit.trim.code, "at": format_moment(slot.starts_at)}
    client.post(book_url(**named), {"key": uuid.uuid4()})
    return Appointment.objects.order_by("-pk").first()


def test_a_drive_booked_after_a_scan_is_with_that_advisor(client, unit, advisor):
    drive = drive_after_scan(client, unit, advisor)
    assert drive.advisor_id == advisor.pk
    assert "advisor_asked_for" in [event.name for event in drive.events]


def test_an_advisor_who_is_busy_then_is_not_promised(client, unit, advisor):
    factories.make_member(unit.dealership)
    first = drive_after_scan(client, unit, advisor)
    second = drive_after_scan(Client(), unit, advisor)
    assert (second.starts_at, second.advisor_id) == (first.starts_at, None)


def test_channel_and_advisor_stay_when_another_dealership_takes_over(client, unit, advisor):
    elsewhere = factories.make_unit(unit.trim)
    scan(client, code_of_advisor(unit.dealership, advisor))
    order = reserve(client, unit)
    apply_deposit(order.pk, amount=order.deposit_amount, actor=SYSTEM)
    decline_order(order.pk, dealership=unit.dealership, actor=SYSTEM, reason_code="sold")
    choose_alternative(order.pk, unit_id=elsewhere.pk, actor=Actor.buyer(order.buyer))
    order.refresh_from_db()
    assert order.dealership == elsewhere.dealership
    assert (order.channel, order.advisor_id) == ("offline_to_online", advisor.pk)
