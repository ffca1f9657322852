"""A buyer's deal through API v1; errors are problem details."""

from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from orders.models import Order
from tests.factories import make_dealership, make_order, make_terms, make_unit

pytestmark = pytest.mark.django_db


def wish(unit, /, **fields) -> dict:
    return {"unit": unit.pk, "buyer_name": "Li Lei", "terms_version": make_terms().version} | fields


def place(api: APIClient, body: dict, key: str = "key-1"):
    return api.post("/api/v1/orders/", body, format="json", headers={"Idempotency-Key": key})


def test_everyone_reads_vehicles_stock_and_dealerships():
    unit = make_unit()
    client = APIClient()
    vehicle = client.get(f"/api/v1/vehicles/{unit.trim.code}/").json()
    assert (vehicle["list_price"], vehicle["currency"]) == ("98800.00", "CNY")
    stock = client.get("/api/v1/stock/", {"trim": unit.trim.code}).json()["results"]
    assert [row["id"] for row in stock] == [unit.pk]
    assert unit.vin not in str(stock)
    assert client.get(f"/api/v1/dealerships/{unit.dealership.code}/").json()["time_zone"] == "Asia/Shanghai"


def test_a_held_car_leaves_the_stock_list():
    order = make_order()
    assert APIClient().get(f"/api/v1/stock/{order.stock_unit_id}/").status_code == 404


def test_placing_and_paying(api):
    unit = make_unit()
    placed = place(api, wish(unit))
    assert placed.status_code == 201
    reference = placed.json()["reference"]
    started = api.post(f"/api/v1/orders/{reference}/deposit/", headers={"Idempotency-Key": "pay-1"})
    assert started.status_code == 201
    assert "/sandbox/" in started.json()["checkout_url"]
    assert started.json()["amount"] == "2000.00"


def test_any_car_in_a_colour(api):
    unit = make_unit()
    body = wish(unit, trim=unit.trim.code, colour=unit.colour.code, dealership=unit.dealership.code)
    del body["unit"]
    assert place(api, body).json()["stock_unit"] == unit.pk


def test_the_same_key_twice_is_one_order(api):
    unit = make_unit()
    assert place(api, wish(unit)).json() == place(api, wish(unit)).json()
    assert Order.objects.count() == 1


def test_the_same_key_for_another_car_is_422(api):
    place(api, wish(make_unit()))
    answer = place(api, wish(make_unit()))
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["", " ", "x" * 81, "ключ".encode().decode("latin-1")])
def test_a_key_is_required_and_checked(api, key):
    answer = place(api, wish(make_unit()), key)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_a_car_someone_else_holds_is_a_409_problem(api):
    order = make_order()
    answer = place(api, wish(order.stock_unit))
    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    assert answer.json()["detail"] == "This car has just been taken by someone else."


def test_problems_speak_chinese(api):
    order = make_order()
    answer = api.post(
        "/api/v1/orders/",
        wish(order.stock_unit),
        format="json",
        headers={"Idempotency-Key": "zh", "Accept-Language": "zh-CN"},
    )
    assert answer.json()["title"] == "冲突"


@pytest.mark.parametrize(
    "fields",
    [{"unit": 0}, {"unit": 10**30}, {"unit": "x"}, {"buyer_name": ""}, {"expected_total": "-1"}],
)
def test_bad_values_point_at_the_field(api, fields):
    answer = place(api, wish(make_unit(), **fields))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(fields))}"


def test_a_nul_byte_is_refused(api):
    assert place(api, wish(make_unit(), buyer_name="a\x00b")).status_code == 400


def test_cancelling_needs_the_refund_shown(api, buyer):
    order = make_order(buyer=buyer)
    path = f"/api/v1/orders/{order.reference}/cancel/"
    assert api.post(path, {"expected_refund": "5.00"}, format="json").status_code == 409
    assert api.post(path, {"expected_refund": "0"}, format="json").json()["status"] == "cancelled"


def test_another_buyers_order_does_not_exist(api):
    order = make_order()
    assert api.get(f"/api/v1/orders/{order.reference}/").status_code == 404
    assert api.get("/api/v1/orders/").json()["results"] == []
    answer = api.post(f"/api/v1/orders/{order.reference}/deposit/", headers={"Idempotency-Key": "x"})
    assert answer.status_code == 404


def test_a_stranger_is_asked_to_sign_in():
    assert APIClient().get("/api/v1/orders/").status_code == 403


@pytest.mark.parametrize("path", ["vehicles", "stock", "dealerships"])
def test_lists_take_a_few_queries_whatever_their_length(path, django_assert_max_num_queries):
    for _ in range(12):
        make_unit(dealership=make_dealership(), discount=Decimal(1))
    with django_assert_max_num_queries(4):
        assert len(APIClient().get(f"/api/v1/{path}/").json()["results"]) == 12
