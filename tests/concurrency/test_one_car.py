"""One car, many who want it: online, in the showroom, both at once."""

from collections.abc import Callable

import pytest

from o2o_platform.journal.models import Actor
from orders import exceptions
from orders.models import Claim, Order
from orders.services import sell_offline
from tests.concurrency.racing import race
from tests.factories import make_buyer, make_member, make_order, make_terms, make_unit

pytestmark = pytest.mark.django_db(transaction=True)


def two_hundred_buyers(unit) -> list[Callable]:
    buyers = [make_buyer() for _ in range(200)]
    make_terms()
    return [lambda buyer=buyer: make_order(unit, buyer) for buyer in buyers]


def pair(unit) -> list[Callable]:
    """An online buyer and an advisor with a customer in front of them."""
    online, walk_in, advisor = make_buyer(), make_buyer(), make_member(unit.dealership)

    def sell() -> Order:
        return sell_offline(
            unit_id=unit.pk,
            dealership_id=unit.dealership_id,
            buyer=walk_in,
            buyer_name="W",
            actor=Actor.dealer(advisor),
        )

    return [lambda: make_order(unit, online), sell]


def test_of_200_buyers_one_gets_the_car_and_the_others_are_told():
    unit = make_unit()
    outcomes = race(two_hundred_buyers(unit))
    assert sum(isinstance(o, Order) for o in outcomes) == 1, set(map(repr, outcomes))
    refused = [o for o in outcomes if not isinstance(o, Order)]
    assert {type(o) for o in refused} == {exceptions.OutOfStock}, refused[:3]
    assert len(refused) == 199
    assert Claim.objects.count() == 1


def test_control_without_the_guards_200_buyers_oversell_it(unguarded_claims):
    outcomes = race(two_hundred_buyers(make_unit()))
    assert sum(isinstance(o, Order) for o in outcomes) > 1


def test_online_against_walk_in_has_one_owner():
    make_terms()
    for _ in range(25):
        outcomes = race(pair(make_unit()))
        assert sorted(type(o).__name__ for o in outcomes) == ["Order", "OutOfStock"]


def test_control_without_the_guards_online_and_walk_in_both_own_it(unguarded_claims):
    make_terms()
    owners = [sum(isinstance(o, Order) for o in race(pair(make_unit()))) for _ in range(40)]
    assert max(owners) == 2
