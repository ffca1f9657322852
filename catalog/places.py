"""Where the visitor is: the city of the cookie, its market, and how far things are from there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from o2o_platform.freshness import Fresh
from o2o_platform.interface.cities import read_city
from o2o_platform.interface.shops import current_shop
from o2o_platform.markets.distance import distance_km
from o2o_platform.markets.models import City, Market

from .models import CityRelease


class Located(Protocol):
    latitude: float
    longitude: float


class Cities(tuple[City, ...]):
    """Cities of open markets; their names are put together once per language."""

    def names(self, language: str | None) -> tuple[str, ...]:
        known: dict[str | None, tuple[str, ...]] = self.__dict__.setdefault("known", {})
        if language not in known:
            known[language] = tuple(city.label for city in self)
        return known[language]


NOWHERE = Cities()


@dataclass(frozen=True)
class Atlas:
    """Every open market and its cities; `limited` are the markets where something is offered in some cities only."""

    markets: dict[str, Market]
    cities: Cities
    by_name: dict[str, City]
    limited: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Place:
    """What a page needs to know of the visitor's whereabouts."""

    market: Market
    city: City | None
    cities: Cities = NOWHERE
    is_limited: bool = False

    @property
    def today(self) -> date:
        """The date on the wall in this market: offers and price rules are dated by it."""
        return timezone.now().astimezone(self.market.zone).date()

    @property
    def city_names(self) -> tuple[str, ...]:
        return self.cities.names(get_language())


def find_place(request: HttpRequest) -> Place:
    """The chosen city and its market; without a known city, the default market."""
    atlas = _atlas.get("all")
    city = atlas.by_name.get(_key(read_city(request)))
    if shop := current_shop():
        place = _place_in(shop.market, city, atlas)
    else:
        market = atlas.markets.get(city.market_id if city else settings.DEFAULT_MARKET) or _empty_market()
        place = Place(market=market, city=city, cities=atlas.cities, is_limited=market.code in atlas.limited)
    # For who looks at the request afterwards, such as the count of visitors.
    request.place = place  # type: ignore[attr-defined]
    return place


def _place_in(code: str, city: City | None, atlas: Atlas) -> Place:
    """A shop sells in its own market whatever city was chosen elsewhere."""
    market = atlas.markets.get(code) or _empty_market(code)
    cities = Cities(each for each in atlas.cities if each.market_id == code)
    own = city if city and city.market_id == code else None
    return Place(market=market, city=own, cities=cities, is_limited=code in atlas.limited)


def distance_between(origin: Located, target: Located) -> float:
    """Great-circle distance in km between two places."""
    return distance_km(origin.latitude, origin.longitude, target.latitude, target.longitude)


def cities_in(market: Market) -> list[City]:
    """The cities of an open market."""
    return [city for city in _atlas.get("all").cities if city.market_id == market.code]


def forget_places() -> None:
    """Read cities and markets anew at the next request."""
    _atlas.forget()


def _key(name: str) -> str:
    return name.strip().casefold().removesuffix("市")


def _load_atlas(_: str) -> Atlas:
    limits = Exists(CityRelease.objects.filter(market=OuterRef("market")))
    found = City.objects.filter(market__is_open=True).annotate(has_releases=limits)
    cities = Cities(found.select_related("market").order_by("market", "name"))
    markets = {city.market_id: city.market for city in cities}
    by_name: dict[str, City] = {}
    for city in cities:
        for name in (city.slug, city.name, city.name_local):
            by_name.setdefault(_key(name), city)
    by_name.pop("", None)
    limited = frozenset(city.market_id for city in cities if city.has_releases)
    return Atlas(markets=markets, cities=cities, by_name=by_name, limited=limited)


def _empty_market(code: str = "") -> Market:
    """Stands in until reference data is loaded; nothing is on sale in it."""
    return Market(code=code or settings.DEFAULT_MARKET, currency="CNY", time_zone="UTC", languages=[])


_atlas = Fresh(_load_atlas)
