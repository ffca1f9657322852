"""Money at the counter and showroom sales through the dealership's own system."""

import pytest

from o2o_platform.accounts.models import User
from orders.models import Claim, Order
from payments.models import Payment
from tests.api.dealer import BASE, make_reserved_order, system
from tests.factories import make_buyer, make_dealership, make_member, make_order, make_terms, make_unit

pytestmark = pytest.mark.django_db
SALES = f"{BASE}/sales/"


@pytest.fixture
def order():
    order = make_reserved_order()
    api = system(order.dealership)
    for verb in ("accept", "ready"):
        assert api.post(f"{BASE}/orders/{order.reference}/{verb}/").status_code == 200
    order.refresh_from_db()
    return order


def pay(order, body, key="p-1", api=None):
    api = api or system(order.dealership, scopes=["payments"])
    return api.post(f"{BASE}/orders/{order.reference}/payments/", body, format="json", headers={"Idempotency-Key": key})


def test_a_part_and_then_the_rest(order):
    part = pay(order, {"method": "card", "amount": "800.00", "note": "slip 7"})
    assert part.status_code == 201
    assert part.json()["payment"]["note"] == "slip 7"
    assert part.json()["order_status"] == "ready"
    rest = pay(order, {"method": "loan", "amount": part.json()["balance_due"]}, "p-2")
    assert (rest.json()["order_status"], rest.json()["balance_due"]) == ("paid", "0.00")
    listed = system(order.dealership).get(f"{BASE}/orders/{order.reference}/payments/").json()["results"]
    assert [row["method"] for row in listed] == ["loan", "card"]


def test_the_same_key_is_one_receipt(order):
    body = {"method": "cash", "amount": "500.00"}
    first, again = pay(order, body), pay(order, body)
    assert first.json()["payment"] == again.json()["payment"]
    assert order.payments.filter(purpose="balance").count() == 1
    other = pay(order, body | {"amount": "600.00"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_key_is_needed(order):
    answer = system(order.dealership).post(
        f"{BASE}/orders/{order.reference}/payments/", {"method": "cash", "amount": "1"}, format="json"
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/Idempotency-Key")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"amount": "99999999.00"}, 409),
        ({"amount": "0"}, 400),
        ({"amount": "-5"}, 400),
        ({"amount": "1.001"}, 400),
        ({"amount": "NaN"}, 400),
        ({"amount": "1e30"}, 400),
        ({"amount": []}, 400),
        ({"method": "online"}, 400),
        ({"method": "shells"}, 400),
        ({"note": "x" * 201}, 400),
    ],
)
def test_wrong_sums_and_methods_are_refused(order, fields, status):
    assert pay(order, {"method": "cash", "amount": "500.00"} | fields).status_code == status
    order.refresh_from_db()
    assert order.paid_total == order.deposit_amount


def test_a_car_that_is_not_ready_takes_no_money():
    order = make_reserved_order()
    assert pay(order, {"method": "cash", "amount": "5.00"}).json()["code"] == "wrong_amount"


def test_another_dealerships_order_is_not_there(order):
    stranger = system(make_dealership())
    assert pay(order, {"method": "cash", "amount": "5.00"}, api=stranger).status_code == 404
    assert stranger.get(f"{BASE}/orders/{order.reference}/payments/").status_code == 404


@pytest.mark.parametrize("many", [1, 12])
def test_the_list_takes_the_same_queries_whatever_its_length(order, many, django_assert_num_queries):
    for number in range(many):
        pay(order, {"method": "cash", "amount": "1.00"}, f"p-{number}")
    api = system(order.dealership)
    with django_assert_num_queries(3):
        assert len(api.get(f"{BASE}/orders/{order.reference}/payments/").json()["results"]) == many


@pytest.fixture
def unit():
    make_terms()
    return make_unit()


def sell(unit, key="s-1", api=None, **fields):
    body = {"vin": unit.vin, "buyer": {"name": "Li Lei", "phone": "138 0013 8000"}} | fields
    api = api or system(unit.dealership, scopes=["sales", "payments"])
    return api.post(SALES, body, format="json", headers={"Idempotency-Key": key})


def test_a_walk_in_sale_is_one_step(unit):
    advisor = make_member(unit.dealership)
    answer = sell(unit, advisor=advisor.pk, payment={"method": "card", "amount": "10000.00"})
    assert answer.status_code == 201, answer.content
    sold = answer.json()
    assert (sold["order"]["status"], sold["order"]["channel"], sold["order"]["vin"]) == (
        "accepted",
        "offline",
        unit.vin,
    )
    assert (sold["payment"]["amount"], sold["order"]["paid_total"]) == ("10000.00", "10000.00")
    order = Order.objects.get()
    assert (order.advisor, str(order.buyer.phone)) == (advisor, "+8613800138000")
    unit.refresh_from_db()
    assert unit.availability == "held"


def test_the_sale_goes_on_to_the_handover(unit):
    total = sell(unit).json()["order"]["contract_total"]
    order, api = Order.objects.get(), system(unit.dealership)
    assert pay(order, {"method": "transfer", "amount": total}, api=api).status_code == 201
    assert api.post(f"{BASE}/orders/{order.reference}/ready/").json()["status"] == "paid"
    handed = api.post(f"{BASE}/orders/{order.reference}/hand-over/", {"code": order.handover_code}, format="json")
    assert handed.json()["status"] == "delivered"


def test_the_same_key_is_one_sale(unit):
    paid = {"method": "cash", "amount": "5.00"}
    first, again = sell(unit, payment=paid), sell(unit, payment=paid)
    assert (first.status_code, again.json()) == (201, first.json())
    assert (Order.objects.count(), Payment.objects.count()) == (1, 1)
    assert sell(unit, payment=paid | {"amount": "6.00"}).json()["code"] == "idempotency_key_reused"


def test_a_car_held_online_is_409_and_leaves_nothing_behind(unit):
    make_order(unit)
    answer = sell(unit)
    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    assert not User.objects.filter(phone="+8613800138000").exists()


def test_a_sum_too_high_sells_nothing(unit):
    answer = sell(unit, payment={"method": "cash", "amount": "99999999.00"})
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_amount")
    assert (Order.objects.count(), Claim.objects.count(), Payment.objects.count()) == (0, 0, 0)
    unit.refresh_from_db()
    assert unit.availability == "available"


def test_another_dealerships_car_is_not_there(unit):
    assert sell(unit, api=system(make_dealership())).status_code == 404
    assert Order.objects.count() == 0


def test_money_needs_its_own_scope(unit):
    api = system(unit.dealership, scopes=["sales"])
    assert sell(unit, api=api, payment={"method": "cash", "amount": "5.00"}).status_code == 403
    assert sell(unit, api=api).status_code == 201


def test_a_closed_account_buys_nothing(unit):
    make_buyer(phone="+8613800138000", is_active=False)
    answer = sell(unit)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/buyer/phone")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"buyer": None}, "/buyer"),
        ({"buyer": {"name": "Li"}}, "/buyer/phone"),
        ({"buyer": {"name": "Li", "phone": "12"}}, "/buyer/phone"),
        ({"buyer": {"name": "", "phone": "13800138000"}}, "/buyer/name"),
        ({"vin": 3 * [1]}, "/vin"),
        ({"advisor": 2**70}, "/advisor"),
        ({"advisor": 7}, "/advisor"),
        ({"payment": {"method": "cash"}}, "/payment/amount"),
        ({"payment": []}, "/payment"),
    ],
)
def test_bad_values_point_at_the_field(unit, fields, pointer):
    answer = sell(unit, **fields)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert Order.objects.count() == 0
