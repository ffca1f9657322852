"""A car sold directly through API v1: found, ordered without a dealership, followed to the door and back."""

from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from o2o_platform.journal.models import Actor
from orders.models import Order, SaleRule
from orders.services import cancel_order, direct, mark_ready
from tests.direct import sales
from tests.factories import (
    make_city,
    make_dealership,
    make_market,
    make_offer,
    make_order,
    make_terms,
    make_trim,
    make_unit,
)
from tests.orders.pages import pay_deposit

pytestmark = pytest.mark.django_db
DIRECT_STEPS = ["deposit", "identity", "preparation", "balance_online", "delivery"]
DEALER_STEPS = ["deposit", "dealership_answer", "preparation", "balance_at_dealership", "collection"]


def wish(unit, /, **fields) -> dict:
    """Any car of the unit's trim and colour."""
    terms = make_terms(unit.market).version
    return {"trim": unit.trim.code, "colour": unit.colour.code, "buyer_name": "Li Lei", "terms_version": terms} | fields


def place(api: APIClient, body: dict, key: str = "key-1"):
    return api.post("/api/v1/orders/", body, format="json", headers={"Idempotency-Key": key})


def stock_of(trim, **query) -> list[int]:
    rows = APIClient().get("/api/v1/stock/", {"trim": trim.code} | query).json()["results"]
    return [row["id"] for row in rows]


def test_central_cars_and_those_at_closed_dealerships_are_listed_where_they_are_sold_directly():
    central = sales.make_direct_unit()
    closed = make_unit(central.trim, make_dealership(is_active=False))
    assert sorted(stock_of(central.trim)) == sorted([central.pk, closed.pk])
    row = APIClient().get(f"/api/v1/stock/{central.pk}/").json()
    assert (row["dealership"], row["trim"]) == (None, central.trim.code)
    assert APIClient().get(f"/api/v1/vehicles/{central.trim.code}/").json()["sales_model"] == "direct"


def test_what_dealerships_sell_is_listed_at_open_ones_alone():
    unit = make_unit(dealership=make_dealership(is_active=False))
    assert stock_of(unit.trim) == []
    assert APIClient().get(f"/api/v1/stock/{unit.pk}/").status_code == 404


def test_any_car_sold_directly_needs_no_dealership(api):
    unit = sales.make_direct_unit()
    placed = place(api, wish(unit))
    assert placed.status_code == 201, placed.json()
    told = placed.json()
    assert (told["sales_model"], told["channel"], told["dealership"]) == ("direct", "direct", None)
    assert told["stock_unit"] == unit.pk
    assert place(api, wish(unit)).json() == told
    assert Order.objects.get().direct_sale.identity == "needed"


def test_a_dealership_named_for_a_direct_car_has_no_part_in_the_sale(api):
    unit = sales.make_direct_unit()
    told = place(api, wish(unit, dealership=make_dealership().code)).json()
    assert told["dealership"] is None


def test_any_car_of_a_dealership_needs_its_code(api):
    answer = place(api, wish(make_unit()))
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"pointer": "/dealership", "detail": "This field is required."}]


@pytest.mark.parametrize("fields", [{"trim": "none"}, {"colour": "none"}, {"dealership": "none"}, {"market": "PL"}])
def test_codes_that_name_nothing_are_not_found(api, fields):
    assert place(api, wish(sales.make_direct_unit(), **fields)).status_code == 404
    assert not Order.objects.exists()


def test_sold_out_says_so(api):
    unit = sales.make_direct_unit()
    sales.place(unit)
    answer = place(api, wish(unit))
    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")


def test_a_car_of_another_market_is_found_and_ordered_there(api):
    make_market()
    market = make_market("DE")
    market.is_open = True
    market.save()
    trim = make_trim()
    make_offer(trim, market=market, sales_model="direct", list_price=Decimal("39900.00"))
    unit = make_unit(trim, make_dealership(market=market, city=make_city("berlin", market=market)), market=market)
    assert stock_of(trim) == []
    assert stock_of(trim, market="DE") == [unit.pk]
    vehicle = APIClient().get(f"/api/v1/vehicles/{trim.code}/", {"market": "DE"}).json()
    assert (vehicle["list_price"], vehicle["currency"], vehicle["sales_model"]) == ("39900.00", "EUR", "direct")
    told = place(api, wish(unit, market="DE", city="berlin")).json()
    assert (told["currency"], told["contract_total"]) == ("EUR", "39900.00")
    here = place(api, {"unit": unit.pk, "buyer_name": "Li", "terms_version": make_terms().version}, "key-2")
    assert here.status_code == 409


@pytest.mark.parametrize("market", ["PL", "XX", "🚗", "x" * 500])
def test_a_market_that_is_not_open_is_not_found(market):
    for code in ("CN", "PL"):
        make_market(code)
    assert APIClient().get("/api/v1/stock/", {"market": market}).status_code == 404
    assert APIClient().get("/api/v1/vehicles/", {"market": market}).status_code == 404


