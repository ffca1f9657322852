"""Vouchers through the API: for their buyers and for a dealership's system."""

import uuid

import pytest
from django.test import Client

from orders.models import Voucher
from payments.models import Payment
from payments.sandbox import bank
from payments.services import reconcile_payments
from tests.api.dealer import BASE, system
from tests.factories import make_buyer, make_dealership
from tests.vouchers.building import buy, make_paid_voucher, make_ready_order, make_voucher_offer

pytestmark = pytest.mark.django_db
OWN = "/api/v1/vouchers/"


def session(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def send(client, path, body=None, key=None):
    headers = {"idempotency-key": key or uuid.uuid4().hex}
    return client.post(path, body or {}, content_type="application/json", headers=headers)


def spend(client, order, code, key=None):
    headers = {"Idempotency-Key": key or uuid.uuid4().hex}
    return client.post(f"{BASE}/orders/{order.reference}/voucher/", {"code": code}, format="json", headers=headers)


def test_bought_paid_and_given_back():
    offer, client = make_voucher_offer(), session(make_buyer())
    first = send(client, OWN, {"offer": offer.slug}, key="one")
    again = send(client, OWN, {"offer": offer.slug}, key="one")
    assert (first.status_code, first.json()) == (201, again.json())
    assert (first.json()["status"], first.json()["code"], first.json()["worth"]) == ("pending", "", "1000.00")
    address = f"{OWN}{first.json()['reference']}/"
    started = send(client, f"{address}pay/", key="pay")
    assert started.json()["amount"] == "99.00"
    assert send(client, f"{address}pay/", key="pay").json() == started.json()
    bank.decide_charge(Payment.objects.get().provider_reference, "paid")
    Payment.objects.update(next_check_at="2020-01-01T00:00Z")
    reconcile_payments()
    voucher = Voucher.objects.get()
    assert client.get(address).json()["code"] == voucher.code
    assert [row["reference"] for row in client.get(OWN).json()["results"]] == [voucher.reference]
    assert send(client, f"{address}refund/").json()["status"] == "refunded"
    assert send(client, f"{address}refund/").status_code == 200
    assert send(client, f"{address}pay/").json()["code"] == "not_payable"


def test_refusals_have_codes():
    offer, buyer = make_voucher_offer(total=1), make_buyer()
    buy(offer)
    refused = send(session(buyer), OWN, {"offer": offer.slug})
    assert (refused.status_code, refused.json()["code"]) == (409, "voucher_sold_out")
    assert send(session(buyer), OWN, {"offer": "nothing"}).status_code == 404
    assert send(session(buyer), OWN, {"offer": "\x00"}).status_code == 400
    assert session(buyer).post(OWN, {"offer": offer.slug}, content_type="application/json").status_code == 400


def test_others_vouchers_are_not_there():
    voucher, stranger = make_paid_voucher(), session(make_buyer())
    assert stranger.get(f"{OWN}{voucher.reference}/").status_code == 404
    assert send(stranger, f"{OWN}{voucher.reference}/refund/").status_code == 404
    assert stranger.get(OWN).json()["results"] == []


def test_a_dealers_system_spends_it_once():
    order = make_ready_order()
    voucher = make_paid_voucher(order.buyer)
    client = system(order.dealership)
    first = spend(client, order, voucher.code_in_groups, key="scan-1")
    assert first.status_code == 201
    assert (first.json()["payment"]["method"], first.json()["payment"]["amount"]) == ("voucher", "1000.00")
    assert spend(client, order, voucher.code_in_groups, key="scan-1").json() == first.json()
    assert spend(client, order, voucher.code).json()["code"] == "voucher_spent"
    other = make_ready_order(order.buyer, order.dealership)
    refused = spend(client, other, voucher.code)
    assert (refused.status_code, refused.json()["code"]) == (409, "voucher_spent")
    assert spend(client, order, "\x00").status_code in (400, 409)


def test_only_with_the_scope_and_on_own_orders():
    order = make_ready_order()
    voucher = make_paid_voucher(order.buyer)
    assert spend(system(order.dealership, scopes=["orders"]), order, voucher.code).status_code == 403
    assert spend(system(make_dealership()), order, voucher.code).status_code == 404
    voucher.refresh_from_db()
    assert voucher.status == "paid"
