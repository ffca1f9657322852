"""The sandbox cashier: it looks and behaves like somebody else's page."""

import pytest
import requests
from django.core.cache import cache
from django.test import Client
from kombu.exceptions import OperationalError

from payments.models import Payment
from payments.sandbox import views
from payments.sandbox.models import Charge
from payments.services import start_deposit
from tests.factories import make_order

pytestmark = pytest.mark.django_db


class Notices(list):
    """Stands for the task: notes the delay of each notice instead of sending it."""

    def __call__(self, charge_id: int) -> None:
        self.append("now")

    def apply_async(self, *, args, countdown) -> None:
        self.append(countdown)


@pytest.fixture
def notices(monkeypatch) -> Notices:
    sent = Notices()
    monkeypatch.setattr(views, "send_notice", sent)
    return sent


@pytest.fixture
def charge() -> Charge:
    cache.clear()
    start_deposit(make_order().pk, idempotency_key="cashier-key-00001")
    return Charge.objects.get()


def way_back(charge: Charge) -> str:
    return f"/pay/return/{charge.merchant_reference}/"


def decide(client, charge: Charge, decision: str):
    return client.post(f"/sandbox/{charge.number}/", {"decision": decision})


@pytest.mark.parametrize(
    ("language", "amount"), [("en", "2,000"), ("zh-hans", "2,000"), ("de", "2.000"), ("pl", "2\xa0000")]
)
def test_it_says_it_is_a_test(client, charge, language, amount):
    client.cookies["django_language"] = language
    text = client.get(f"/sandbox/{charge.number}/").content.decode()
    assert "TestPay" in text
    assert amount in text
    assert charge.description in text
    assert text.count('name="decision"') == len(views.DECISIONS)


@pytest.mark.parametrize(
    ("decision", "status", "sent"),
    [
        ("pay", "paid", [None]),
        ("pay-notice-first", "paid", ["now"]),
        ("pay-notice-late", "paid", [20]),
        ("pay-notice-twice", "paid", [None, None]),
        ("pay-notice-never", "paid", []),
        ("refuse", "refused", [None]),
        ("cancel", "cancelled", [None]),
        ("time-out", "timed_out", [None]),
    ],
)
def test_each_button(client, charge, notices, decision, status, sent):
    answer = decide(client, charge, decision)
    charge.refresh_from_db()
    assert (answer.status_code, answer.url) == (303, way_back(charge))
    assert (charge.status, notices) == (status, sent)


def test_a_decided_charge_stays_decided(client, charge, notices):
    decide(client, charge, "refuse")
    page = decide(client, charge, "pay")
    assert page.status_code == 409
    assert way_back(charge) in page.content.decode()
    assert 'name="decision"' not in client.get(f"/sandbox/{charge.number}/").content.decode()
    charge.refresh_from_db()
    assert charge.status == "refused"


@pytest.mark.parametrize("error", [OperationalError, requests.ConnectionError])
def test_a_lost_notice_does_not_stop_the_payer(client, charge, monkeypatch, error):
    class Broken:
        def __call__(self, charge_id: int) -> None:
            raise error

        def apply_async(self, **options: object) -> None:
            raise error

    monkeypatch.setattr(views, "send_notice", Broken())
    assert decide(client, charge, "pay-notice-first").status_code == 303


def test_the_notice_first_arrives_before_the_payer(client, charge, monkeypatch, live_notices):
    assert decide(client, charge, "pay-notice-first").status_code == 303
    assert Payment.objects.get().status == "succeeded"


@pytest.fixture
def live_notices(client, monkeypatch):
    """Posts of the sandbox reach our own notice address without a network."""

    class Answer:
        def __init__(self, status: int) -> None:
            self.status = status

        def raise_for_status(self) -> None:
            assert self.status == 200

    def post(url: str, *, data: bytes, headers: dict[str, str], **_options: object) -> Answer:
        path = url.split("/", 3)[3]
        sent = {"X-Sandbox-Signature": headers["X-Sandbox-Signature"]}
        return Answer(Client().post(f"/{path}", data, content_type="application/json", headers=sent).status_code)

    monkeypatch.setattr("payments.sandbox.tasks.requests.post", post)


def test_another_site_s_return_address_is_refused(client, charge, notices):
    Charge.objects.update(return_url="https://evil.example.com/")
    assert client.get(f"/sandbox/{charge.number}/").status_code == 404
    assert decide(client, charge, "pay").status_code == 404


@pytest.mark.parametrize("decision", ["", "x", "9" * 400])
def test_unknown_decisions_are_refused(client, charge, notices, decision):
    assert decide(client, charge, decision).status_code == 400
    charge.refresh_from_db()
    assert charge.status == "open"


def test_unknown_charges_are_not_found(client, charge):
    assert client.get("/sandbox/sbx_none/").status_code == 404


def test_the_form_is_protected(charge):
    answer = Client(enforce_csrf_checks=True).post(f"/sandbox/{charge.number}/", {"decision": "pay"})
    assert answer.status_code == 403
