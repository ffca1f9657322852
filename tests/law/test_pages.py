"""What the reader sees of the law: the button, the deadline beside it, the terms and the withdrawal."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone, translation

from o2o_platform.journal.models import Actor, Event
from orders.models import Order, Terms
from orders.services import accept_order, hand_over, mark_ready, place_order
from payments.services import record_balance
from tests.factories import (
    make_buyer,
    make_city,
    make_dealership,
    make_market,
    make_offer,
    make_order,
    make_trim,
    make_unit,
)
from tests.law.test_breach import dealer
from tests.law.test_rules import make_sale_rule
from tests.orders.pages import pay_deposit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def law() -> None:
    cache.clear()
    call_command("load_reference", verbosity=0)


def car(market: str = "DE", **offer: object):
    place = make_dealership(market=make_market(market), city=make_city("berlin"))
    trim = make_trim()
    make_offer(trim, market=make_market(market), **offer)
    return make_unit(trim, place, market=make_market(market))


def ordered(market: str = "DE", language: str = "de") -> Order:
    unit = car(market)
    buyer = make_buyer()
    with translation.override(language):
        order = place_order(
            buyer=buyer,
            market=market,
            terms_id=Terms.objects.in_force(market).pk,
            buyer_name=buyer.name,
            idempotency_key=f"key-{buyer.pk}",
            actor=Actor.buyer(buyer),
            unit_id=unit.pk,
        )
    order.refresh_from_db()
    return order


def delivered(order: Order) -> Order:
    pay_deposit(order)
    accept_order(order.pk, dealership=order.dealership, actor=dealer())
    mark_ready(order.pk, actor=dealer())
    order.refresh_from_db()
    record_balance(order.pk, method="transfer", amount=order.balance_due, actor=dealer(), idempotency_key="b")
    hand_over(order.pk, actor=dealer(), code=order.handover_code)
    order.refresh_from_db()
    return order


def reserve_page(client, buyer, unit, language: str) -> str:
    client.force_login(buyer)
    page = client.get("/reserve/", {"unit": unit.pk}, headers={"accept-language": language})
    return page.content.decode()


@pytest.mark.parametrize(
    ("market", "language", "words"),
    [
        ("DE", "zh-hans", "提交订单并承担付款义务</button>"),
        ("DE", "en", "Order with obligation to pay</button>"),
        ("PL", "en", "Order with obligation to pay</button>"),
        ("CN", "en", "Reserve and pay ¥2,000"),
    ],
)
def test_the_order_button_has_the_words_of_the_law(client, market, language, words):
    buyer = ordered("CN", "en").buyer
    assert words in reserve_page(client, buyer, car(market), language)


def test_deadline_and_withdrawal_stand_beside_the_button(client):
    buyer = ordered("CN", "en").buyer
    page = reserve_page(client, buyer, car("DE"), "en")
    assert "Full refund until" in page
    assert "You may also withdraw until 14 days after handover" in page
    assert "Notice of the right of withdrawal" in page
    page = reserve_page(client, buyer, car("CN"), "en")
    assert "withdraw" not in page


@pytest.mark.parametrize("address", ["/orders/{}/", "/pay/{}/"])
def test_the_deadline_stands_beside_every_button_to_pay(client, address):
    order = ordered()
    client.force_login(order.buyer)
    page = client.get(address.format(order.reference), headers={"accept-language": "en"}).content.decode()
    assert "Full refund until" in page
    assert "You may also withdraw until 14 days after handover" in page


def test_what_was_accepted_is_shown_for_ever(client):
    order = ordered()
    old = order.terms
    Terms.objects.create(
        market=order.market, version="next", in_force_from=timezone.now(), text={"de": "Neu", "en": "New"}
    )
    client.force_login(order.buyer)
    page = client.get(f"/orders/{order.reference}/terms/", headers={"accept-language": "en"}).content.decode()
    assert old.version in page
    assert old.digest in page
    assert "Widerrufsbelehrung" in page
    assert "Terms for ordering a new car online, Germany" in page


@pytest.mark.parametrize(("reader", "shown"), [("pl", "de"), ("en", "en"), ("de", "de")])
def test_a_text_of_the_law_says_which_language_it_is_in(client, reader, shown):
    """A screen reader has to know that what nobody wrote in Polish is German."""
    texts = {"de": "Hinweis", "en": "Notice"}
    unit = car("DE")
    brand = unit.trim.vehicle_model.brand
    Terms.objects.create(market=unit.market, brand=brand, version="x", in_force_from=timezone.now(), text=texts)
    make_sale_rule(market=unit.market, brand=brand, withdrawal_days=14, withdrawal_notice=texts, button=texts)
    page = reserve_page(client, make_buyer(), unit, reader)
    for opening in ('<div class="order-terms-text"', "<div", '<button class="button button-wide" type="submit"'):
        assert re.search(rf'{opening}[^>]* lang="{shown}">\S*{texts[shown]}', page), opening
    with translation.override(reader):
        order = make_order(unit, terms_id=Terms.objects.get(brand=brand).pk)
    client.force_login(order.buyer)
    page = client.get(f"/orders/{order.reference}/terms/", headers={"accept-language": reader}).content.decode()
    assert page.count(f'<div class="law-text" lang="{shown}">') == 2


def test_somebody_elses_terms_are_not_shown(client):
    order, other = ordered(), ordered()
    client.force_login(other.buyer)
    assert client.get(f"/orders/{order.reference}/terms/").status_code == 404
    assert client.post(f"/orders/{order.reference}/withdraw/").status_code == 404


def test_a_buyer_withdraws_after_handover_and_the_money_waits_for_the_car(client):
    order = delivered(ordered())
    client.force_login(order.buyer)
    page = client.get(f"/orders/{order.reference}/withdraw/", headers={"accept-language": "en"})
    assert "Confirm the withdrawal" in page.content.decode()
    client.post(f"/orders/{order.reference}/withdraw/", {"reason": "Too big"})
    order.refresh_from_db()
    assert (order.status, order.refund_due) == ("delivered", Decimal(0))
    assert order.withdrawn_at is not None
    assert Event.objects.of(order).filter(name="withdrawn", reason="Too big").count() == 1


def test_before_handover_a_withdrawal_ends_the_order_with_everything_back(client):
    order = ordered()
    pay_deposit(order)
    client.force_login(order.buyer)
    client.post(f"/orders/{order.reference}/withdraw/", {"reason": ""})
    order.refresh_from_db()
    assert (order.status, order.refund_due) == ("cancelled", order.paid_total)
