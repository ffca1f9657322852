"""Saved cars and searches in "My garage"."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import QueryDict

from catalog.compare_page import MOST_CARS, ComparedCar, load_cars
from catalog.models import SavedCar, SavedSearch
from catalog.places import Place
from catalog.searches import SearchName
from catalog.services.saving import read_criteria
from o2o_platform.interface.shops import current_shop, in_this_shop

if TYPE_CHECKING:
    from o2o_platform.accounts.models import User


@dataclass(frozen=True)
class KeptCar:
    """A saved car as it is today, in the market it was saved in."""

    saved: SavedCar
    car: ComparedCar

    @property
    def currency(self) -> str:
        return self.saved.market.currency

    @property
    def price(self) -> Decimal | None:
        return self.car.offer.list_price if self.car.offer else None

    @property
    def fall(self) -> Decimal | None:
        """By how much it is cheaper than its owner knows."""
        known, price = self.saved.seen_price, self.price
        return known - price if known and price and price < known else None


@dataclass(frozen=True)
class KeptSearch:
    saved: SavedSearch
    name: SearchName


def load_saved_cars(user: User) -> dict[str, Any]:
    """Newest first, with price and stock today; the number of queries depends on the markets alone."""
    saved = list(in_this_shop(user.saved_cars.select_related("trim__vehicle_model__brand", "market")))
    by_market: dict[str, list[SavedCar]] = defaultdict(list)
    for each in saved:
        by_market[each.market_id].append(each)
    cars: dict[int, ComparedCar] = {}
    for rows in by_market.values():
        place = Place(rows[0].market, None)
        cars |= {car.trim.pk: car for car in load_cars([row.trim for row in rows], place)}
    kept = [KeptCar(each, cars[each.trim_id]) for each in saved]
    codes = [("trim", each.trim.code) for each in saved if each.trim.is_published][:MOST_CARS]
    return {"cars": kept, "compare_query": f"?{urlencode(codes)}" if len(codes) > 1 else ""}


def load_saved_searches(user: User) -> dict[str, Any]:
    """Newest first, each by the names of its choices; in a shop without those for other brands."""
    shop = current_shop()
    saved = user.saved_searches.select_related("market", "city__market")
    if shop is not None:
        saved = [
            each for each in saved if set(QueryDict(each.query.removeprefix("?")).getlist("brand")) <= {shop.brand_slug}
        ]
    return {"searches": [KeptSearch(each, SearchName(read_criteria(each))) for each in saved]}
