"""Orders of the list of cars; each is total, so that pages never share or lose a car.

Keys are computed for all rows at once and only the rows of the page are sorted: a deep page costs
what the first one costs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pyroaring import BitMap

from catalog.places import distance_between

from .facets import CYCLES
from .finding import Found, stages_of
from .index import CarIndex, ordinals_of, picked

RANGE = "range-"
TIE_BITS = 22
LAST = 1 << 36
# In 100 m: what is farther than a market is wide stands together.
FARTHEST = (1 << 16) - 1


@dataclass(frozen=True)
class Rows:
    """The rows of the list: each is a run of `ordinals`, from its start to the next one's.

    In the models view a run holds the fitting trims of one model, else a single trim.
    """

    index: CarIndex
    ordinals: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, found: Found) -> Rows:
        if found.criteria.view == "models":
            return cls.of_models(found.index, found.trims)
        ordinals = ordinals_of(found.trims)
        return cls(found.index, ordinals, np.arange(len(ordinals)))

    @classmethod
    def of_models(cls, index: CarIndex, trims: BitMap) -> Rows:
        """One row per model."""
        return cls.of_ordinals(index, ordinals_of(trims))

    @classmethod
    def of_ordinals(cls, index: CarIndex, ordinals: np.ndarray) -> Rows:
        """The same of ordinals in rising order."""
        models = picked(index.model, ordinals)
        if not index.is_in_order:
            order = np.argsort(models, kind="stable")
            ordinals, models = ordinals[order], models[order]
        changes = np.flatnonzero(models[1:] != models[:-1]) + 1
        return cls(index, ordinals, np.concatenate([[0], changes]) if len(models) else changes)

    def __len__(self) -> int:
        return len(self.starts)

    def run(self, row: int) -> np.ndarray:
        """The ordinals of one row."""
        end = self.starts[row + 1] if row + 1 < len(self.starts) else len(self.ordinals)
        return self.ordinals[self.starts[row] : end]

    def fold(self, by: np.ufunc, figures: np.ndarray) -> np.ndarray:
        """One figure per row from one per ordinal."""
        return by.reduceat(figures, self.starts) if len(self.starts) < len(self.ordinals) else figures

    def column(self, name: str) -> np.ndarray:
        return picked(self.index.columns[name], self.ordinals)


class SortChoice(NamedTuple):
    value: str
    label: str


def sort_choices(found: Found) -> list[SortChoice]:
    """Orders that make sense here; ranges only within one test cycle, as cycles cannot be compared."""
    labels = _sort_labels(bool(found.criteria.query), get_language())
    return [SortChoice(sort, labels[sort]) for sort in labels if sort in _offered_sorts(found)]


def known_sort(found: Found) -> str:
    """The order asked for where it is offered here, else the default, an empty code."""
    sort = found.criteria.sort
    return sort if sort and sort in _offered_sorts(found) else ""


def _offered_sorts(found: Found) -> set[str]:
    offered = {"", "price", "-price", "power"} | ({"newest"} if found.criteria.query else set())
    if found.criteria.city:
        offered.add("nearest")
    return offered | {f"{RANGE}{value.split('-')[0]}" for value, count in found.counts["range"].items() if count}


@lru_cache(maxsize=16)
def _sort_labels(is_search: bool, _language: str | None) -> dict[str, str]:
    return {
        "": _("Best match") if is_search else _("Newest"),
        "newest": _("Newest"),
        "nearest": _("Nearest"),
        "price": _("Price, lowest first"),
        "-price": _("Price, highest first"),
        "power": _("Power"),
        **{f"{RANGE}{cycle}": _("Electric range (%(cycle)s)") % {"cycle": cycle.upper()} for cycle in CYCLES},
    }


def page_of(rows: Rows, found: Found, *, start: int, stop: int) -> list[int]:
    """The rows from place `start` to before `stop` in the order asked for."""
    stop = min(stop, len(rows))
    if start >= stop:
        return []
    keys = (_key(rows, found) << TIE_BITS) | np.arange(len(rows))
    if stop - start < len(rows):
        keys = np.partition(keys, (start, stop - 1))[start:stop]
    return (np.sort(keys)[: stop - start] & ((1 << TIE_BITS) - 1)).tolist()


def _key(rows: Rows, found: Found) -> np.ndarray:
    """What comes first has the smallest number, from 0 to below LAST."""
    sort = known_sort(found)
    if sort.startswith(RANGE):
        cycle = CYCLES.index(sort.removeprefix(RANGE)) + 1
        ranges = np.where(rows.column("range_cycle") == cycle, rows.column("range_km"), 0)
        return LAST - 1 - rows.fold(np.maximum, ranges).astype(np.int64)
    if not sort and found.criteria.query:
        return _best_match(rows, found)
    orders: dict[str, Callable[[Rows, Found], np.ndarray]] = {
        "price": lambda rows, _: _price(rows, np.minimum),
        "-price": lambda rows, _: LAST - 1 - _price(rows, np.maximum),
        "power": lambda rows, _: LAST - 1 - rows.fold(np.maximum, rows.column("power")).astype(np.int64),
        "nearest": _nearest,
    }
    return orders.get(sort, _newest)(rows, found)


def _price(rows: Rows, by: np.ufunc) -> np.ndarray:
    return np.minimum(rows.fold(by, rows.column("price")).astype(np.int64), LAST - 1)


def _newest(rows: Rows, _found: Found) -> np.ndarray:
    """The newest model year first, and within it what most people can have today."""
    years = rows.fold(np.maximum, rows.column("year")).astype(np.int64)
    index, first = rows.index, rows.ordinals[rows.starts]
    is_folded = len(rows) < len(rows.ordinals)
    units = picked(index.model_units, picked(index.model, first)) if is_folded else picked(index.units, first)
    units = np.minimum(units, 0xFFFF).astype(np.int64)
    return LAST - 1 - ((years << 16) | units)


def _best_match(rows: Rows, found: Found) -> np.ndarray:
    """Models whose own name was typed before those found by their brand or a word of their trims."""
    newest = _newest(rows, found)
    named = [model for group in found.reading.groups for model in group.model_ids]
    if not named:
        return newest
    is_named = found.index.is_named(rows.ordinals[rows.starts], named)
    return np.where(is_named, newest >> 1, (LAST >> 1) + (newest >> 1))


def _nearest(rows: Rows, found: Found) -> np.ndarray:
    """By the distance of the nearest city with a free car, in 100 m from the visitor's city; without one last."""
    index, criteria = rows.index, found.criteria
    far = np.full(index.size, FARTHEST, dtype=np.uint16)
    stages = stages_of(criteria.chosen.get("delivery"))
    away = {city.pk: distance_between(criteria.city, city) for city in found.where.by_slug.values()}
    for city in sorted(index.by_city.keys() & away.keys(), key=away.__getitem__, reverse=True):
        near = index.at(frozenset({city}), stages)
        far[ordinals_of(near)] = min(int(away[city] * 10), FARTHEST - 1)
    return rows.fold(np.minimum, picked(far, rows.ordinals)).astype(np.int64)
