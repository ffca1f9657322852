"""Whatever is done to orders through dealerships in whatever sequence: no invariant of check_integrity breaks."""

import itertools
from dataclasses import replace

import pytest

from tests.walks.houses import Case, HouseWalker
from tests.walks.walker import EDGES, Reached, take_walks

pytestmark = pytest.mark.django_db
EARNEST = Case(deposit_kind="earnest", breach_factor="2")
CASES = (
    EARNEST,
    Case(),
    Case(market="DE", gives_back=True),
    replace(EARNEST, in_campaign=True),
    replace(EARNEST, market="PL", gives_back=True),
)
BY_BUYER = {(before, "cancelled", "buyer") for before in ("placed", "reserved", "accepted", "ready", "paid")}
BY_OTHERS = {
    *{(before, "cancelled", "dealer") for before in ("accepted", "ready", "paid")},
    ("ready", "cancelled", "staff"),
}
EVENTS = {
    *("placed", "reserved", "acknowledged", "reminded", "accepted", "ready", "balance_part", "paid", "delivered"),
    *("expired", "revived", "money_returned", "other_sum_returned", "declined", "alternative_chosen", "escalated"),
    *("cancelled", "refunded", "voucher_returned", "compensated", "withdrawn", "returned"),
}
OF_SELLERS = {"consent_asked", "consent_given", "consent_lapsed", "kept_waiting"}


def walks(cases: tuple[Case, ...], *, examples: int) -> Reached:
    """Each road from one of the cases in turn, and a car brought back from each that allows it."""
    surely = [*zip(itertools.cycle(cases), HouseWalker.ROADS)]
    surely += [(case, HouseWalker.WITHDRAWN) for case in cases if case.gives_back]
    return take_walks(HouseWalker, cases=cases, surely=surely, steps=HouseWalker.STEPS, examples=examples)


def assert_all_reached(reached: Reached, *, events: set[str]) -> None:
    assert EDGES - reached.edges == set()
    assert (BY_BUYER | BY_OTHERS) - reached.by == set()
    assert events - reached.events == set()
    assert reached.is_money_kept


def test_no_walk_breaks_an_invariant_where_dealerships_sell():
    assert_all_reached(walks(CASES, examples=8), events=EVENTS | OF_SELLERS)


def test_no_walk_breaks_an_invariant_where_the_maker_sells():
    cases = tuple(replace(case, sales_model="agency") for case in CASES)
    reached = walks(cases, examples=8)
    assert_all_reached(reached, events=EVENTS | {"reassigned", "handover_fee"})
    assert not OF_SELLERS & reached.events


def test_no_walk_breaks_an_invariant_of_a_sale_in_the_showroom():
    cases = (Case(is_walk_in=True), replace(EARNEST, is_walk_in=True, sales_model="agency"))
    surely = [(case, HouseWalker.WALK_IN) for case in cases]
    reached = take_walks(HouseWalker, cases=cases, surely=surely, steps=HouseWalker.STEPS, examples=4)
    assert {("accepted", "ready"), ("ready", "paid"), ("paid", "delivered")} <= reached.edges
    assert "sold_offline" in reached.events
