"""A city opens and several workers look at once: one lead and one message for each who waited."""

import datetime as dt
import time

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from catalog.models import CityRelease
from dealers.models import DealerChange
from o2o_platform.outbox.models import Delivery
from orders.models import InterestRequest
from orders.services import interest, tell_interested
from tests.concurrency.racing import race
from tests.factories import make_buyer, make_city, make_dealership, make_market, make_trim

pytestmark = pytest.mark.django_db(transaction=True)
WAITING, WORKERS = 20, 8


@pytest.fixture
def told(monkeypatch):
    """Who was told, as often as it was."""
    calls: list[int] = []
    tell = interest._tell_dealership

    def count(row: InterestRequest) -> None:
        calls.append(row.pk)
        tell(row)

    monkeypatch.setattr(interest, "_tell_dealership", count)
    return calls


@pytest.fixture
def waiting():
    """Twenty who wait for a car in a city that has just opened."""
    make_market()
    trim, city = make_trim(), make_city()
    make_dealership(city=city, brands=[trim.vehicle_model.brand])
    CityRelease.objects.create(market=city.market, trim=trim, city=city, validity=DateRange(dt.date(2020, 1, 1), None))
    rows = [InterestRequest(buyer=make_buyer(), trim=trim, city=city) for _ in range(WAITING)]
    return InterestRequest.objects.bulk_create(rows)


def test_each_is_told_once(waiting, told):
    outcomes = race([tell_interested] * WORKERS, threads=WORKERS)
    assert sum(outcomes) == WAITING
    assert sorted(told) == sorted(row.pk for row in waiting)
    assert DealerChange.objects.filter(topic="interest.opened").count() == WAITING
    assert Delivery.objects.filter(topic="message.interest_opened").count() == WAITING


def test_control_looking_before_writing_tells_twice(waiting, told, monkeypatch):
    def look_then_write(pk: int, *, at: dt.datetime) -> bool:
        if InterestRequest.objects.get(pk=pk).told_at is not None:
            return False
        time.sleep(0.02)
        InterestRequest.objects.filter(pk=pk).update(told_at=at)
        return True

    monkeypatch.setattr(interest, "claim_interest", look_then_write)
    race([tell_interested] * WORKERS, threads=WORKERS)
    assert len(told) > len(set(told))


def test_who_withdraws_meanwhile_is_either_told_or_gone(waiting, told):
    calls = [tell_interested]
    calls += [lambda row=row: interest.withdraw_interest(row.pk, buyer=row.buyer) for row in waiting]
    outcomes = race(calls, threads=8)
    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert not InterestRequest.objects.exists()
    assert len(told) == outcomes[0] == DealerChange.objects.count()
