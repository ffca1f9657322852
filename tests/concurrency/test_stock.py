"""A dealer's system that sends the same new car twice at once makes it once."""

import pytest

from catalog.models import StockUnit
from orders.services.stocking import set_stock
from tests.concurrency.racing import race
from tests.factories import make_colour, make_dealership, make_trim, make_vin

pytestmark = pytest.mark.django_db(transaction=True)


def send_at_once(dealership) -> list:
    trim, vin = make_trim(), make_vin()
    fields = {"trim": trim, "colour": make_colour(trim.vehicle_model), "stage": "in_store"}

    def send() -> object:
        return set_stock(dealership=dealership, vin=vin, discount=0, expected_on=None, is_offered=True, **fields)

    return race([send] * 8, threads=8)


def test_a_new_car_sent_eight_times_at_once_is_made_once():
    outcomes = send_at_once(make_dealership())
    assert sorted(created for _unit, created in outcomes) == [False] * 7 + [True]
    assert StockUnit.objects.count() == 1


def test_control_without_the_queue_some_requests_fail(monkeypatch):
    monkeypatch.setattr("orders.services.stocking.lock", lambda model, **lookup: model.objects.get(**lookup))
    dealership = make_dealership()
    outcomes = [outcome for _ in range(6) for outcome in send_at_once(dealership)]
    assert any(isinstance(outcome, Exception) for outcome in outcomes)
