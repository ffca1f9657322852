"""A provider's notices: signed or refused, once or twice, early or late; never an error of ours."""

import json
import time

import pytest

from orders.models import Order
from payments.models import Payment, Refund
from payments.sandbox import bank, signing
from payments.services import start_deposit
from tests.factories import make_order

pytestmark = pytest.mark.django_db
ADDRESS = "/pay/notice/sandbox/"


@pytest.fixture
def payment() -> Payment:
    return start_deposit(make_order().pk, idempotency_key="notice-key-000001")


def body_of(payment: Payment, **changes: object) -> bytes:
    charge = bank.Charge.objects.get(merchant_reference=payment.reference)
    return json.dumps(bank.charge_json(charge) | changes).encode()


def send(client, body: bytes, signature: str | None = None, address: str = ADDRESS):
    header = {"x-sandbox-signature": signing.sign(body) if signature is None else signature}
    return client.post(address, body, content_type="application/json", headers=header)


def test_a_signed_notice_settles(client, payment):
    bank.decide_charge(payment.provider_reference, "paid")
    answer = send(client, body_of(payment))
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert Order.objects.get().status == "reserved"


def test_it_needs_no_csrf_token(payment):
    from django.test import Client

    bank.decide_charge(payment.provider_reference, "paid")
    assert send(Client(enforce_csrf_checks=True), body_of(payment)).status_code == 200


def test_twice_counts_once(client, payment):
    bank.decide_charge(payment.provider_reference, "paid")
    assert [send(client, body_of(payment)).status_code for _ in range(2)] == [200, 200]
    assert Order.objects.get().paid_total == payment.amount
    assert not Refund.objects.exists()


def test_before_the_return_the_buyer_comes_back_to_a_reserved_order(client, payment):
    bank.decide_charge(payment.provider_reference, "paid")
    send(client, body_of(payment))
    client.force_login(payment.order.buyer)
    assert client.get(f"/pay/return/{payment.reference}/").url == f"/orders/{payment.order.reference}/"


@pytest.mark.parametrize("signature", ["", "t=1,v1=x", "t=x", "=", ",,,", "t=1234567890123", "v1=", "ÿ=ÿ", "t=,v1="])
def test_unsigned_notices_are_refused(client, payment, signature):
    assert send(client, body_of(payment, status="paid"), signature).status_code == 400
    assert Order.objects.get().status == "placed"


def test_a_signature_of_another_body_is_refused(client, payment):
    assert send(client, body_of(payment, status="paid"), signing.sign(body_of(payment))).status_code == 400


def test_an_old_signature_is_refused(client, payment, monkeypatch):
    body = body_of(payment, status="paid")
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    old = signing.sign(body)
    monkeypatch.undo()
    assert send(client, body, old).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"{",
        b'"x"',
        b"\xff\xfe",
        b'{"status": "paid"}',
        b'{"amount_minor": Infinity}',
        b"[" * 50_000,
    ],
)
def test_signed_nonsense_is_refused(client, payment, body):
    assert send(client, body).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "gone"},
        {"amount_minor": "x"},
        {"amount_minor": float("inf")},
        {"amount_minor": None},
        {"status": []},
    ],
)
def test_signed_fields_that_can_not_be_are_refused(client, payment, changes):
    assert send(client, body_of(payment, **changes)).status_code == 400


@pytest.mark.parametrize(
    "changes", [{"merchant_reference": "Pnone"}, {"merchant_reference": 7}, {"merchant_reference": "x" * 500}]
)
def test_unknown_payments_are_not_found(client, payment, changes):
    assert send(client, body_of(payment, **changes)).status_code == 404


def test_another_sum_is_noted_and_never_counts(client, payment):
    for amount in (1, 10**30):
        assert send(client, body_of(payment, status="paid", amount_minor=amount)).status_code == 200
    assert Order.objects.get().status == "placed"


def test_unknown_providers_are_not_found(client, payment):
    assert send(client, body_of(payment), address="/pay/notice/nobody/").status_code == 404


def test_only_posts_are_taken(client):
    assert client.get(ADDRESS).status_code == 405


def test_large_bodies_are_refused(client, payment):
    assert send(client, b"x" * 70_000).status_code == 413
    assert 400 <= send(client, b"x" * 3_000_000).status_code < 500


def test_a_notice_sent_as_a_form_with_files_is_refused(client):
    answer = client.post("/pay/notice/sandbox/", b"--x\r\ngarbage", content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 400
