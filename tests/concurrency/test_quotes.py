"""Quotes under way at once: two claimers, two equal codes, an order against an online hold, one sale sent twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import count

import pytest
from django.db import connection

from o2o_platform.accounts.models import User
from o2o_platform.journal.models import Actor
from orders import exceptions
from orders.desk.selling import Received, sell
from orders.models import Claim, Order, Quote
from orders.services import claim_quote, quoting
from payments.models import Payment
from tests.concurrency.racing import race
from tests.factories import make_buyer, make_member, make_order, make_terms, make_unit
from tests.orders.quotes import claimed_quote, make_advisor, make_quote, order_quote

pytestmark = pytest.mark.django_db(transaction=True)


def claims(quote: Quote, people: int = 2) -> list[Callable]:
    buyers = [make_buyer() for _each in range(people)]
    return [lambda buyer=buyer: claim_quote(quote.pk, buyer=buyer, actor=Actor.buyer(buyer)) for buyer in buyers]


def claim_after_reading(quote_id: int, *, buyer: User, actor: Actor) -> Quote:
    """What claiming looks like without its guard: read, decide, write."""
    quote = Quote.objects.get(pk=quote_id)
    if quote.buyer_id is not None:
        raise exceptions.QuoteTaken
    quote.buyer, quote.status, quote.claim_code = buyer, Quote.Status.CLAIMED, ""
    quote.save()
    return quote


def test_of_many_claimers_one_has_the_quote_and_the_others_are_told():
    for _round in range(10):
        quote = make_quote()
        outcomes = race(claims(quote, 8))
        assert sorted(type(each).__name__ for each in outcomes) == ["Quote"] + ["QuoteTaken"] * 7
        (winner,) = [each for each in outcomes if isinstance(each, Quote)]
        quote.refresh_from_db()
        assert (quote.buyer_id, quote.status) == (winner.buyer_id, "claimed")
        assert [event.name for event in quote.events] == ["issued", "claimed"]


def test_control_without_the_lock_two_believe_they_have_it():
    def both(quote: Quote) -> int:
        buyers = [make_buyer() for _each in range(8)]
        calls = [lambda b=b: claim_after_reading(quote.pk, buyer=b, actor=Actor.buyer(b)) for b in buyers]
        return sum(isinstance(each, Quote) for each in race(calls))

    assert max(both(make_quote()) for _round in range(20)) > 1


def write_with_few_codes(monkeypatch: pytest.MonkeyPatch, advisors: int) -> list[Callable]:
    """Advisors who write at the same moment, while the dice show only as many codes as there are advisors."""
    draws = count()
    monkeypatch.setattr(quoting, "new_claim_code", lambda: f"{next(draws) % advisors:06d}")
    make_terms()
    units = [make_unit() for _each in range(advisors)]
    people = [make_advisor(unit.dealership) for unit in units]
    # Each begins with the same code: the others have to draw again.
    return [lambda unit=unit, who=who: make_quote(unit, who) for unit, who in zip(units, people, strict=True)]


def test_advisors_who_draw_the_same_digits_get_different_ones(monkeypatch):
    monkeypatch.setattr(quoting, "CODE_TRIES", 400)
    calls = write_with_few_codes(monkeypatch, 12)
    same_first = iter(["000000"] * 12)
    drawn = quoting.new_claim_code
    monkeypatch.setattr(quoting, "new_claim_code", lambda: next(same_first, None) or drawn())
    outcomes = race(calls)
    assert all(isinstance(each, Quote) for each in outcomes), outcomes
    assert len(set(Quote.objects.values_list("claim_code", flat=True))) == 12


def test_control_without_the_constraint_two_quotes_have_the_same_digits(monkeypatch):
    looked = threading.Barrier(12)

    def look_first(quote: Quote, write: Callable[[], None]) -> None:
        """Draw, look whether it is taken, write; all look before any has written."""
        code = "000000"
        while Quote.objects.filter(claim_code=code, status="open").exists():
            code = quoting.new_claim_code()
        looked.wait(timeout=60)
        quote.claim_code = code
        write()

    calls = write_with_few_codes(monkeypatch, 12)
    monkeypatch.setattr(quoting, "_with_free_code", look_first)
    with without_claim_code_index():
        race(calls)
        codes = list(Quote.objects.values_list("claim_code", flat=True))
    assert len(set(codes)) < len(codes)


@contextmanager
def without_claim_code_index() -> Iterator[None]:
    """Drop the unique index while the block runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [quoting.CLAIM_CODE])
        definition = cursor.fetchone()[0]
        cursor.execute(f'DROP INDEX "{quoting.CLAIM_CODE}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            Quote.objects.update(claim_code="")
            cursor.execute(definition)


def quote_against_online() -> list[Callable]:
    """The buyer of a quote and somebody at home, for the same car."""
    unit, buyer, online = make_unit(), make_buyer(), make_buyer()
    quote = claimed_quote(buyer, unit)
    return [lambda: order_quote(quote, buyer), lambda: make_order(unit, online)]


def test_a_quote_against_an_online_hold_has_one_owner():
    make_terms()
    for _round in range(25):
        outcomes = race(quote_against_online())
        assert sorted(type(each).__name__ for each in outcomes) == ["Order", "OutOfStock"], outcomes
    assert Quote.objects.filter(status="ordered").count() == Order.objects.filter(channel="offline_to_online").count()
    assert Claim.objects.filter(released_at=None).count() == 25


def test_control_without_the_guards_quote_and_online_both_own_it(unguarded_claims):
    make_terms()
    owners = [sum(isinstance(each, Order) for each in race(quote_against_online())) for _round in range(40)]
    assert max(owners) == 2


def test_one_quote_sent_many_times_is_one_order():
    buyer = make_buyer()
    quote = claimed_quote(buyer)
    outcomes = race([lambda: order_quote(quote, buyer) for _each in range(8)])
    assert len({each.pk for each in outcomes}) == Order.objects.count() == 1


def walk_in(key: str) -> list[Callable]:
    """One form of a sale with its money, sent eight times at once."""
    make_terms()
    unit = make_unit()
    actor = Actor.dealer(make_member(unit.dealership))
    received = Received("card", Decimal("5000"))
    who = {"phone": "+8613800138000", "name": "Li Lei"}
    return [lambda: sell(unit, **who, actor=actor, key=key, received=received) for _each in range(8)]


def test_a_walk_in_sale_sent_many_times_is_one_sale_and_one_receipt():
    outcomes = race(walk_in("sale-0123456789abcdef"))
    assert len({each.pk for each in outcomes}) == Order.objects.count() == Payment.objects.count() == 1
    assert Order.objects.get().paid_total == Decimal("5000")


def test_control_without_a_key_those_sent_again_are_refused():
    outcomes = race(walk_in(""))
    assert sorted({type(each).__name__ for each in outcomes}) == ["Order", "OutOfStock"]
