"""The offer as its buyer meets it: by address or by six digits, taken, reserved, driven."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisDown

from catalog.models import StockUnit
from dealers.booking import format_moment
from dealers.models import Appointment
from o2o_platform.journal.models import SYSTEM
from orders.models import Order, Quote
from orders.services import withdraw_quote
from tests import factories
from tests.dealers.drives import slots_of
from tests.orders.pages import hidden_fields
from tests.orders.quotes import claimed_quote, make_quote, order_quote

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _uncounted():
    """Tries of other tests do not count here."""
    cache.clear()


@pytest.fixture
def buyer():
    return factories.make_buyer()


def visitor(user=None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if user:
        client.force_login(user)
    return client


def url(quote, part: str = "") -> str:
    return f"/quotes/{quote.token}/{part}"


def text_of(response) -> str:
    return response.content.decode()


def test_whoever_has_the_address_reads_the_offer_and_is_asked_to_sign_in():
    quote = make_quote(discount=Decimal("2000"), note="With mats")
    page = text_of(visitor().get(url(quote)))
    for words in ("96,800", "With mats", quote.advisor.name, "Sign in to take this offer", "Valid until"):
        assert words in page
    assert quote.claim_code not in page


def test_the_offer_is_taken_and_reserved_at_its_price(buyer):
    quote, client = make_quote(discount=Decimal("2000")), visitor(buyer)
    assert "Take this offer" in text_of(client.get(url(quote)))
    assert client.post(url(quote, "claim/")).url == url(quote)
    assert "Book a test drive with" in text_of(client.get(url(quote)))
    page = client.get(url(quote, "reserve/"))
    form = hidden_fields(page) | {"buyer_name": "Li Lei", "accept": "1"}
    assert (form["expected_total"], "unit" in form) == ("96800.00", False)
    answer = client.post(url(quote, "reserve/"), form)
    order = Order.objects.get()
    assert (answer.status_code, answer.url) == (303, f"/pay/{order.reference}/")
    assert (order.contract_total, order.channel, order.advisor_id) == (
        Decimal("96800.00"),
        "offline_to_online",
        quote.advisor_id,
    )
    assert client.post(url(quote, "reserve/"), form).url == answer.url
    assert "You ordered this car" in text_of(client.get(url(quote)))
    assert client.get(url(quote, "reserve/")).url == f"/orders/{order.reference}/"


def test_the_second_to_come_is_refused_kindly_and_reads_nothing(buyer):
    quote = claimed_quote(buyer, note="Between us")
    other = visitor(factories.make_buyer())
    answer = other.post(url(quote, "claim/"), follow=True)
    page = text_of(answer)
    assert "This offer is already with another buyer." in page
    assert "Between us" not in page
    assert "98,800" not in page
    assert other.get(url(quote, "reserve/")).url == url(quote)
    assert other.post(url(quote, "reserve/"), {}).url == url(quote)
    assert other.get(url(quote, "test-drive/")).url == url(quote)
    assert "Was it you?" in text_of(visitor().get(url(quote)))


def test_a_car_that_is_gone_is_told_with_those_like_it_there(buyer):
    unit = factories.make_unit()
    like, elsewhere = factories.make_unit(unit.trim, unit.dealership), factories.make_unit(unit.trim)
    quote = claimed_quote(buyer, unit)
    client = visitor(buyer)
    form = hidden_fields(client.get(url(quote, "reserve/"))) | {"buyer_name": "Li Lei", "accept": "1"}
    factories.make_order(unit)
    page = text_of(client.get(url(quote)))
    assert "This car is taken" in page
    assert f"?unit={like.pk}" in page
    assert f"?unit={elsewhere.pk}" not in page
    late = client.post(url(quote, "reserve/"), form)
    assert late.status_code == 409
    assert f"?unit={like.pk}" in text_of(late)
    assert client.get(url(quote, "reserve/")).url == url(quote)


@pytest.mark.parametrize("end", ["withdrawn", "over"])
def test_an_offer_that_ended_says_so(buyer, end):
    quote = claimed_quote(buyer)
    if end == "withdrawn":
        withdraw_quote(quote.pk, actor=SYSTEM, reason="x")
    else:
        Quote.objects.update(valid_until=timezone.now() - timedelta(minutes=1))
    client = visitor(buyer)
    page = text_of(client.get(url(quote)))
    assert ("This offer was withdrawn" if end == "withdrawn" else "This offer has ended") in page
    assert client.get(url(quote, "reserve/")).url == url(quote)


def test_six_digits_lead_to_the_offer_after_signing_in(buyer):
    quote, client = make_quote(), visitor()
    answer = client.post("/quotes/", {"code": f" {quote.claim_code[:3]} {quote.claim_code[3:]}"})
    assert answer.url.startswith("/accounts/login/?next=/quotes/")
    client.force_login(buyer)
    assert client.get("/quotes/").url == url(quote)
    assert client.get("/quotes/").status_code == 200


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "12 34", "\x00", "\ud800", "９" * 6, "9" * 10000])
def test_what_is_no_code_is_told_beside_the_field(buyer, code):
    answer = visitor(buyer).post("/quotes/", {"code": code.encode("utf-8", "replace").decode()})
    assert answer.status_code in (400, 422)


def test_guessing_is_hopeless(buyer):
    quote, client = make_quote(), visitor(buyer)
    wrong = f"{(int(quote.claim_code) + 1) % 10**6:06d}"
    tries = [client.post("/quotes/", {"code": wrong}).status_code for _try in range(8)]
    assert tries == [422] * 6 + [429] * 2
    assert client.post("/quotes/", {"code": quote.claim_code}).status_code == 429


def test_all_people_together_miss_thirty_times_an_hour():
    quote = make_quote()
    wrong = f"{(int(quote.claim_code) + 1) % 10**6:06d}"
    missed = 0
    for number in range(12):
        client = visitor(factories.make_buyer())
        for _try in range(5):
            answer = client.post("/quotes/", {"code": wrong}, REMOTE_ADDR=f"198.51.100.{number}")
            missed += answer.status_code == 422
    assert missed == 30


def test_without_counting_nobody_guesses(buyer, monkeypatch):
    def down(*args, **kwargs):
        raise RedisDown

    quote, client = make_quote(), visitor(buyer)
    monkeypatch.setattr("orders.views_quote.ratelimit.consume", down)
    answer = client.post("/quotes/", {"code": quote.claim_code})
    assert answer.status_code == 503
    assert "Use the QR code instead" in text_of(answer)


def test_a_drive_from_the_offer_is_with_its_advisor(buyer):
    unit = factories.make_unit()
    factories.make_demo_car(unit.dealership, unit.trim)
    quote, client = claimed_quote(buyer, unit), visitor(buyer)
    there = client.get(url(quote, "test-drive/")).url
    slot = slots_of(unit.dealership, unit.trim)[0]
    answer = client.post(f"{there}&at={format_moment(slot.starts_at)}", {"key": uuid.uuid4()})
    assert answer.status_code == 302
    assert Appointment.objects.get().advisor_id == quote.advisor_id


def test_the_garage_shows_the_own_offers(buyer):
    mine = claimed_quote(buyer)
    other = claimed_quote(factories.make_buyer())
    page = text_of(visitor(buyer).get("/garage/"))
    assert mine.token in page
    assert other.token not in page
    order_quote(mine, buyer)
    assert "Ordered" in text_of(visitor(buyer).get("/garage/"))


def test_addresses_nobody_has_are_not_found(buyer):
    for address in ("/quotes/x/", f"/quotes/{'A' * 43}/", f"/quotes/{'A' * 5000}/"):
        assert visitor(buyer).get(address).status_code == 404
    assert visitor().post(f"/quotes/{'A' * 43}/claim/").status_code == 302


def test_a_moved_car_is_gone_from_its_offer(buyer):
    unit = factories.make_unit()
    quote = claimed_quote(buyer, unit)
    StockUnit.objects.filter(pk=unit.pk).update(dealership=factories.make_dealership())
    client = visitor(buyer)
    assert "This car is taken" in text_of(client.get(url(quote)))
    assert client.get(url(quote, "reserve/")).url == url(quote)
