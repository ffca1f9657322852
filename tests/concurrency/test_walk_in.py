"""The same car at the same moment: held online, and sold in the showroom through the dealership's own system."""

import time
from collections import Counter
from collections.abc import Callable

import pytest
from rest_framework.response import Response

from catalog.models import Availability, StockUnit
from dealers.models import Dealership
from o2o_platform.accounts.models import User
from orders.exceptions import OutOfStock
from orders.models import Claim, Order
from tests.api.dealer import BASE, system
from tests.concurrency.racing import race
from tests.factories import make_colour, make_dealership, make_offer, make_order, make_terms, make_trim, make_vin

pytestmark = pytest.mark.django_db(transaction=True)
PAIRS, BOUND_S = 1_000, 420


def make_cars(dealership: Dealership, number: int) -> list[StockUnit]:
    trim = make_trim()
    make_offer(trim)
    make_terms()
    colour = make_colour(trim.vehicle_model)
    same = {"trim": trim, "colour": colour, "market": dealership.market, "dealership": dealership}
    return StockUnit.objects.bulk_create(StockUnit(vin=make_vin(), **same) for _ in range(number))


def pairs(dealership: Dealership, number: int) -> list[Callable]:
    """For each car one who orders it online and one who stands in the showroom, side by side."""
    api = system(dealership)
    buyers = User.objects.bulk_create(
        User(phone=f"+86137{place:08d}", name="Online", language="en", phone_verified=True) for place in range(number)
    )

    def sell(place: int, unit: StockUnit) -> Response:
        body = {"vin": unit.vin, "buyer": {"name": "Walk-in", "phone": f"+86139{place:08d}"}}
        return api.post(f"{BASE}/sales/", body, format="json", headers={"Idempotency-Key": f"sale-{place}"})

    calls: list[Callable] = []
    for place, unit in enumerate(make_cars(dealership, number)):
        calls.append(lambda unit=unit, buyer=buyers[place]: make_order(unit, buyer))
        calls.append(lambda place=place, unit=unit: sell(place, unit))
    return calls


def winner(online: object, walk_in: object) -> str:
    """Who got the car; anything but one owner and one clear refusal is named as it is."""
    assert not isinstance(walk_in, Exception), repr(walk_in)
    if isinstance(online, Order) and walk_in.status_code == 409 and walk_in.json()["code"] == "out_of_stock":
        return "online"
    if isinstance(online, OutOfStock) and walk_in.status_code == 201:
        return "walk-in"
    return f"{online!r} {walk_in.status_code}"


def test_of_1000_pairs_each_car_has_one_owner():
    dealership = make_dealership()
    calls = pairs(dealership, PAIRS)
    began = time.monotonic()
    outcomes = race(calls, threads=16)
    assert time.monotonic() - began < BOUND_S
    winners = Counter(winner(*pair) for pair in zip(outcomes[::2], outcomes[1::2], strict=True))
    assert set(winners) <= {"online", "walk-in"}, winners
    assert sum(winners.values()) == PAIRS
    claims = Claim.objects.filter(released_at__isnull=True)
    assert (claims.count(), claims.values("stock_unit").distinct().count()) == (PAIRS, PAIRS)
    assert Order.objects.count() == PAIRS
    assert StockUnit.objects.filter(availability=Availability.HELD).count() == PAIRS


def test_control_without_the_guards_a_car_is_sold_twice(unguarded_claims):
    outcomes = race(pairs(make_dealership(), 60), threads=16)
    both = [
        pair
        for pair in zip(outcomes[::2], outcomes[1::2], strict=True)
        if isinstance(pair[0], Order) and getattr(pair[1], "status_code", 0) == 201
    ]
    assert both
