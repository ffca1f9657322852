"""The buyer's pages of a direct order."""

import datetime as dt

import pytest
from django.utils import timezone

from orders.models import DeliveryWindow, DirectSale, Order
from orders.services import direct
from payments.models import Payment
from tests.direct import sales
from tests.factories import make_buyer, make_dealership, make_terms, make_unit
from tests.orders.pages import fill_reserve, hidden_fields, pay_deposit

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}
LANGUAGES = ("en", "zh-hans", "de", "pl")


def page(client, order, path=""):
    client.force_login(order.buyer)
    return client.get(f"/orders/{order.reference}/{path}", headers=EN)


@pytest.fixture(params=[None, "dealership"])
def unit(request):
    make_terms()
    return sales.make_direct_unit(dealership=request.param and make_dealership())


@pytest.mark.parametrize("make", [sales.place, sales.accepted, sales.ready, sales.paid, sales.delivered])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_order_page_and_the_garage_stand_at_every_step(client, make, language):
    sales.make_rule()
    order = make()
    client.force_login(order.buyer)
    for path in (f"/orders/{order.reference}/", f"/orders/{order.reference}/state/", "/garage/"):
        response = client.get(path, headers={"accept-language": language}, follow=True)
        assert response.status_code == 200, path
    text = page(client, order).content.decode()
    assert "ealership" not in text.split("<main", 1)[1].split("</main", 1)[0]


def test_a_direct_car_is_reserved_on_the_page_without_a_dealership(client, unit):
    client.force_login(make_buyer())
    response = client.post("/reserve/", fill_reserve(client, {"unit": unit.pk}), headers=EN)
    assert response.status_code == 303, response.content.decode()[:2000]
    order = Order.objects.get()
    assert (order.dealership_id, order.stock_unit_id) == (None, unit.pk)
    assert client.get(response["Location"], headers=EN).status_code == 200


def test_a_trim_sold_directly_is_reserved_from_central_stock_by_trim_and_colour(client):
    make_terms()
    unit = sales.make_direct_unit()
    client.force_login(make_buyer())
    query = {"trim": unit.trim_id, "colour": unit.colour_id}
    response = client.post("/reserve/", fill_reserve(client, query), headers=EN)
    assert response.status_code == 303
    assert Order.objects.get().stock_unit_id == unit.pk


def test_a_direct_car_taken_shows_others_of_central_stock(client):
    unit = sales.make_direct_unit()
    other = make_unit(unit.trim)
    type(unit).objects.filter(pk=other.pk).update(dealership=None)
    sales.place(unit)
    client.force_login(make_buyer())
    response = client.get("/reserve/", {"unit": unit.pk}, headers=EN)
    assert response.status_code == 200
    assert f"unit={other.pk}" in response.content.decode()


def test_identity_is_entered_and_the_page_says_it_is_checked(client):
    order = sales.place()
    pay_deposit(order)
    assert "Prove your identity" in page(client, order).content.decode()
    response = client.post(f"/orders/{order.reference}/identity/", {"name": "Li Lei", "number": "E1234567"}, headers=EN)
    assert response.status_code == 303
    text = page(client, order).content.decode()
    assert "We are checking your identity" in text
    assert "E123" not in text
    assert "4567" in text


@pytest.mark.parametrize("number", ["", "1", "x" * 60, "１２３４５６"])
def test_a_wrong_number_keeps_what_was_typed(client, number):
    order = sales.place()
    client.force_login(order.buyer)
    data = {"name": "Li Lei", "number": number}
    response = client.post(f"/orders/{order.reference}/identity/", data, headers=EN)
    assert response.status_code == 422
    assert "Li Lei" in response.content.decode()
    assert DirectSale.objects.get().identity == "needed"


def test_address_then_window_then_moved(client):
    order = sales.accepted()
    first, second = sales.make_window(3), sales.make_window(4)
    url = f"/orders/{order.reference}/delivery/"
    client.force_login(order.buyer)
    data = {"line": "Lianchi 1", "postcode": "071000", "city": first.city_id}
    assert client.post(url, data | {"postcode": "1234"}, headers=EN).status_code == 422
    assert client.post(url, data, headers=EN).status_code == 303
    assert f'value="{first.pk}"' in client.get(url, headers=EN).content.decode()
    for window in (first, second):
        assert client.post(f"{url}window/", {"window": window.pk}, headers=EN).status_code == 303
    used = dict(DeliveryWindow.objects.values_list("pk", "used"))
    assert used == {first.pk: 0, second.pk: 1}


def test_a_full_window_sends_the_buyer_back_to_the_free_ones(client):
    order = sales.accepted()
    window = sales.make_window(capacity=1)
    sales.with_window(sales.accepted(), window)
    client.force_login(order.buyer)
    url = f"/orders/{order.reference}/delivery/"
    client.post(url, {"line": "A 1", "postcode": "071000", "city": window.city_id}, headers=EN)
    response = client.post(f"{url}window/", {"window": window.pk}, headers=EN, follow=True)
    assert "has just been taken" in response.content.decode()
    assert DirectSale.objects.get(order=order).delivery_window is None


