"""Cars in stock, by dealership, nearest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from catalog.models import Colour, Stage, StockUnit, Trim
from catalog.places import distance_between
from o2o_platform.markets.models import City

STAGE_ORDER = {Stage.IN_STORE: 0, Stage.IN_TRANSIT: 1, Stage.IN_BUILD: 2}
GROUPS_SHOWN = 4


@dataclass
class StockGroup:
    """Cars of one trim and colour at one dealership, those in store first."""

    dealership: Any
    units: list[StockUnit] = field(default_factory=list)

    @property
    def trim(self) -> Trim:
        return self.units[0].trim

    @property
    def colour(self) -> Colour:
        return self.units[0].colour

    @property
    def count(self) -> int:
        return len(self.units)

    @property
    def in_store(self) -> int:
        return sum(unit.stage == Stage.IN_STORE for unit in self.units)

    @property
    def expected_on(self) -> date | None:
        """When the first is in store, where none is yet and it is known."""
        days = [unit.expected_on for unit in self.units if unit.expected_on]
        return min(days, default=None) if not self.in_store else None

    @property
    def stage_label(self) -> str:
        return str(Stage(self.units[0].stage).label)

    @property
    def discount(self) -> Decimal:
        """The largest among the cars."""
        return max(unit.discount for unit in self.units)

    @property
    def is_discount_equal(self) -> bool:
        return len({unit.discount for unit in self.units}) == 1

    @property
    def reserve_query(self) -> str:
        """Any of these cars."""
        return urlencode({"trim": self.trim.code, "colour": self.colour.code, "dealership": self.dealership.code})


@dataclass
class DealershipStock:
    """A dealership, how far it is from the visitor's city in km, and its cars in groups."""

    dealership: Any
    distance_km: float | None
    groups: list[StockGroup] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(group.count for group in self.groups)

    @property
    def shown(self) -> list[StockGroup]:
        return self.groups[:GROUPS_SHOWN]

    @property
    def folded(self) -> list[StockGroup]:
        return self.groups[GROUPS_SHOWN:]

    def in_colour(self, colour: Colour) -> DealershipStock:
        """The same with the cars in one colour alone."""
        groups = [group for group in self.groups if group.colour == colour]
        return DealershipStock(self.dealership, self.distance_km, groups)


def stock_by_dealership(units: Iterable[StockUnit], *, city: City | None) -> list[DealershipStock]:
    """Units grouped by dealership, trim and colour, nearest to `city` first (by name without a city).

    Expects dealership and city, trim, colour and options fetched with the units. Units without
    a dealership are central stock and not listed. Distance is from the city's centre.
    """
    places: dict[int, DealershipStock] = {}
    groups: dict[tuple[int, int, int], StockGroup] = {}
    for unit in sorted(units, key=_unit_order):
        dealership = unit.dealership
        if dealership is None:
            continue
        place = places.get(dealership.pk)
        if place is None:
            far = distance_between(city, dealership) if city else None
            place = places[dealership.pk] = DealershipStock(dealership, far)
        key = (dealership.pk, unit.trim_id, unit.colour_id)
        if key not in groups:
            groups[key] = StockGroup(dealership)
            place.groups.append(groups[key])
        groups[key].units.append(unit)
    return sorted(places.values(), key=_place_order)


def _unit_order(unit: StockUnit) -> tuple[int, date, str, int, int]:
    return STAGE_ORDER[Stage(unit.stage)], unit.expected_on or date.max, unit.trim.code, unit.colour_id, unit.pk


def _place_order(place: DealershipStock) -> tuple[bool, float, str]:
    far = place.distance_km
    return far is None, far or 0.0, place.dealership.name
