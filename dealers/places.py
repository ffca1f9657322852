"""Which dealerships a visitor sees, and how far they are from the visitor's city."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from o2o_platform.interface.cities import read_city
from o2o_platform.interface.shops import current_shop, in_this_shop
from o2o_platform.markets.distance import distance_km
from o2o_platform.markets.models import City

from .models import Dealership

CITIES_OFFERED = 12


@dataclass(frozen=True, slots=True)
class Nearby:
    """A dealership and how far it is in km; None when nobody said from where."""

    dealership: Dealership
    distance_km: float | None


def find_city(request: HttpRequest) -> City | None:
    """The city of the visitor's cookie when we know it, under any of its names."""
    name = read_city(request).removesuffix("市")
    if not name:
        return None
    named = Q(name__iexact=name) | Q(name_local__iexact=name) | Q(slug__iexact=name)
    return City.objects.filter(named, market__is_open=True).first()


def visible_dealerships(city: City | None) -> QuerySet[Dealership]:
    """Active dealerships of the city's market, or of the default one; in a shop those of its brand in its market."""
    if shop := current_shop():
        return Dealership.objects.active().filter(market=shop.market, brands=shop.brand_id)
    market = city.market_id if city else settings.DEFAULT_MARKET
    return Dealership.objects.active().filter(market=market)


def known_dealerships() -> QuerySet[Dealership]:
    """Active dealerships wherever they are; in a shop those that sell its brand."""
    return in_this_shop(Dealership.objects.active(), "brands")


def by_distance(dealerships: Iterable[Dealership], city: City | None) -> list[Nearby]:
    """Nearest first; in the order given when there is no city."""
    if city is None:
        return [Nearby(place, None) for place in dealerships]
    found = [
        Nearby(place, distance_km(city.latitude, city.longitude, place.latitude, place.longitude))
        for place in dealerships
    ]
    return sorted(found, key=lambda nearby: (nearby.distance_km, nearby.dealership.pk))


def cities_around(dealership: Dealership, city: City | None) -> list[City]:
    """Cities a buyer near the dealership may live in, nearest first; the visitor's own is always among them."""
    cities = list(City.objects.filter(market=dealership.market_id))
    cities.sort(key=lambda each: distance_km(dealership.latitude, dealership.longitude, each.latitude, each.longitude))
    near = cities[:CITIES_OFFERED]
    return near + [each for each in cities[CITIES_OFFERED:] if city and each.pk == city.pk]
