"""Where a car is offered: a trim's releases before its model's, before its brand's."""

import datetime as dt
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from catalog.models import CityRelease
from catalog.offered import cities_offered, is_offered
from tests.factories import make_city, make_market, make_trim

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 1)
ALWAYS = DateRange(dt.date(2026, 1, 1), None)


def release(city: Any, validity: DateRange = ALWAYS, **of: Any) -> CityRelease:
    return CityRelease.objects.create(market=city.market, city=city, validity=validity, **of)


@pytest.fixture
def hamburg():
    return make_city("hamburg", name="Hamburg", name_local="Hamburg", market=make_market("DE"))


@pytest.fixture
def leipzig():
    return make_city("leipzig", name="Leipzig", name_local="Leipzig", market=make_market("DE"))


def cities(trim: Any, market: str = "DE", on: dt.date = DAY) -> Any:
    return cities_offered(trim.pk, model=trim.vehicle_model, market=market, on=on)


def test_without_releases_a_car_is_offered_everywhere(hamburg):
    trim = make_trim()
    assert cities(trim) is None
    assert is_offered(trim, "DE", None, on=DAY)


def test_a_trim_before_its_model_before_its_brand(hamburg, leipzig):
    trim = make_trim()
    release(leipzig, brand=trim.vehicle_model.brand)
    assert cities(trim) == {leipzig.pk}
    release(hamburg, vehicle_model=trim.vehicle_model)
    assert cities(trim) == {hamburg.pk}
    release(leipzig, trim=trim)
    assert cities(trim) == {leipzig.pk}
    assert not is_offered(trim, "DE", hamburg.pk, on=DAY)
    assert not is_offered(trim, "DE", None, on=DAY)


def test_a_release_holds_from_its_first_day_to_before_its_last(hamburg):
    trim = make_trim()
    release(hamburg, DateRange(DAY, DAY + dt.timedelta(days=2)), trim=trim)
    days = [DAY + dt.timedelta(days=number) for number in (-1, 0, 1, 2)]
    assert [is_offered(trim, "DE", hamburg.pk, on=day) for day in days] == [False, True, True, False]


def test_another_market_is_not_limited(hamburg):
    trim = make_trim()
    release(hamburg, trim=trim)
    assert cities(trim, "PL") is None


def test_other_cars_are_not_limited(hamburg):
    trim = make_trim()
    release(hamburg, trim=make_trim())
    assert cities(trim) is None