def test_balance_is_paid_in_parts_on_the_page(client):
    order = sales.ready()
    url = f"/pay/{order.reference}/balance/"
    client.force_login(order.buyer)
    form = client.get(url, headers=EN)
    key = hidden_fields(form)["idempotency_key"]
    response = client.post(url, {"idempotency_key": key, "amount": "10000"}, headers=EN)
    assert response.status_code == 303
    sales.settle(Payment.objects.get(purpose="balance"))
    order.refresh_from_db()
    assert order.paid_total == 12000
    assert "¥10,000" in client.get(url, headers=EN).content.decode()
    assert client.post(url, {"idempotency_key": "x" * 20, "amount": "999999"}, headers=EN).status_code == 409
    assert client.post(url, {"idempotency_key": "x" * 20, "amount": "0.001"}, headers=EN).status_code == 422


def test_a_loan_is_asked_for_and_dropped(client):
    order = sales.accepted()
    plan = sales.make_plan()
    url = f"/orders/{order.reference}/loan/"
    client.force_login(order.buyer)
    assert "Bank" in client.get(url, headers=EN).content.decode()
    assert client.post(url, {"plan": plan.pk}, headers=EN).status_code == 303
    assert DirectSale.objects.get().finance == "asked"
    assert client.post(url, {"drop": "1"}, headers=EN).status_code == 303
    assert DirectSale.objects.get().finance == ""
    for bad in ("", "x", str(2**70), "0"):
        assert client.post(url, {"plan": bad}, headers=EN).status_code == 303
    assert DirectSale.objects.get().finance == ""


def test_the_exact_refund_is_shown_before_the_return_is_asked_for(client):
    sales.make_rule()
    order = sales.delivered(odometer_km=10)
    url = f"/orders/{order.reference}/return/"
    client.force_login(order.buyer)
    shown = client.get(url, {"odometer_km": 610}, headers=EN)
    assert "¥98,550" in shown.content.decode()  # 100 km over, 2.50 each
    data = hidden_fields(shown)
    assert client.post(url, data | {"expected_refund": "1"}, headers=EN).status_code == 303
    assert DirectSale.objects.get().return_asked_at is None
    client.post(url, data | {"reason": "Too small"}, headers=EN)
    assert DirectSale.objects.get().return_reason == "Too small"
    assert client.get(url, headers=EN).status_code == 303
    direct.record_return(order.pk, odometer_km=610, actor=sales.staff())
    assert "¥98,550" in page(client, order).content.decode()


def test_bytes_no_text_has_are_refused(client):
    order = sales.place()
    client.force_login(order.buyer)
    data = {"name": "Li Lei", "number": "12345\x00"}
    assert client.post(f"/orders/{order.reference}/identity/", data, headers=EN).status_code == 400


@pytest.mark.parametrize("odometer", ["", "-1", "x", "9" * 30, "5"])
def test_an_odometer_that_cannot_be_is_refused(client, odometer):
    sales.make_rule()
    order = sales.delivered(odometer_km=10)
    assert page(client, order, f"return/?odometer_km={odometer}").status_code == 422


def test_a_delivery_is_fixed_from_the_day_before(client):
    order = sales.accepted()
    window = sales.make_window()
    sales.with_window(order, window)
    now = timezone.now()
    DeliveryWindow.objects.filter(pk=window.pk).update(starts_at=now, ends_at=now + dt.timedelta(hours=2))
    text = page(client, order).content.decode()
    assert "can't be moved" in text
    url = f"/orders/{order.reference}/delivery/"
    other = sales.make_window(5)
    client.post(f"{url}window/", {"window": other.pk}, headers=EN)
    assert DirectSale.objects.get().delivery_window_id == window.pk


@pytest.mark.parametrize("path", ["identity/", "delivery/", "loan/", "return/"])
def test_nobody_elses_order_and_no_order_of_a_dealership_has_these_pages(client, path):
    order = sales.accepted()
    client.force_login(make_buyer())
    assert client.get(f"/orders/{order.reference}/{path}", headers=EN).status_code == 404
    ordinary = sales.place(make_unit())
    assert page(client, ordinary, path).status_code == 404


def test_cancelling_a_direct_order_on_its_page(client):
    order = sales.ready()
    sales.with_window(order)
    client.force_login(order.buyer)
    url = f"/orders/{order.reference}/cancel/"
    shown = client.get(url, headers=EN)
    assert client.post(url, hidden_fields(shown), headers=EN).status_code == 302
    order.refresh_from_db()
    assert order.status == "cancelled"
    assert page(client, order).status_code == 200


def test_what_comes_back_stands_beside_the_button_to_pay_the_balance(client):
    sales.make_rule()
    order = sales.ready()
    client.force_login(order.buyer)
    for path in (f"/pay/{order.reference}/balance/", f"/orders/{order.reference}/"):
        assert "Full refund until" in client.get(path, headers=EN).content.decode()
    Order.objects.filter(pk=order.pk).update(refundable_until=timezone.now())
    for path in (f"/pay/{order.reference}/balance/", f"/orders/{order.reference}/"):
        text = client.get(path, headers=EN).content.decode()
        assert "Cancel before the handover and all you paid comes back." in text
        assert "After it you may give the car back for 14 days." in text
