"""Quotes: written within the limit, frozen, claimed by one buyer, ordered at their price."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Availability, Offer, StockUnit
from dealers.models import Membership
from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.journal.services import WrongState
from orders import exceptions
from orders.integrity import count_overstayed_quotes, count_wrong_quotes
from orders.models import Order, Quote
from orders.services import (
    apply_deposit,
    claim_quote,
    estimate_trade_in,
    expire_holds,
    expire_quotes,
    renew_claim_code,
    withdraw_quote,
)
from orders.services.quoting import Extra, find_by_code
from tests import factories
from tests.orders.quotes import WEEK, claimed_quote, make_advisor, make_quote, order_quote

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer():
    return factories.make_buyer()


def run_out(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(hold_expires_at=timezone.now() - timedelta(minutes=1))
    expire_holds()
    order.refresh_from_db()


def test_price_is_frozen_line_by_line_with_discount_and_extras():
    factories.make_rule("vat", rate=Decimal("0.13"))
    factories.make_rule("purchase_tax", rate=Decimal("0.10"))
    unit = factories.make_unit(discount=Decimal("1000"))
    quote = make_quote(
        unit, discount=Decimal("2000"), extras=(Extra("Floor mats", Decimal("480.50")), Extra("Film", Decimal(0)))
    )
    lines = [(line["kind"], line["amount"], line["name"]) for line in quote.price_lines]
    assert lines[:4] == [
        ("list_price", "98800.00", ""),
        ("discount", "-3000.00", ""),
        ("extra", "480.50", "Floor mats"),
        ("extra", "0", "Film"),
    ]
    assert quote.contract_total == Decimal("96280.50")
    # The tax on the car is levied on the car alone: 95,800 / 1.13 / 10.
    assert quote.on_the_road_total - quote.contract_total == Decimal("8477.88")
    assert (quote.discount, quote.status) == (Decimal(2000), "open")
    assert [event.name for event in quote.events] == ["issued"]
    Offer.objects.update(list_price=Decimal("200000"))
    quote.refresh_from_db()
    assert quote.contract_total == Decimal("96280.50")


def test_vat_shown_covers_the_extras():
    factories.make_rule("vat", rate=Decimal("0.19"), is_included=True)
    quote = make_quote(extras=(Extra("Tow bar", Decimal("1190")),))
    parts = {line["kind"]: Decimal(line["amount"]) for line in quote.price_lines if line["is_included"]}
    assert parts["net"] + parts["vat"] == quote.contract_total == Decimal("99990.00")


@pytest.mark.parametrize("role", ["advisor", "manager"])
def test_a_discount_beyond_the_own_limit_is_refused_with_the_sum_allowed(role):
    unit = factories.make_unit()
    person = make_advisor(unit.dealership, "2.5")
    Membership.objects.filter(user=person).update(role=role)
    make_quote(unit, person, discount=Decimal("2470"))
    with pytest.raises(exceptions.DiscountTooHigh, match="2,470"):
        make_quote(unit, person, discount=Decimal("2470.01"))
    assert Quote.objects.count() == 1


def test_platform_staff_have_no_limit_of_their_own_and_give_no_discount():
    unit, staff = factories.make_unit(), factories.make_staff()
    make_quote(unit, staff)
    with pytest.raises(exceptions.DiscountTooHigh):
        make_quote(unit, staff, discount=Decimal("0.01"))


@pytest.mark.parametrize(
    "terms",
    [
        {"discount": Decimal("-1")},
        {"discount": Decimal("0.001")},
        {"extras": (Extra("x", Decimal("-1")),)},
        {"trade_in_value": Decimal("-1")},
        {"trade_in_value": Decimal("96800.01")},
        {"extras": (Extra("x", Decimal(1)),) * 7},
    ],
)
def test_sums_that_can_not_be_are_refused(terms):
    with pytest.raises(exceptions.WrongQuote):
        make_quote(**terms)
    assert not Quote.objects.exists()


@pytest.mark.parametrize("after", [timedelta(seconds=-1), timedelta(days=30, minutes=1)])
def test_a_quote_is_valid_for_at_most_a_month(after):
    with pytest.raises(exceptions.WrongValidity):
        make_quote(valid_until=timezone.now() + after)


@pytest.mark.parametrize("state", ["held", "sold", "withdrawn"])
def test_only_a_free_car_is_offered(state):
    unit = factories.make_unit()
    StockUnit.objects.filter(pk=unit.pk).update(availability=state)
    with pytest.raises(exceptions.OutOfStock):
        make_quote(unit)


def test_a_trade_in_estimated_here_counts_on_its_owner(buyer):
    unit = factories.make_unit()
    trade_in = factories.make_trade_in(unit.dealership, buyer)
    with pytest.raises(exceptions.WrongQuote):
        make_quote(unit, trade_in=trade_in)
    until = timezone.localdate() + timedelta(days=9)
    trade_in = estimate_trade_in(trade_in.pk, low=Decimal(1), high=Decimal(9), valid_until=until, actor=SYSTEM)
    quote = make_quote(unit, trade_in=trade_in, trade_in_value=Decimal(30000))
    assert quote.contract_total == Decimal(98800)
    other = factories.make_buyer()
    with pytest.raises(exceptions.QuoteForAnother):
        claim_quote(quote.pk, buyer=other, actor=Actor.buyer(other))
    assert claim_quote(quote.pk, buyer=buyer, actor=Actor.buyer(buyer)).buyer == buyer


def test_the_first_claimer_has_it_and_the_second_is_told(buyer):
    quote = claimed_quote(buyer)
    other = factories.make_buyer()
    assert (quote.status, quote.buyer, quote.claim_code) == ("claimed", buyer, "")
    assert claim_quote(quote.pk, buyer=buyer, actor=Actor.buyer(buyer)).pk == quote.pk
    with pytest.raises(exceptions.QuoteTaken):
        claim_quote(quote.pk, buyer=other, actor=Actor.buyer(other))


def test_six_digits_stand_for_an_open_quote_for_a_day():
    quote = make_quote()
    assert re.fullmatch(r"\d{6}", quote.claim_code)
    assert find_by_code(quote.claim_code) == quote
    Quote.objects.update(claim_code_until=timezone.now() - timedelta(seconds=1))
    assert find_by_code(quote.claim_code) is None
    old = quote.claim_code
    expire_quotes()
    quote.refresh_from_db()
    assert quote.claim_code == ""
    quote = renew_claim_code(quote.pk, actor=SYSTEM)
    assert find_by_code(quote.claim_code) == quote
    assert find_by_code("") is None
    assert old not in ("", quote.claim_code) or find_by_code(old) == quote


def test_a_taken_code_is_drawn_again(monkeypatch):
    draws = iter(["000000", "000000", "000000", "000001"])
    monkeypatch.setattr("orders.services.quoting.new_claim_code", lambda: next(draws))
    assert [make_quote().claim_code, make_quote().claim_code] == ["000000", "000001"]


def test_without_a_free_code_nothing_is_written(monkeypatch):
    monkeypatch.setattr("orders.services.quoting.new_claim_code", lambda: "000000")
    make_quote()
    with pytest.raises(exceptions.NoFreeCode):
        make_quote()
    assert Quote.objects.count() == 1


def test_an_order_keeps_price_channel_and_advisor_of_its_quote(buyer):
    quote = claimed_quote(buyer, discount=Decimal("2000"), extras=(Extra("Mats", Decimal("500")),))
    Offer.objects.update(list_price=Decimal("120000"))
    order = order_quote(quote, buyer, expected_total=Decimal("97300"))
    quote.refresh_from_db()
    assert order.contract_total == Decimal("97300.00")
    assert order.price_lines == quote.price_lines
    assert (order.channel, order.advisor_id) == ("offline_to_online", quote.advisor_id)
    assert (quote.status, quote.order) == ("ordered", order)
    assert order_quote(quote, buyer, expected_total=Decimal("97300")).pk == order.pk
    assert (count_wrong_quotes(), count_overstayed_quotes()) == (0, 0)


def test_earnest_money_is_a_fifth_of_the_quoted_price_at_most(buyer):
    unit = factories.make_unit()
    Offer.objects.update(deposit_kind="earnest", deposit_amount=Decimal("19760"))
    quote = claimed_quote(buyer, unit, discount=Decimal("2000"))
    assert order_quote(quote, buyer).deposit_amount == Decimal("19360.00")


def test_only_its_claimer_orders_a_quote_and_only_once(buyer):
    quote = make_quote()
    with pytest.raises(exceptions.QuoteTaken):
        order_quote(quote, buyer)
    other = factories.make_buyer()
    claim_quote(quote.pk, buyer=other, actor=Actor.buyer(other))
    with pytest.raises(exceptions.QuoteTaken):
        order_quote(quote, buyer)
    assert StockUnit.objects.get().availability == Availability.AVAILABLE
    order_quote(quote, other)
    with pytest.raises(exceptions.OutOfStock):
        order_quote(quote, other, idempotency_key="another-key-0001")


def test_a_quote_whose_time_is_over_is_not_ordered(buyer):
    quote = claimed_quote(buyer)
    Quote.objects.update(valid_until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(exceptions.QuoteOver):
        order_quote(quote, buyer)
    assert StockUnit.objects.get().availability == Availability.AVAILABLE


def test_a_car_that_became_another_is_not_sold_at_the_old_price(buyer):
    unit = factories.make_unit()
    quote = claimed_quote(buyer, unit)
    unit.options.add(factories.make_option(price="3000"))
    with pytest.raises(exceptions.QuoteOver):
        order_quote(quote, buyer)


def test_a_quote_does_not_hold_the_car(buyer):
    unit = factories.make_unit()
    quote = claimed_quote(buyer, unit)
    factories.make_order(unit)
    with pytest.raises(exceptions.OutOfStock):
        order_quote(quote, buyer)
    quote.refresh_from_db()
    assert quote.status == "claimed"


def test_when_the_hold_runs_out_the_buyer_has_the_quote_back(buyer):
    quote = claimed_quote(buyer)
    first = order_quote(quote, buyer)
    run_out(first)
    quote.refresh_from_db()
    assert quote.status == "claimed"
    second = order_quote(quote, buyer, idempotency_key="another-key-0001")
    quote.refresh_from_db()
    assert (quote.status, quote.order) == ("ordered", second)


def test_when_it_ended_meanwhile_it_is_over(buyer):
    quote = claimed_quote(buyer)
    order = order_quote(quote, buyer)
    Quote.objects.update(valid_until=timezone.now() - timedelta(minutes=1))
    run_out(order)
    quote.refresh_from_db()
    assert quote.status == "expired"


def test_late_money_uses_the_quote_again(buyer):
    quote = claimed_quote(buyer)
    order = order_quote(quote, buyer)
    run_out(order)
    apply_deposit(order.pk, amount=order.deposit_amount, actor=SYSTEM)
    quote.refresh_from_db()
    assert (quote.status, quote.order, count_wrong_quotes()) == ("ordered", order, 0)


def test_withdrawn_is_withdrawn_and_an_order_stands(buyer):
    quote = make_quote()
    withdraw_quote(quote.pk, actor=SYSTEM, reason="Sold elsewhere")
    assert withdraw_quote(quote.pk, actor=SYSTEM).status == "withdrawn"
    with pytest.raises(exceptions.QuoteOver):
        claim_quote(quote.pk, buyer=buyer, actor=Actor.buyer(buyer))
    ordered = claimed_quote(buyer)
    order_quote(ordered, buyer)
    with pytest.raises(WrongState):
        withdraw_quote(ordered.pk, actor=SYSTEM)


def test_time_ends_open_and_claimed_quotes(buyer):
    make_quote()
    claimed_quote(buyer)
    still = make_quote(valid_until=timezone.now() + 2 * WEEK)
    Quote.objects.exclude(pk=still.pk).update(valid_until=timezone.now() - timedelta(hours=1))
    assert count_overstayed_quotes() == 2
    assert (expire_quotes(), expire_quotes()) == (2, 0)
    assert sorted(Quote.objects.values_list("status", flat=True)) == ["expired", "expired", "open"]
    assert count_overstayed_quotes() == 0
