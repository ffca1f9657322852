"""Reserving: one page, three steps, and nothing lost when something stands in the way."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache

from catalog.models import Offer, Option, StockUnit
from orders.models import Order
from tests.factories import (
    make_buyer,
    make_city,
    make_colour,
    make_dealership,
    make_market,
    make_order,
    make_terms,
    make_unit,
)
from tests.orders.pages import fill_reserve, hidden_fields

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def terms():
    cache.clear()
    return make_terms()


@pytest.fixture
def unit() -> StockUnit:
    return make_unit()


@pytest.fixture
def buyer(client):
    buyer = make_buyer()
    client.force_login(buyer)
    client.cookies["django_language"] = "en"
    return buyer


@pytest.mark.parametrize(
    ("language", "word", "price", "deposit"),
    [
        ("en", "Reserve and pay", "98,800", "2,000"),
        ("zh-hans", "", "98,800", "2,000"),
        ("de", "Reservieren und", "98.800", "2.000"),
        ("pl", "Zarezerwuj i zapłać", "98\xa0800", "2\xa0000"),
    ],
)
def test_the_page_shows_car_price_and_deadline(client, buyer, unit, language, word, price, deposit):
    client.cookies["django_language"] = language
    page = client.get("/reserve/", {"unit": unit.pk})
    text = page.content.decode()
    assert page.status_code == 200
    assert word in text
    assert unit.vin[-6:] in text
    assert unit.vin not in text
    assert price in text
    assert deposit in text


def test_signed_out_the_choice_survives_signing_in(client, unit):
    page = client.get("/reserve/", {"unit": unit.pk}, headers={"accept-language": "en"})
    assert "Sign in by phone" in page.content.decode()
    assert "id_accept" not in page.content.decode()
    away = client.get("/reserve/", {"unit": unit.pk, "sign-in": "1"})
    assert away.url == f"/accounts/login/?next=/reserve/%3Funit%3D{unit.pk}"
    back = client.get("/reserve/")
    assert back.url == f"/reserve/?unit={unit.pk}"


def test_reading_the_page_signed_out_makes_no_session(client, unit):
    client.get("/reserve/", {"unit": unit.pk})
    assert "sessionid" not in client.cookies


def test_sending_the_form_signed_out_leads_to_sign_in(client, unit):
    answer = client.post("/reserve/", {"unit": unit.pk})
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")


def test_a_submit_holds_the_car_and_goes_on_to_pay(client, buyer, unit):
    answer = client.post("/reserve/", fill_reserve(client, {"unit": unit.pk}))
    order = Order.objects.get()
    assert (answer.status_code, answer.url) == (303, f"/pay/{order.reference}/")
    assert (order.buyer_name, order.channel, order.stock_unit_id) == ("Li Lei", "online_to_offline", unit.pk)


def test_a_direct_sale_is_its_own_channel(client, buyer, unit):
    Offer.objects.update(sales_model="direct")
    client.post("/reserve/", fill_reserve(client, {"unit": unit.pk}))
    assert Order.objects.get().channel == "direct"


def test_any_car_of_a_colour_at_a_dealership(client, buyer, unit):
    query = {"trim": unit.trim.code, "colour": unit.colour.code, "dealership": unit.dealership.code}
    page = client.get("/reserve/", query)
    assert unit.vin[-6:] not in page.content.decode()
    answer = client.post("/reserve/", fill_reserve(client, query))
    assert answer.status_code == 303
    assert Order.objects.get().stock_unit_id == unit.pk


def test_a_trim_alone_names_a_free_car(client, buyer, unit):
    assert hidden_fields(client.get("/reserve/", {"trim": unit.trim.pk}))["unit"] == str(unit.pk)


def test_sending_twice_makes_one_order(client, buyer, unit):
    form = fill_reserve(client, {"unit": unit.pk})
    first, second = client.post("/reserve/", form), client.post("/reserve/", form)
    assert first.url == second.url
    assert Order.objects.count() == 1


def test_one_s_own_held_car_leads_to_the_order(client, buyer, unit):
    order = make_order(unit, buyer)
    assert client.get("/reserve/", {"unit": unit.pk}).url == f"/orders/{order.reference}/"


def test_a_car_taken_meanwhile_shows_the_nearest_like_it(client, buyer, unit):
    near = make_unit(unit.trim, make_dealership(latitude=38.9), colour=unit.colour)
    far = make_unit(unit.trim, make_dealership(latitude=45.0), colour=unit.colour)
    other = make_unit(unit.trim, unit.dealership, colour=make_colour(unit.trim.vehicle_model, "black"))
    form = fill_reserve(client, {"unit": unit.pk})
    make_order(unit)
    page = client.post("/reserve/", form)
    assert page.status_code == 409
    assert [one.unit.pk for one in page.context["alternatives"]] == [near.pk, far.pk, other.pk]
    assert "You have paid nothing" in page.content.decode()


def test_a_taken_car_is_told_before_anything_is_filled_in(client, buyer, unit):
    make_order(unit)
    page = client.get("/reserve/", {"unit": unit.pk})
    assert page.status_code == 200
    assert "This car is taken" in page.content.decode()


def test_the_last_car_of_a_colour_gone_is_told(client, buyer, unit):
    query = {"trim": unit.trim.pk, "colour": unit.colour.pk, "dealership": unit.dealership.pk}
    form = fill_reserve(client, query)
    make_order(unit)
    assert client.post("/reserve/", form).status_code == 409
    assert client.get("/reserve/", query).status_code == 200


def test_a_changed_price_is_shown_and_can_be_accepted(client, buyer, unit):
    form = fill_reserve(client, {"unit": unit.pk})
    Offer.objects.update(list_price=Decimal("99900"))
    page = client.post("/reserve/", form)
    assert page.status_code == 409
    assert "The price has changed" in page.content.decode()
    assert "It was ¥98,800 and is ¥99,900 now." in page.content.decode()
    assert 'value="Li Lei"' in page.content.decode()
    again = hidden_fields(page) | {"buyer_name": "Li Lei", "accept": "1"}
    assert client.post("/reserve/", again).status_code == 303
    assert Order.objects.get().contract_total == Decimal("99900")


def test_changed_terms_must_be_accepted_anew(client, buyer, unit, terms):
    form = fill_reserve(client, {"unit": unit.pk})
    terms.version, terms.pk = "2", None
    terms.in_force_from += timedelta(hours=1)
    terms.save(force_insert=True)
    page = client.post("/reserve/", form)
    assert page.status_code == 409
    assert "The terms have changed" in page.content.decode()
    assert "version 2" in page.content.decode()
    assert '<details class="order-terms" open>' in page.content.decode()
    assert " checked" not in page.content.decode()
    assert not Order.objects.exists()


def test_too_many_holds_leads_to_the_garage(client, buyer, unit, settings):
    settings.HOLDS_PER_BUYER = 1
    make_order(buyer=buyer)
    page = client.post("/reserve/", fill_reserve(client, {"unit": unit.pk}))
    assert page.status_code == 409
    assert "/garage/" in page.content.decode()
    assert "See the cars you hold" in page.content.decode()


def test_a_key_used_for_another_car_gets_a_new_one(client, buyer, unit):
    form = fill_reserve(client, {"unit": unit.pk})
    other = make_order(buyer=buyer, idempotency_key=form["idempotency_key"])
    answer = client.post("/reserve/", form)
    assert answer.url == f"/pay/{other.reference}/"


@pytest.mark.parametrize(("missing", "told"), [("buyer_name", "Enter your name"), ("accept", "Read and accept")])
def test_what_is_missing_is_told_beside_the_field_and_on_top(client, buyer, unit, missing, told):
    form = fill_reserve(client, {"unit": unit.pk})
    key = form["idempotency_key"]
    del form[missing]
    page = client.post("/reserve/", form)
    assert page.status_code == 422
    assert page.content.decode().count(told) == 2
    assert hidden_fields(page)["idempotency_key"] == key


@pytest.mark.parametrize("name", ["idempotency_key", "terms_id", "expected_total"])
@pytest.mark.parametrize("value", ["", "x", "-1", "9" * 90, "1e999", "NaN", "<script>alert(1)</script>"])
def test_tampered_hidden_fields_are_refused(client, buyer, unit, name, value):
    answer = client.post("/reserve/", fill_reserve(client, {"unit": unit.pk}) | {name: value})
    assert 400 <= answer.status_code < 500
    assert "<script>alert" not in answer.content.decode()
    assert not Order.objects.exists()


@pytest.mark.parametrize("value", ["0", "-1", "x", "9" * 30, "9" * 18, "٣", "1 or 1=1"])
@pytest.mark.parametrize("name", ["unit", "trim"])
def test_cars_that_can_not_be_are_not_found(client, buyer, name, value):
    assert client.get("/reserve/", {name: value}).status_code == 404


def test_unknown_colour_or_dealership_is_not_found(client, unit):
    assert client.get("/reserve/", {"trim": unit.trim.code, "colour": "nope"}).status_code == 404
    assert client.get("/reserve/", {"trim": unit.trim.code, "dealership": "nope"}).status_code == 404


def test_nothing_chosen_leads_to_the_cars(client):
    assert client.get("/reserve/").url == "/cars/"
    assert client.post("/reserve/").url == "/cars/"


def test_a_nul_byte_is_a_bad_request(client, buyer, unit):
    assert client.get("/reserve/?unit=%00").status_code == 400
    form = fill_reserve(client, {"unit": unit.pk}) | {"buyer_name": "a\x00b"}
    assert client.post("/reserve/", form).status_code == 400


def test_no_price_today_is_not_on_sale(client, buyer, unit):
    Offer.objects.all().delete()
    page = client.get("/reserve/", {"unit": unit.pk})
    assert page.status_code == 200
    assert "Not on sale here now" in page.content.decode()


def test_central_stock_is_not_reserved_here(client, buyer, unit):
    StockUnit.objects.update(dealership=None)
    assert "Not on sale here now" in client.get("/reserve/", {"unit": unit.pk}).content.decode()


def test_too_many_tries_in_a_row_are_stopped(client, buyer, unit, monkeypatch):
    monkeypatch.setattr("orders.limits.RESERVATIONS", ("reserve", 2, 600))
    form = fill_reserve(client, {"unit": unit.pk}) | {"buyer_name": ""}
    assert [client.post("/reserve/", form).status_code for _ in range(3)] == [422, 422, 429]


def test_earnest_money_is_explained(client, buyer, unit):
    Offer.objects.update(deposit_kind="earnest")
    assert "you get double" in client.get("/reserve/", {"unit": unit.pk}).content.decode()


def test_queries_do_not_grow_with_options(client, buyer, unit, django_assert_max_num_queries):
    unit.options.add(*[Option.objects.create(code=f"o{n}", name=f"Option {n}") for n in range(6)])
    with django_assert_max_num_queries(14):
        client.get("/reserve/", {"unit": unit.pk})


def test_alternatives_take_two_queries_however_many(buyer, client, unit, django_assert_max_num_queries):
    for _ in range(8):
        make_unit(unit.trim, colour=unit.colour)
    make_order(unit)
    with django_assert_max_num_queries(15):
        page = client.get("/reserve/", {"unit": unit.pk})
    assert len(page.context["alternatives"]) == 4


def test_when_the_last_of_a_dealership_abroad_is_gone_those_of_its_market_are_offered(client, buyer):
    germany = make_market("DE")
    city = make_city("hamburg", name="Hamburg", name_local="Hamburg", market=germany)
    gone = make_unit(dealership=make_dealership(market=germany, city=city), market=germany)
    make_terms(germany)
    left = make_unit(gone.trim, market=germany, colour=gone.colour)
    StockUnit.objects.filter(pk=gone.pk).update(availability="held")
    page = client.get("/reserve/", {"trim": gone.trim.code, "dealership": gone.dealership.code})
    assert [each.unit for each in page.context["alternatives"]] == [left]
