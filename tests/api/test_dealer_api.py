"""A dealer's own system: by revocable key, within its scopes, and only its own rows."""

import pytest
from rest_framework.test import APIClient

from catalog.models import StockUnit
from dealers.models import DealerKey
from o2o_platform.journal.models import Actor
from orders.models import Order
from orders.services import apply_deposit
from tests.factories import make_colour, make_dealership, make_order, make_trim, make_unit, make_vin

pytestmark = pytest.mark.django_db


def system(dealership, **fields) -> APIClient:
    _key, text = DealerKey.objects.create_key(name="DMS", dealership=dealership, **fields)
    return APIClient(headers={"Authorization": f"Api-Key {text}"})


@pytest.fixture
def order() -> Order:
    order = make_order()
    apply_deposit(order.pk, amount=order.deposit_amount, actor=Actor.buyer(order.buyer))
    return order


def path(order: Order, verb: str = "") -> str:
    return f"/api/v1/dealer/orders/{order.reference}/" + (f"{verb}/" if verb else "")


def test_acknowledge_accept_and_ready(order):
    api = system(order.dealership)
    assert api.post(path(order, "acknowledge")).status_code == 204
    assert api.post(path(order, "acknowledge")).status_code == 204
    assert api.post(path(order, "accept")).json()["status"] == "accepted"
    assert api.post(path(order, "ready")).json()["status"] == "ready"
    assert api.post(path(order, "ready")).status_code == 409


def test_the_system_sees_the_buyer_and_the_vin(order):
    row = system(order.dealership).get(path(order)).json()
    assert row["vin"] == order.stock_unit.vin
    assert row["buyer"]["phone"] == str(order.buyer.phone)


def test_decline_with_a_reason(order):
    api = system(order.dealership)
    assert api.post(path(order, "decline"), {"reason": "because"}, format="json").status_code == 400
    assert api.post(path(order, "decline"), {"reason": "sold"}, format="json").status_code == 200


def test_another_dealership_neither_sees_nor_touches_it(order):
    api = system(make_dealership())
    assert api.get("/api/v1/dealer/orders/").json()["results"] == []
    assert api.get(path(order)).status_code == 404
    for verb in ("acknowledge", "accept", "decline", "ready"):
        assert api.post(path(order, verb), {"reason": "sold"}, format="json").status_code == 404
    order.refresh_from_db()
    assert order.status == "reserved"


def test_an_unpaid_order_is_not_yet_the_dealerships():
    order = make_order()
    assert system(order.dealership).get(path(order)).status_code == 404


@pytest.mark.parametrize("header", ["Api-Key nope", "Api-Key ", "Api-Key a.b\x00c", "Bearer x", ""])
def test_without_a_good_key_it_is_401(order, header):
    assert APIClient(headers={"Authorization": header}).get(path(order)).status_code == 401


def test_a_revoked_key_is_401(order):
    api = system(order.dealership)
    order.dealership.keys.update(revoked=True)
    assert api.get(path(order)).status_code == 401


def test_a_key_without_the_scope_is_403(order):
    assert system(order.dealership, scopes=["stock"]).get(path(order)).status_code == 403


def test_a_buyers_session_is_no_key(order):
    client = APIClient()
    client.force_login(order.buyer)
    assert client.get(path(order)).status_code == 401


def stock(trim, **fields) -> dict:
    return {"trim": trim.code, "colour": make_colour(trim.vehicle_model).code} | fields


def test_stock_is_created_changed_and_withdrawn():
    dealership, trim, vin = make_dealership(), make_trim(), make_vin()
    api = system(dealership)
    put = f"/api/v1/dealer/stock/{vin}/"
    assert api.put(put, stock(trim), format="json").status_code == 201
    assert api.put(put, stock(trim, stage="in_transit"), format="json").status_code == 200
    assert api.put(put, stock(trim, is_offered=False), format="json").json()["availability"] == "withdrawn"
    assert StockUnit.objects.get().dealership_id == dealership.pk


def test_a_held_car_can_not_be_removed_silently():
    order = make_order()
    api = system(order.dealership)
    answer = api.put(
        f"/api/v1/dealer/stock/{order.stock_unit.vin}/", stock(order.trim, is_offered=False), format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "unit_claimed")


def test_another_dealerships_car_is_a_conflict_without_details():
    unit = make_unit()
    answer = system(make_dealership()).put(f"/api/v1/dealer/stock/{unit.vin}/", stock(unit.trim), format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_your_unit")
    assert unit.dealership.code not in answer.content.decode()


@pytest.mark.parametrize("vin", ["SHORT", "1M8GDM9AXKP042789", "I" * 17, "%00" * 17])
def test_a_wrong_vin_is_400(vin):
    trim = make_trim()
    assert system(make_dealership()).put(f"/api/v1/dealer/stock/{vin}/", stock(trim), format="json").status_code == 400
