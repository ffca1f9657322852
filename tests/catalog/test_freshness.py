"""What the process keeps is seen anew in time, by every thread, and never inside a transaction."""

import threading

import pytest

from catalog.listing import CarCriteria, forget_cars, search_cars
from catalog.models import Availability, StockUnit
from o2o_platform.freshness import Fresh
from tests import factories as make


class Counter:
    def __init__(self) -> None:
        self.reads = 0

    def __call__(self, key: str) -> str:
        self.reads += 1
        return f"{key}{self.reads}"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("o2o_platform.freshness.time.monotonic", lambda: now[0])
    return now


@pytest.mark.django_db(transaction=True)
def test_a_value_is_read_once_a_second(clock: list[float]) -> None:
    fresh = Fresh(counter := Counter())
    assert (fresh.get("a"), fresh.get("a"), fresh.get("b")) == ("a1", "a1", "b2")
    clock[0] += 1.01
    assert fresh.get("a") == "a3"
    assert counter.reads == 3


@pytest.mark.django_db
def test_inside_a_transaction_nothing_is_kept() -> None:
    fresh = Fresh(Counter())
    assert (fresh.get("a"), fresh.get("a")) == ("a1", "a2")


@pytest.mark.django_db(transaction=True)
def test_while_one_thread_reads_the_others_use_what_is_not_too_old(clock: list[float]) -> None:
    reading, go_on = threading.Event(), threading.Event()
    values = iter(["old", "new"])

    def load(key: str) -> str:
        value = next(values)
        if value == "new":
            reading.set()
            assert go_on.wait(60)
        return value

    fresh = Fresh(load)
    assert fresh.get("a") == "old"
    clock[0] += 1.5
    reader = threading.Thread(target=fresh.get, args=("a",))
    reader.start()
    assert reading.wait(60)
    assert fresh.get("a") == "old"
    go_on.set()
    reader.join(60)
    assert fresh.get("a") == "new"


@pytest.mark.django_db(transaction=True)
def test_the_list_sees_a_claimed_car_within_two_seconds(clock: list[float]) -> None:
    forget_cars()
    unit = make.make_unit()
    criteria = CarCriteria(market=unit.market, chosen={"stock": frozenset({"any"})})
    assert search_cars(criteria).models_total == 1
    StockUnit.objects.filter(pk=unit.pk).update(availability=Availability.HELD)
    clock[0] += 1.8
    assert search_cars(criteria).models_total == 0
    forget_cars()
