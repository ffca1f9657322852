"""A dealer's own system and orders: by revocable key, within its scopes, and only its own rows."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from dealers.models import KeyedRequest
from dealers.services import forget_old_requests
from o2o_platform.journal.models import SYSTEM, Event
from orders.models import Order
from payments.services import record_balance
from tests.api.dealer import BASE, make_reserved_order, system
from tests.factories import make_dealership, make_order, make_trim, make_unit

pytestmark = pytest.mark.django_db
ORDERS = f"{BASE}/orders/"


@pytest.fixture
def order() -> Order:
    return make_reserved_order()


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


def test_an_expired_key_is_401(order):
    assert (
        system(order.dealership, expiry_date=timezone.now() - timedelta(seconds=1)).get(path(order)).status_code == 401
    )


def test_the_keys_of_a_closed_dealership_are_401(order):
    api = system(order.dealership)
    type(order.dealership).objects.filter(pk=order.dealership_id).update(is_active=False)
    assert api.get(path(order)).status_code == 401


@pytest.mark.parametrize(
    ("scope", "closed"),
    [
        ("orders", ["stock/", "appointments/", "advisors/", "orders/X/payments/"]),
        ("stock", ["orders/", "appointments/", "changes/", "orders/X/payments/"]),
        ("appointments", ["orders/", "stock/", "orders/X/payments/"]),
        ("payments", ["orders/", "stock/", "appointments/", "changes/", "advisors/"]),
        ("sales", ["orders/", "stock/", "appointments/", "changes/", "orders/X/payments/"]),
    ],
)
def test_a_scope_opens_its_own_part_only(scope, closed):
    api = system(make_dealership(), scopes=[scope])
    assert {address: api.get(f"{BASE}/{address}").status_code for address in closed} == dict.fromkeys(closed, 403)
    if scope != "sales":
        assert api.post(f"{BASE}/sales/", {}, format="json").status_code == 403


def test_each_key_has_its_own_rate(order, monkeypatch):
    monkeypatch.setattr("rest_framework.throttling.UserRateThrottle.get_rate", lambda self: "2/min")
    first, second = system(order.dealership), system(order.dealership)
    assert [first.get(path(order)).status_code for _ in range(3)] == [200, 200, 429]
    assert second.get(path(order)).status_code == 200


def pay_all(order: Order, api: APIClient) -> None:
    for verb in ("accept", "ready"):
        assert api.post(path(order, verb)).status_code == 200
    order.refresh_from_db()
    record_balance(order.pk, method="cash", amount=order.balance_due, actor=SYSTEM, idempotency_key="all")


def test_handing_over_needs_the_buyers_code(order):
    api = system(order.dealership)
    pay_all(order, api)
    wrong = "000000" if order.handover_code != "000000" else "111111"
    refused = api.post(path(order, "hand-over"), {"code": wrong}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_handover_code")
    for _ in range(2):
        done = api.post(path(order, "hand-over"), {"code": order.handover_code}, format="json")
        assert (done.status_code, done.json()["status"]) == (200, "delivered")
    assert api.post(path(order, "hand-over"), {"code": wrong}, format="json").status_code == 409
    assert api.post(path(order, "hand-over"), {}, format="json").status_code == 400


def test_collection_codes_can_not_be_found_by_trying(order):
    tries = [
        system(order.dealership).post(path(order, "hand-over"), {"code": f"{number:06d}"}, format="json").status_code
        for number in range(11)
    ]
    assert tries == [409] * 10 + [429]


def test_the_code_is_not_in_what_the_system_reads(order):
    api = system(order.dealership)
    assert order.handover_code not in api.get(path(order)).content.decode()
    assert "handover_code" not in api.get(path(order)).json()


def test_a_key_sent_again_after_the_order_moved_on_changes_nothing(order):
    api = system(order.dealership)
    api.post(path(order, "accept"))
    first = api.post(path(order, "ready"), headers={"Idempotency-Key": "r-1"})
    again = api.post(path(order, "ready"), headers={"Idempotency-Key": "r-1"})
    assert (first.status_code, again.status_code) == (200, 200)
    assert Event.objects.of(order).filter(name="ready").count() == 1
    assert (
        api.post(path(order, "accept"), headers={"Idempotency-Key": "r-1"}).json()["code"] == "idempotency_key_reused"
    )


def test_one_dealerships_keys_are_not_anothers(order):
    other = make_reserved_order()
    for each in (order, other):
        answer = system(each.dealership).post(path(each, "accept"), headers={"Idempotency-Key": "same"})
        assert answer.status_code == 200
    assert KeyedRequest.objects.count() == 2


def test_keys_are_forgotten_after_a_week(order):
    system(order.dealership).post(path(order, "accept"), headers={"Idempotency-Key": "old"})
    assert forget_old_requests() == 0
    KeyedRequest.objects.update(written_at=timezone.now() - timedelta(days=8))
    assert forget_old_requests() == 1


def test_nothing_about_people_is_kept_with_a_key(order):
    system(order.dealership).post(path(order, "accept"), headers={"Idempotency-Key": "a"})
    assert KeyedRequest.objects.get().answer is None


def test_the_list_is_filtered_and_paged(order):
    api = system(order.dealership)

    def found(**query) -> list[str]:
        answer = api.get(ORDERS, query)
        assert answer.status_code == 200
        return [row["reference"] for row in answer.json()["results"]]

    second = make_reserved_order(unit=make_unit(dealership=order.dealership))
    assert found() == [second.reference, order.reference]
    api.post(path(order, "accept"))
    assert found(status="accepted") == [order.reference]
    assert found(status=["accepted", "reserved"]) == [second.reference, order.reference]
    assert found(updated_since=(timezone.now() - timedelta(minutes=1)).isoformat()) == [
        second.reference,
        order.reference,
    ]
    assert found(updated_since=(timezone.now() + timedelta(minutes=1)).isoformat()) == []
    page = api.get(ORDERS, {"page_size": 1}).json()
    assert [row["reference"] for row in api.get(page["next"]).json()["results"]] == [order.reference]


@pytest.mark.parametrize("query", [{"updated_since": "x"}, {"status": "lost"}, {"updated_since": "9" * 40}])
def test_filters_are_checked(order, query):
    assert system(order.dealership).get(ORDERS, query).status_code == 400


@pytest.mark.parametrize("many", [2, 15])
def test_the_list_takes_the_same_queries_whatever_its_length(many, django_assert_num_queries):
    dealership = make_dealership()
    for _ in range(many):
        make_reserved_order(unit=make_unit(make_trim(), dealership))
    api = system(dealership)
    with django_assert_num_queries(2):
        assert len(api.get(ORDERS).json()["results"]) == many
