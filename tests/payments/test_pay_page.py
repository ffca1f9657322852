"""Paying on the site: the page before the provider's, the way there and back."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from orders.models import Order
from payments.models import Payment, Refund
from payments.providers.base import ProviderUnavailable
from payments.sandbox import bank
from tests.factories import make_buyer, make_member, make_order, make_staff
from tests.orders.pages import hidden_fields, pay_deposit

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(client) -> Order:
    cache.clear()
    order = make_order()
    client.force_login(order.buyer)
    client.cookies["django_language"] = "en"
    return order


def address(order: Order) -> str:
    return f"/pay/{order.reference}/"


def start(client, order: Order) -> Payment:
    client.post(address(order), hidden_fields(client.get(address(order))))
    return Payment.objects.get()


@pytest.mark.parametrize(
    ("language", "amount"), [("en", "2,000"), ("zh-hans", "2,000"), ("de", "2.000"), ("pl", "2\xa0000")]
)
def test_amount_deadline_and_countdown(client, order, language, amount):
    client.cookies["django_language"] = language
    text = client.get(address(order)).content.decode()
    assert amount in text
    assert "data-deadline=" in text
    assert order.reference in text


def test_earnest_money_says_what_is_lost(client, order):
    Order.objects.update(deposit_kind="earnest")
    text = client.get(address(order)).content.decode()
    assert "Earnest money" in text
    assert "you lose it" in text


def test_paying_leads_to_the_provider_once(client, order):
    form = hidden_fields(client.get(address(order)))
    first, second = client.post(address(order), form), client.post(address(order), form)
    payment = Payment.objects.get()
    assert (first.status_code, first.url) == (303, f"/sandbox/{payment.provider_reference}/")
    assert second.url == first.url


def test_another_site_s_checkout_is_gone_to_whole(client, order):
    payment = start(client, order)
    Payment.objects.update(checkout_url="https://pay.example.com/x/")
    answer = client.post(address(order), {"idempotency_key": payment.idempotency_key})
    assert answer.url == "https://pay.example.com/x/"


def test_a_payment_begun_is_gone_on_with(client, order):
    payment = start(client, order)
    assert hidden_fields(client.get(address(order)))["idempotency_key"] == payment.idempotency_key


def test_a_paid_or_ended_order_is_not_payable(client, order):
    form = hidden_fields(client.get(address(order)))
    Order.objects.update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    for answer in (client.get(address(order)), client.post(address(order), form)):
        assert answer.url == f"/orders/{order.reference}/"
    assert not Payment.objects.exists()


def test_a_silent_provider_loses_nothing(client, order, monkeypatch):
    def silent(*args, **kwargs):
        raise ProviderUnavailable

    form = hidden_fields(client.get(address(order)))
    with monkeypatch.context() as patch:
        patch.setattr("payments.providers.sandbox.SandboxProvider.create_checkout", silent)
        page = client.post(address(order), form)
    assert (page.status_code, page["Retry-After"]) == (503, "30")
    assert "does not answer" in page.content.decode()
    assert client.post(address(order), hidden_fields(page)).status_code == 303
    assert Payment.objects.count() == 1


def test_no_provider_set_up_is_told(client, order, settings):
    settings.PAYMENT_PROVIDERS = {}
    page = client.post(address(order), hidden_fields(client.get(address(order))))
    assert page.status_code == 503
    assert not Payment.objects.exists()


@pytest.mark.parametrize("key", ["", "short", "x" * 81, "with blanks and more", "é" * 20])
def test_an_unfit_key_is_refused(client, order, key):
    assert client.post(address(order), {"idempotency_key": key}).status_code == 400


def test_the_key_of_somebody_else_s_payment_pays_nothing(client, order):
    payment = start(client, order)
    stranger = make_order()
    client.force_login(stranger.buyer)
    answer = client.post(address(stranger), {"idempotency_key": payment.idempotency_key})
    assert answer.url == f"/orders/{stranger.reference}/"


def test_only_the_buyer_pays_and_comes_back(client, order):
    payment = start(client, order)
    for person in (make_buyer(), make_staff(), make_member(order.dealership)):
        client.force_login(person)
        assert client.get(address(order)).status_code == 404
        assert client.post(address(order)).status_code == 404
        assert client.get(f"/pay/return/{payment.reference}/").status_code == 404
    client.logout()
    assert client.get(address(order)).url.startswith("/accounts/login/")
    assert client.get(f"/pay/return/{payment.reference}/").url.startswith("/accounts/login/")


def test_coming_back_before_the_notice_asks_the_provider(client, order):
    payment = start(client, order)
    bank.decide_charge(payment.provider_reference, "paid")
    answer = client.get(f"/pay/return/{payment.reference}/")
    assert (answer.status_code, answer.url) == (303, f"/orders/{order.reference}/")
    order.refresh_from_db()
    assert order.status == "reserved"
    assert "Your deposit has arrived" in client.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("status", "told"),
    [("refused", "was refused"), ("cancelled", "You cancelled"), ("timed_out", "not finished in time")],
)
def test_an_unpaid_return_says_so_and_offers_to_pay_again(client, order, status, told):
    payment = start(client, order)
    bank.decide_charge(payment.provider_reference, status)
    page = client.get(f"/pay/return/{payment.reference}/", follow=True)
    assert told in page.content.decode()
    assert address(order) in page.content.decode()
    assert hidden_fields(client.get(address(order)))["idempotency_key"] != payment.idempotency_key


def test_an_undecided_return_waits(client, order):
    payment = start(client, order)
    answer = client.get(f"/pay/return/{payment.reference}/")
    assert answer.url == f"/orders/{order.reference}/?confirming=1"


def test_an_unreachable_provider_on_return_waits(client, order, monkeypatch):
    def silent(*args, **kwargs):
        raise ProviderUnavailable

    payment = start(client, order)
    monkeypatch.setattr("payments.providers.sandbox.SandboxProvider.query", silent)
    assert client.get(f"/pay/return/{payment.reference}/").url.endswith("?confirming=1")


def test_money_that_was_not_needed_is_said_to_go_back(client, order):
    payment = start(client, order)
    pay_deposit(order)
    bank.decide_charge(payment.provider_reference, "paid")
    page = client.get(f"/pay/return/{payment.reference}/", follow=True)
    assert "All of it goes back to you" in page.content.decode()
    assert Refund.objects.count() == 1


@pytest.mark.parametrize("path", ["x/", "return/x/", "%00/", "O'--/", "return/" + "9" * 60 + "/"])
def test_addresses_that_can_not_be(client, order, path):
    assert 400 <= client.get(f"/pay/{path}").status_code < 500


def test_the_page_takes_few_queries(client, order, django_assert_max_num_queries):
    with django_assert_max_num_queries(7):
        client.get(address(order))
