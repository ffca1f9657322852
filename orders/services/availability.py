"""Whether the buyer's city is one that a car is offered in."""

from __future__ import annotations

from catalog.offered import cities_offered, named_cities

from .. import exceptions
from .conditions import SaleConditions


def find_refusal(conditions: SaleConditions | None, city_id: int | None) -> exceptions.OrderError | None:
    """Why the car can't be ordered from this city; None when it can. No query for what is offered everywhere."""
    if conditions is None:
        return None
    offer = conditions.offer
    trim = offer.trim
    cities = cities_offered(trim.pk, model=trim.vehicle_model, market=offer.market_id, on=conditions.on)
    if cities is None or city_id in cities:
        return None
    if city_id is None and cities:
        return exceptions.CityNeeded()
    return exceptions.NotOfferedHere([city.label for city in named_cities(cities)])
