"""What cars are filtered by: each facet, its values, and the value of every trim as a small code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from catalog.models import BodyType, Drivetrain, EnergyType, RangeCycle

from .bands import price_bands, price_edges

if TYPE_CHECKING:
    from .columns import TrimColumns

ANYWHERE = "any"
TO_ORDER = "to_order"
STAGES = ("in_store", "in_transit", "in_build")
NEAR_KM = (50, 100, 200, 500)
RANGE_KM = (0, 300, 400, 500, 600, 700)
FUEL_L = (0, 5, 6, 7, 9)
POWER_KW = (0, 75, 110, 150, 220, 300)
LENGTH_MM = (0, 4000, 4300, 4600, 4900)
FIRST_YEAR = 1990
CENT = 100
GEARBOXES = ("manual", "automatic", "dct", "cvt", "single")
CYCLES = tuple(cycle.lower() for cycle in RangeCycle.values)

# In the order people read them; `stock`, `near` and `delivery` look at single cars, the rest at trims.
LOCATION = ("stock", "near", "delivery")
FACETS = (
    "stock",
    "near",
    "delivery",
    "brand",
    "price",
    "body",
    "energy",
    "seats",
    "range",
    "consumption",
    "drive",
    "gearbox",
    "power",
    "size",
    "year",
    "campaign",
)


@dataclass(frozen=True)
class TrimFacet:
    """A facet every trim has at most one value in: `codes` gives 1 for the first of `values`, 0 for none."""

    values: tuple[str, ...]
    codes: Callable[[TrimColumns], np.ndarray]


@lru_cache
def trim_facets(currency: str) -> Mapping[str, TrimFacet]:
    """The facets that follow from a trim's own figures and its list price in `currency`."""
    edges = np.array(price_edges(currency), dtype=np.int64) * CENT
    return {
        "price": TrimFacet(
            tuple(code for code, _, _ in price_bands(currency)),
            lambda trims: np.searchsorted(edges, trims.price, side="right") + 1,
        ),
        "body": TrimFacet(tuple(BodyType.values), lambda trims: trims.body),
        "energy": TrimFacet(tuple(EnergyType.values), lambda trims: trims.energy),
        "seats": TrimFacet(tuple(map(str, range(1, 10))), lambda trims: trims.seats),
        "range": TrimFacet(_by_cycle(RANGE_KM), lambda trims: _in_cycle(trims.range_km, trims.range_cycle, RANGE_KM)),
        "consumption": TrimFacet(
            _by_cycle(FUEL_L), lambda trims: _in_cycle(trims.fuel, trims.fuel_cycle, [low * CENT for low in FUEL_L])
        ),
        "drive": TrimFacet(tuple(Drivetrain.values), lambda trims: trims.drive),
        "gearbox": TrimFacet(GEARBOXES, lambda trims: trims.gearbox),
        "power": TrimFacet(tuple(map(str, POWER_KW)), lambda trims: _band(trims.power, POWER_KW)),
        "size": TrimFacet(tuple(map(str, LENGTH_MM)), lambda trims: _band(trims.length, LENGTH_MM)),
        "year": TrimFacet(
            tuple(map(str, range(FIRST_YEAR, FIRST_YEAR + 111))), lambda trims: trims.year - (FIRST_YEAR - 1)
        ),
    }


@lru_cache(maxsize=1024)
def gearbox_code(text: str) -> int:
    """The kind of a transmission as makers write it (`7DCT`, `6MT`, `E-CVT`): 1 for the first kind, 0 unknown."""
    folded = text.casefold()
    if re.search(r"single|1-?speed|单速|fixed|\b1at\b", folded):
        kind = "single"
    elif re.search(r"cvt|dht", folded):
        kind = "cvt"
    elif re.search(r"dct|dsg|pdk|双离合|s.?tronic|dual", folded):
        kind = "dct"
    elif re.search(r"\d?at\b|auto|自动|tiptronic|amt", folded):
        kind = "automatic"
    elif re.search(r"\d?mt\b|manual|手动", folded):
        kind = "manual"
    else:
        return 0
    return GEARBOXES.index(kind) + 1


def _by_cycle(lows: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(f"{cycle}-{low}" for cycle in CYCLES for low in lows)


def _in_cycle(figures: np.ndarray, cycles: np.ndarray, lows: object) -> np.ndarray:
    """Codes that never put figures of two test cycles together."""
    band = np.searchsorted(np.array(lows), figures, side="right")
    return np.where((cycles > 0) & (figures > 0), (cycles.astype(np.int16) - 1) * len(lows) + band, 0)


def _band(figures: np.ndarray, lows: tuple[int, ...]) -> np.ndarray:
    return np.where(figures > 0, np.searchsorted(np.array(lows), figures, side="right"), 0)
