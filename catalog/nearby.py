"""Cars in stock, by dealership, nearest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from catalog.models import Colour, Option, Stage, StockUnit, Trim
from catalog.places import distance_km
from o2o_platform.markets.models import City

STAGE_ORDER = {Stage.IN_STORE: 0, Stage.IN_TRANSIT: 1, Stage.IN_BUILD: 2}


@dataclass
class StockLine:
    """Equal units at one dealership: same trim, colour, options, discount, stage; `unit` is the one to reserve."""

    unit: StockUnit
    options: tuple[Option, ...]
    count: int = 0

    @property
    def trim(self) -> Trim:
        return self.unit.trim

    @property
    def colour(self) -> Colour:
        return self.unit.colour

    @property
    def expected_on(self) -> date | None:
        return self.unit.expected_on if self.unit.stage != Stage.IN_STORE else None

    @property
    def is_in_store(self) -> bool:
        return self.unit.stage == Stage.IN_STORE


@dataclass
class DealershipStock:
    """A dealership, how far it is from the visitor's city, and its lines."""

    dealership: Any
    distance_km: float | None
    lines: list[StockLine] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(line.count for line in self.lines)


def stock_by_dealership(units: Iterable[StockUnit], *, city: City | None) -> list[DealershipStock]:
    """Units grouped by dealership, nearest to `city` first (by name without a city).

    Expects dealership and city, trim, colour and options fetched with the units. Units without
    a dealership are central stock and not listed. Distance is from the city's centre, in km.
    """
    places: dict[int, DealershipStock] = {}
    lines: dict[tuple, StockLine] = {}
    for unit in units:
        dealership = unit.dealership
        if dealership is None:
            continue
        place = places.get(dealership.pk)
        if place is None:
            far = distance_km(city, dealership) if city else None
            place = places[dealership.pk] = DealershipStock(dealership, far)
        options = tuple(unit.options.all())
        key = (dealership.pk, unit.trim_id, unit.colour_id, unit.stage, unit.discount, options)
        if key not in lines:
            lines[key] = StockLine(unit, options)
            place.lines.append(lines[key])
        lines[key].count += 1
    for place in places.values():
        place.lines.sort(key=_line_order)
    return sorted(places.values(), key=_place_order)


def _line_order(line: StockLine) -> tuple:
    return STAGE_ORDER[Stage(line.unit.stage)], line.trim.code, line.colour.pk, line.unit.pk


def _place_order(place: DealershipStock) -> tuple:
    far = place.distance_km
    return far is None, far or 0.0, place.dealership.name
