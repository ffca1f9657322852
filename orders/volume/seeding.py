"""A run of the generator: model lines in batches, each written before the next is made."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection

from catalog.services.terms import refresh_terms
from dealers.models import Dealership
from o2o_platform.markets.models import City, Market
from orders.demo.catalogue import create_options

from .cars import Car, generate_cars
from .lines import Line, generate_lines
from .paints import generate_paints
from .stock import Places, count_dealerships, generate_dealerships, generate_units
from .writing import Batch, create_tables, write_batch

CARS_PER_BATCH = 5000
_FILLED = (
    "catalog_brand",
    "catalog_vehiclemodel",
    "catalog_colour",
    "catalog_colourprice",
    "catalog_trim",
    "catalog_trim_options",
    "catalog_offer",
    "catalog_stockunit",
    "catalog_stockunit_options",
    "catalog_touch",
    "dealers_dealership",
)


@dataclass(frozen=True)
class Wanted:
    """What a run is to leave behind: as many trims and cars in a market; `on` is the day cars are expected from."""

    trims: int
    units: int
    market: Market
    seed: int
    on: dt.date


def seed_volume(wanted: Wanted, *, report: Callable[[int, int], None]) -> Counter[str]:
    """Write what is missing; rows added by kind. `report` is told trims and cars done so far."""
    create_options()
    create_tables()
    places = _write_dealerships(wanted)
    added: Counter[str] = Counter()
    trims = units = 0
    for batch in _batches(wanted, places):
        added.update(write_batch(batch, market=wanted.market.code))
        trims, units = trims + len(batch.cars), units + len(batch.units)
        report(trims, units)
    refresh_terms()
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(_FILLED)}")
    return added


def _write_dealerships(wanted: Wanted) -> Places:
    cities = City.objects.filter(market=wanted.market).count()
    count = count_dealerships(wanted.units, cities=cities)
    made = list(generate_dealerships(count, seed=wanted.seed, market=wanted.market))
    Dealership.objects.bulk_create(made, ignore_conflicts=True)
    return Places([dealership.code for dealership in made], seed=wanted.seed, market=wanted.market.code)


def _batches(wanted: Wanted, places: Places) -> Iterator[Batch]:
    batch, seen = Batch(), set()
    for line, cars, first_car in _lines(wanted):
        if line.make.slug not in seen:
            seen.add(line.make.slug)
            batch.makes.append((*line.make.name, line.make.slug))
            batch.sellers += [(line.make.slug, code) for code in places.of(line.make)]
        _add_line(batch, line, cars, first_car, wanted, places)
        if len(batch.cars) >= CARS_PER_BATCH:
            yield batch
            batch = Batch()
    if batch.cars:
        yield batch


def _lines(wanted: Wanted) -> Iterator[tuple[Line, list[Car], int]]:
    """Lines with their trims, the last cut short, and the number of each line's first trim."""
    first_car = 0
    for line in generate_lines(seed=wanted.seed, market=wanted.market.code):
        left = wanted.trims - first_car
        if left <= 0:
            return
        cars = generate_cars(line, seed=wanted.seed, market=wanted.market.code)[:left]
        yield line, cars, first_car
        first_car += len(cars)


def _add_line(batch: Batch, line: Line, cars: list[Car], first_car: int, wanted: Wanted, places: Places) -> None:
    paints = generate_paints(line, market=wanted.market.code)
    batch.lines.append((line.slug, line.make.slug, *line.name, line.body))
    batch.paints += paints
    batch.cars += cars
    # The share of the cars up to here, less the share up to the line before: sums to what is wanted.
    count = (first_car + len(cars)) * wanted.units // wanted.trims - first_car * wanted.units // wanted.trims
    batch.units += generate_units(
        line,
        cars,
        count,
        first_car=first_car,
        paints=[paint.code for paint in paints],
        places=places,
        seed=wanted.seed,
        market=wanted.market.code,
        on=wanted.on,
    )
