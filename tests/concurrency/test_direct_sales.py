"""A car sold directly, wanted by several at once; parts of its balance that arrive together."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from catalog.models import StockUnit
from catalog.services.stock import ClaimedUnit
from o2o_platform.operations.integrity import run_checks
from orders import exceptions
from orders.models import Claim, Order
from payments.integrity import count_wrong_paid_totals
from payments.models import Payment
from payments.services import start_balance
from tests.concurrency.conftest import without_index
from tests.concurrency.racing import race
from tests.direct import sales
from tests.factories import make_buyer, make_dealership, make_order, make_terms, make_unit

pytestmark = pytest.mark.django_db(transaction=True)
BUYERS = 12
PART = Decimal("33333.33")


def wanting(unit: StockUnit) -> list:
    """Half of them want this car, half any of its kind."""
    make_terms()
    buyers = [make_buyer() for _ in range(BUYERS // 2)]
    named = [lambda buyer=buyer: make_order(unit, buyer) for buyer in buyers]
    return [*named, *[lambda: sales.place_any(unit)] * (BUYERS // 2)]


def test_of_those_who_want_the_last_central_car_one_gets_it():
    unit = sales.make_direct_unit()
    outcomes = race(wanting(unit))
    assert sum(isinstance(outcome, Order) for outcome in outcomes) == 1, outcomes
    assert sum(isinstance(outcome, exceptions.OutOfStock) for outcome in outcomes) == BUYERS - 1, outcomes
    assert Claim.objects.count() == 1
    assert [finding for finding in run_checks() if finding.violations] == []


def claim_after_reading(unit_id: int) -> ClaimedUnit | None:
    """What a claim looks like without its guard: read, decide, write."""
    unit = StockUnit.objects.get(pk=unit_id)
    if unit.availability != "available":
        return None
    time.sleep(0.05)
    StockUnit.objects.filter(pk=unit_id).update(availability="held")
    return ClaimedUnit(unit.pk, unit.trim_id, unit.colour_id, unit.market_id, None, unit.discount, option_ids=())


def test_control_without_the_condition_several_get_it(monkeypatch):
    monkeypatch.setattr("orders.services.placing.claim_unit_direct", claim_after_reading)
    unit = sales.make_direct_unit()
    calls = wanting(unit)[: BUYERS // 2]
    with without_index("orders_claim_one_per_unit"):
        outcomes = race(calls)
    assert sum(isinstance(outcome, Order) for outcome in outcomes) > 1, outcomes


def test_central_cars_and_those_at_dealerships_go_to_as_many_buyers():
    there = sales.make_direct_unit(dealership=make_dealership())
    for _ in range(3):
        StockUnit.objects.filter(pk=make_unit(there.trim).pk).update(dealership=None)
    make_terms()
    outcomes = race([lambda: sales.place_any(there)] * BUYERS)
    taken = [outcome.stock_unit_id for outcome in outcomes if isinstance(outcome, Order)]
    assert len(taken) == len(set(taken)) == 4, outcomes


def two_parts() -> tuple[Order, list[Payment]]:
    order = sales.ready()
    return order, [start_balance(order.pk, amount=PART, idempotency_key=f"{order.pk}-{n}") for n in range(2)]


def settle_at_once(parts: list[Payment]) -> list:
    return race([lambda part=part: sales.settle(part) for part in parts])


def test_two_parts_that_arrive_together_both_count():
    for _ in range(4):
        order, parts = two_parts()
        outcomes = settle_at_once(parts)
        assert all(isinstance(outcome, Payment) for outcome in outcomes), outcomes
        order.refresh_from_db()
        assert order.paid_total == Decimal(2000) + 2 * PART
    assert count_wrong_paid_totals() == 0


def test_control_without_the_lock_one_of_them_is_lost(monkeypatch):
    def read_slowly(model, **lookup):
        row = model._default_manager.get(**lookup)
        time.sleep(0.1)
        return row

    for module in ("payments.services.settling", "orders.services.direct.paying", "orders.services.receiving"):
        monkeypatch.setattr(f"{module}.lock", read_slowly)
    for _ in range(3):
        settle_at_once(two_parts()[1])
    assert count_wrong_paid_totals() > 0


def test_the_same_part_told_five_times_at_once_counts_once():
    order, (part, _other) = two_parts()
    sales.bank.decide_charge(part.provider_reference, "paid")
    state = sales.ProviderState(part.reference, part.provider_reference, "succeeded", part.amount, order.currency)
    outcomes = race([lambda: sales.settle_payment(state, provider_name="sandbox")] * 5)
    assert all(isinstance(outcome, Payment) for outcome in outcomes), outcomes
    order.refresh_from_db()
    assert order.paid_total == Decimal(2000) + PART