def steps(api: APIClient, order: Order) -> dict[str, str]:
    told = api.get(f"/api/v1/orders/{order.reference}/").json()
    return {step["name"]: step["state"] for step in told["steps"]}


def test_a_direct_order_has_its_own_steps_alone(api, buyer):
    order = sales.place(buyer=buyer)
    assert steps(api, order) == dict.fromkeys(DIRECT_STEPS, "next") | {"deposit": "now"}
    pay_deposit(order)
    assert steps(api, order)["identity"] == "now"
    sales.identify(order)
    mark_ready(order.pk, actor=sales.staff())
    order.refresh_from_db()
    done = dict.fromkeys(DIRECT_STEPS[:3], "done")
    assert steps(api, order) == done | {"balance_online": "now", "delivery": "next"}
    sales.pay_part(order, order.balance_due)
    sales.with_window(order)
    direct.deliver(order.pk, actor=sales.staff(), code=order.handover_code, odometer_km=9, signed_name="Li")
    assert steps(api, order) == dict.fromkeys(DIRECT_STEPS, "done")


@pytest.mark.parametrize("sales_model", ["dealer", "agency"])
def test_an_order_through_a_dealership_has_no_step_of_direct_sales(api, buyer, sales_model):
    trim = make_trim()
    make_offer(trim, sales_model=sales_model)
    order = make_order(make_unit(trim), buyer)
    assert list(steps(api, order)) == DEALER_STEPS
    assert api.get(f"/api/v1/orders/{order.reference}/direct/").status_code == 404
    refused = api.post(
        f"/api/v1/orders/{order.reference}/balance/",
        {"amount": "1"},
        format="json",
        headers={"Idempotency-Key": "b"},
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "not_payable")


def test_a_cancelled_order_has_no_steps_left(api, buyer):
    order = sales.place(buyer=buyer)
    cancel_order(order.pk, actor=Actor.buyer(buyer))
    assert steps(api, order) == {}


def post(api: APIClient, order: Order, step: str, body: dict):
    return api.post(f"/api/v1/orders/{order.reference}/{step}/", body, format="json", headers={"Idempotency-Key": step})


def test_from_the_deposit_to_the_return(api, buyer):
    sales.make_rule()
    window, plan = sales.make_window(), sales.make_plan()
    order = sales.place(buyer=buyer)
    pay_deposit(order)
    told = post(api, order, "direct/identity", {"name": "Li Lei", "number": "E1234567"}).json()
    assert (told["identity"], told["identity_ending"]) == ("submitted", "4567")
    direct.verify_identity(order.pk, actor=sales.staff())
    mark_ready(order.pk, actor=sales.staff())
    assert post(api, order, "direct/loan", {"plan": plan.slug}).json()["finance"] == "asked"
    assert post(api, order, "direct/loan", {"plan": None}).json()["finance"] == ""
    started = post(api, order, "balance", {"amount": "96800.00"})
    assert (started.status_code, started.json()["amount"]) == (201, "96800.00")
    sales.settle(order.payments.get(reference=started.json()["reference"]))
    address = {"line": "Lianchi 1", "postcode": "071000", "city": window.city.slug}
    assert post(api, order, "direct/address", address).json()["postcode"] == "071000"
    free = api.get(f"/api/v1/orders/{order.reference}/direct/delivery/").json()
    assert [row["id"] for row in free] == [window.pk]
    assert post(api, order, "direct/delivery", {"window": window.pk}).json()["delivery_window"]["id"] == window.pk
    direct.deliver(order.pk, actor=sales.staff(), code=order.handover_code, odometer_km=10, signed_name="Li")
    asked = {"odometer_km": 611}
    quote = api.get(f"/api/v1/orders/{order.reference}/direct/return/", asked).json()
    assert quote == {"driven_km": 601, "charged_km": 101, "charge": "252.50", "refund": "98547.50"}
    told = post(api, order, "direct/return", asked | {"expected_refund": quote["refund"]}).json()
    assert told["return_asked_at"]
    assert told["status"] == "delivered"


def test_what_is_refused_says_why(api, buyer):
    SaleRule.objects.all().delete()
    order = sales.place(buyer=buyer)
    cases = {
        "direct/delivery": ({"window": 1}, "not_deliverable"),
        "direct/loan": ({"plan": sales.make_plan().slug}, "loan_not_open"),
        "direct/return": ({"odometer_km": 1, "expected_refund": "1.00"}, "not_returnable"),
        "balance": ({"amount": "1.00"}, "not_payable"),
    }
    for step, (body, code) in cases.items():
        answer = post(api, order, step, body)
        assert (answer.status_code, answer.json()["code"]) == (409, code), step
    assert post(api, order, "direct/address", {"line": "A", "postcode": "1", "city": "none"}).status_code == 404
