"""Cars of the world beside the plain stock: in Europe, in the maker's own hands, and for the festival."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from django.db.models import Q
from django.utils import timezone

from catalog.models import Colour, Stage, StockUnit, Trim
from catalog.vin import build_vin
from dealers.models import Dealership, DemoCar

from ..stock import pick_stage, vin_parts
from .prices import BMW_DIRECT, BMW_OF_DEALERS, MERCEDES

# Serial numbers: a dealership's thousand has the plain stock below 500; the maker's own begin at 900,000.
EUROPE_FROM, FESTIVAL_FROM, CENTRAL_FROM = 500, 600, 900_000
IN_EUROPE, OF_DIRECT, OF_FESTIVAL = 3, 14, 4
COMMON_PAINTS = 3
OWN_SHOP = "haval-h2"


def seed_units(dealerships: Sequence[Dealership], festival: Sequence[Trim]) -> None:
    """VINs depend on the demo files alone: a second run adds none."""
    paints = _paints()
    units = [*_of_europe(dealerships, paints), *_central(paints)]
    units += _of_festival(dealerships, festival, paints)
    known = set(StockUnit.objects.filter(vin__in=[unit.vin for unit in units]).values_list("vin", flat=True))
    StockUnit.objects.bulk_create([unit for unit in units if unit.vin not in known], batch_size=500)
    _level_prices()


def _level_prices() -> None:
    """Where the maker sells, and in its own shop, a car costs the same wherever it stands."""
    of_maker = Q(market="DE", trim__vehicle_model__slug__in=(*MERCEDES, *BMW_DIRECT))
    own_shop = Q(market="CN", trim__vehicle_model__slug=OWN_SHOP)
    StockUnit.objects.available().filter(of_maker | own_shop, discount__gt=0).update(discount=0)


def seed_polish_demo_cars(dealerships: Sequence[Dealership]) -> None:
    """Houses in Poland lend what they sell: a car the plain demonstration gave them may not be on sale there."""
    for place in dealerships:
        if place.market_id != "PL":
            continue
        trims = _sold_at(place)
        lent = DemoCar.objects.filter(dealership=place)
        if trims and not lent.filter(trim__in=trims).exists():
            DemoCar.objects.create(dealership=place, trim=trims[0], plate=f"{place.code[3:6]} DM {place.code[-3:]}9")


def _paints() -> dict[int, list[Colour]]:
    found: dict[int, list[Colour]] = {}
    for colour in Colour.objects.order_by("vehicle_model", "pk"):
        found.setdefault(colour.vehicle_model_id, []).append(colour)
    return found


def _sold_at(place: Dealership) -> list[Trim]:
    """Trims of the world that a house in Europe sells, by code."""
    trims = Trim.objects.filter(
        vehicle_model__slug__in=(*MERCEDES, *BMW_OF_DEALERS),
        vehicle_model__brand__dealerships=place,
        offers__market=place.market_id,
    )
    return list(trims.select_related("vehicle_model__brand").distinct().order_by("code"))


def _of_europe(places: Iterable[Dealership], paints: dict[int, list[Colour]]) -> Iterator[StockUnit]:
    for place in places:
        if place.market_id != "CN":
            yield from _at(place, _sold_at(place), IN_EUROPE, EUROPE_FROM, paints)


def _of_festival(
    places: Iterable[Dealership], trims: Sequence[Trim], paints: dict[int, list[Colour]]
) -> Iterator[StockUnit]:
    for place in places:
        if place.market_id == "CN":
            brands = {brand.pk for brand in place.brands.all()}
            sold = [trim for trim in trims if trim.vehicle_model.brand_id in brands]
            yield from _at(place, sold, OF_FESTIVAL, FESTIVAL_FROM, paints, is_here=True)


def _at(
    place: Dealership,
    trims: Sequence[Trim],
    each: int,
    first: int,
    paints: dict[int, list[Colour]],
    *,
    is_here: bool = False,
) -> Iterator[StockUnit]:
    random = Random(f"world {place.code} {first}")
    today = timezone.now().astimezone(place.zone).date()
    number = first
    for trim in trims:
        for _count in range(each):
            number += 1
            serial = int(place.code[-3:]) * 1000 + number
            yield _unit(trim, serial, place.market_id, place, paints, random, today, is_here=is_here)


def _central(paints: dict[int, list[Colour]]) -> Iterator[StockUnit]:
    """The maker's own stock in Germany."""
    random = Random("world central")
    today = timezone.now().date()
    trims = Trim.objects.filter(vehicle_model__slug__in=BMW_DIRECT, offers__market="DE").distinct().order_by("code")
    serial = CENTRAL_FROM
    for trim in trims.select_related("vehicle_model__brand"):
        for _count in range(OF_DIRECT):
            serial += 1
            yield _unit(trim, serial, "DE", None, paints, random, today)


def _unit(
    trim: Trim,
    serial: int,
    market: str,
    place: Dealership | None,
    paints: dict[int, list[Colour]],
    random: Random,
    today: dt.date,
    *,
    is_here: bool = False,
) -> StockUnit:
    stage, expected_on = (Stage.IN_STORE, None) if is_here else pick_stage(random, today)
    return StockUnit(
        vin=build_vin(**vin_parts(trim), serial=serial),
        trim=trim,
        colour=random.choice(paints[trim.vehicle_model_id][:COMMON_PAINTS]),
        market_id=market,
        dealership=place,
        stage=stage,
        expected_on=expected_on,
    )
