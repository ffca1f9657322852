"""Where the visitor is and how far things are."""

from urllib.parse import quote

import pytest
from django.test import RequestFactory

from catalog.places import distance_between, find_place
from o2o_platform.markets.models import City
from tests import factories as make

from .conftest import Showroom


def test_distance_is_the_great_circle_in_kilometres() -> None:
    beijing = City(latitude=39.9042, longitude=116.4074)
    shanghai = City(latitude=31.2304, longitude=121.4737)
    assert distance_between(beijing, shanghai) == pytest.approx(1067.3, abs=0.5)
    assert distance_between(beijing, beijing) == 0


@pytest.mark.parametrize("name", ["beijing", "Beijing", "北京", "北京市", " BEIJING "])
def test_a_city_is_known_by_each_of_its_names(showroom: Showroom, rf: RequestFactory, name: str) -> None:
    rf.cookies["city"] = quote(name)
    assert find_place(rf.get("/")).city == showroom.beijing


@pytest.mark.parametrize("name", ["", "Atlantis", "\x00", "市"])
def test_an_unknown_city_is_none(showroom: Showroom, rf: RequestFactory, name: str) -> None:
    rf.cookies["city"] = quote(name)
    place = find_place(rf.get("/"))
    assert (place.city, place.market.code) == (None, "CN")


def test_a_city_abroad_brings_its_market_when_it_is_open(showroom: Showroom, rf: RequestFactory) -> None:
    germany = make.make_market("DE")
    berlin = make.make_city("berlin", name="Berlin", name_local="Berlin", market=germany)
    rf.cookies["city"] = "Berlin"
    assert find_place(rf.get("/")).market.code == "CN"
    germany.is_open = True
    germany.save()
    place = find_place(rf.get("/"))
    assert (place.city, place.market) == (berlin, germany)
