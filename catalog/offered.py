"""Where a trim may be ordered online: everywhere in a market, or in some of its cities first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from o2o_platform.freshness import Fresh
from o2o_platform.markets.models import City

from .models import CityRelease, Trim, VehicleModel

# (city, period) of all releases by what they are of: ("trim" | "vehicle_model" | "brand", its number).
Releases = dict[tuple[str, int], list[tuple[int, DateRange]]]

_told: list[Callable[[], object]] = []


def cities_offered(trim_id: int, *, model: VehicleModel, market: str, on: dt.date) -> frozenset[int] | None:
    """The cities a trim is offered in on a date; None: everywhere.

    A trim's own releases replace its model's, which replace its brand's, over or yet to come as they may be.
    At most 1.8 s old outside a transaction, and without a query meanwhile.
    """
    releases = _releases.get(market)
    if not releases:
        return None
    for key in (("trim", trim_id), ("vehicle_model", model.pk), ("brand", model.brand_id)):
        if (own := releases.get(key)) is not None:
            return frozenset(city for city, validity in own if on in validity)
    return None


def is_offered(trim: Trim, market: str, city_id: int | None, *, on: dt.date) -> bool:
    """Whether a trim may be ordered in a city; in an unknown city only what is offered everywhere is."""
    cities = cities_offered(trim.pk, model=trim.vehicle_model, market=market, on=on)
    return cities is None or city_id in cities


def named_cities(keys: frozenset[int]) -> list[City]:
    """The cities of these numbers, by name."""
    return list(City.objects.filter(pk__in=keys).order_by("name")) if keys else []


def register_told(tell: Callable[[], object]) -> None:
    """What to call, after commit, when cities may have opened; the layers above say so."""
    _told.append(tell)


def announce_releases() -> None:
    """Say once the transaction is committed that releases changed."""
    for tell in _told:
        transaction.on_commit(tell, robust=True)


def forget_releases() -> None:
    """Read releases anew at the next question."""
    _releases.forget()


def _read_releases(market: str) -> Releases:
    found: Releases = {}
    rows = CityRelease.objects.filter(market=market)
    for row in rows.values_list("trim_id", "vehicle_model_id", "brand_id", "city_id", "validity"):
        *owners, city, validity = row
        names = ("trim", "vehicle_model", "brand")
        key = next((name, pk) for name, pk in zip(names, owners, strict=True) if pk is not None)
        found.setdefault(key, []).append((city, validity))
    return found


_releases = Fresh(_read_releases)
