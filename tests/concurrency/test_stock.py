"""A dealer's system writes its stock while buyers hold cars, and while it writes itself a second time."""

from collections.abc import Callable

import pytest

from catalog.models import Availability, StockUnit
from o2o_platform.interface.problems import ChangedMeanwhile
from orders.exceptions import NotOnSale, OutOfStock
from orders.models import Claim, Order
from orders.services import stock_rows, stocking
from orders.services.stock_rows import CarRow, Result
from orders.services.stocking import change_stock, replace_stock
from tests.concurrency.racing import race
from tests.factories import (
    make_buyer,
    make_colour,
    make_dealership,
    make_order,
    make_terms,
    make_trim,
    make_unit,
    make_vin,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def unlocked(monkeypatch) -> None:
    """Stock written as without its guards: read, decide, write, whatever happened in between."""

    def withdraw(ids) -> None:
        StockUnit.objects.filter(pk__in=ids).update(availability=Availability.WITHDRAWN)

    monkeypatch.setattr(stocking, "lock", lambda model, **lookup: model.objects.get(**lookup))
    monkeypatch.setattr(stocking, "_lock_cars", lambda ids: stock_rows.read_cars(stocking.Q(pk__in=ids)))
    monkeypatch.setattr(stocking, "withdraw_units", withdraw)


def row_of(unit: StockUnit, **fields) -> CarRow:
    return CarRow(unit.vin, unit.trim.code, unit.colour.code, **fields)


def send_at_once(dealership) -> list:
    trim, vin = make_trim(), make_vin()
    row = CarRow(vin, trim.code, make_colour(trim.vehicle_model).code)
    return race([lambda: change_stock(dealership, asked=[row]).outcomes[0].result] * 8, threads=8)


def test_a_new_car_sent_eight_times_at_once_is_made_once():
    assert sorted(send_at_once(make_dealership())) == [Result.CREATED] + [Result.UNCHANGED] * 7
    assert StockUnit.objects.count() == 1


def test_control_without_the_queue_several_say_they_made_it(unlocked):
    dealership = make_dealership()
    outcomes = [send_at_once(dealership) for _ in range(6)]
    assert any(made.count(Result.CREATED) > 1 for made in outcomes)


def hold_and_remove(unit: StockUnit) -> list[Callable]:
    """A buyer holds the car while the dealership's list no longer has it."""
    buyer = make_buyer()
    return [lambda: make_order(unit, buyer), lambda: replace_stock(unit.dealership, rows=[])]


def owners_and_places(rounds: int) -> list[tuple[bool, str, str]]:
    """Of each round: whether it was ordered, what the dealership was told, and where the car ended."""
    make_terms()
    trim = make_trim()
    found = []
    for _ in range(rounds):
        unit = make_unit(trim)
        ordered, applied = race(hold_and_remove(unit))
        assert isinstance(ordered, Order | OutOfStock | NotOnSale), repr(ordered)
        unit.refresh_from_db()
        found.append((isinstance(ordered, Order), applied.outcomes[0].result, unit.availability))
    return found


def test_a_list_never_takes_a_held_car_from_its_buyer():
    outcomes = owners_and_places(60)
    assert set(outcomes) <= {
        (True, Result.CONFLICT, Availability.HELD),
        (False, Result.REMOVED, Availability.WITHDRAWN),
    }, outcomes
    assert Claim.objects.count() == sum(ordered for ordered, _told, _place in outcomes)


def test_control_without_the_guards_a_held_car_is_taken_off_sale(unlocked):
    assert (True, Result.REMOVED, Availability.WITHDRAWN) in owners_and_places(120)


def change_twice(unit: StockUnit) -> list:
    """Two systems changed the same version of a car."""
    etag = next(iter(stock_rows.read_cars(stocking.Q(pk=unit.pk)).values())).etag
    rows = [row_of(unit, discount=discount, etags=(etag,)) for discount in (100, 200)]
    return race([lambda row=row: change_stock(unit.dealership, asked=[row]).outcomes[0] for row in rows])


def test_of_two_changes_of_one_version_the_second_is_told():
    for _ in range(20):
        outcomes = change_twice(make_unit())
        assert sorted(outcome.result for outcome in outcomes) == [Result.CONFLICT, Result.UPDATED], outcomes
        assert {outcome.code for outcome in outcomes} == {"", "changed_meanwhile"}


def test_control_without_the_guards_both_believe_they_were_first(unlocked):
    rounds = [change_twice(make_unit()) for _ in range(40)]
    assert any([outcome.result for outcome in outcomes] == [Result.UPDATED] * 2 for outcomes in rounds)


def replace_twice(unit: StockUnit) -> list:
    """Two whole lists made for the same version of the stock."""
    version = stock_rows.stock_version(stock_rows.stock_of(unit.dealership))
    lists = [[], [row_of(unit, discount=5)]]
    return race([lambda rows=rows: replace_stock(unit.dealership, rows=rows, versions=[version]) for rows in lists])


def test_of_two_whole_lists_for_one_version_the_second_is_refused():
    for _ in range(10):
        outcomes = replace_twice(make_unit())
        assert sum(isinstance(outcome, ChangedMeanwhile) for outcome in outcomes) == 1, outcomes


def test_lists_of_the_same_cars_in_opposite_orders_do_not_lock_each_other_out():
    """Held cars of two dealerships' lists: cars are locked by id, and what still deadlocks is tried again."""
    trim = make_trim()
    dealership = make_dealership()
    units = [make_unit(trim, dealership) for _ in range(60)]
    lists = [[row_of(unit, discount=amount) for unit in units[::step]] for amount, step in ((1, 1), (2, -1), (3, 1))]
    outcomes = race([lambda rows=rows: change_stock(dealership, asked=rows) for rows in lists * 4], threads=12)
    assert {type(outcome).__name__ for outcome in outcomes} == {"Applied"}
    assert StockUnit.objects.values("discount").distinct().count() == 1
