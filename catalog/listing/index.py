"""All cars on sale in one market: bitmaps of trims by facet value, and columns to order them by.

A trim's place in the bitmaps is its ordinal; trims are numbered by brand and model, so that the
trims of a model stand together. Bitmaps are CRoaring's: an intersection is counted in microseconds
however many trims there are. What changes is read anew trim by trim (`catalog.models.Touch`).
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from pyroaring import BitMap

from .columns import TrimColumns
from .facets import STAGES, TrimFacet, trim_facets

GROWTH = 1024
PRICE_STEPS, STEPS_SUMMED = 128, 4
UNIONS_KEPT = 32
KEPT = ("price", "power", "range_km", "range_cycle", "energy", "trim_id")
# Facets of many values: up to so many trims are counted by their codes, which is quicker than bitmap by bitmap.
CODED, COUNTED_BY_CODE = ("year", "range", "consumption"), 50_000


def bitmap_of(ordinals: np.ndarray) -> BitMap:
    """A bitmap of the ordinals of a numpy array, without a Python object for each."""
    # Not run-compressed: words of bits are intersected many times faster than runs.
    return BitMap(array("I", ordinals.astype(np.uint32).tobytes()), optimize=False)


def ordinals_of(bitmap: BitMap) -> np.ndarray:
    """The ordinals of a bitmap in rising order."""
    return np.frombuffer(bitmap.to_array(), dtype=np.uint32)


def picked(column: np.ndarray, ordinals: np.ndarray) -> np.ndarray:
    """The column's figures at these ordinals: without a check of each, a third of what brackets cost."""
    return column.take(ordinals, mode="clip")


def any_of(bitmaps: Iterable[BitMap | None]) -> BitMap:
    """Their union; of a single one that one itself, so it is not to be changed."""
    held = [bitmap for bitmap in bitmaps if bitmap]
    return held[0] if len(held) == 1 else BitMap.union(BitMap(), *held)


@dataclass
class CarIndex:
    """The cars of a market at a moment. `lock` is held while it is read or changed."""

    currency: str
    columns: dict[str, np.ndarray]
    model: np.ndarray
    model_ids: list[int]
    units: np.ndarray
    size: int
    live: BitMap
    ordinal_of: TrimPlaces
    prices: PriceSteps
    by_facet: dict[str, dict[str, BitMap]] = field(default_factory=dict)
    codes: dict[str, dict[str, int]] = field(default_factory=dict)
    by_brand: dict[int, BitMap] = field(default_factory=dict)
    by_word: dict[int, BitMap] = field(default_factory=dict)
    by_campaign: dict[int, BitMap] = field(default_factory=dict)
    by_spot: dict[tuple[int, str], BitMap] = field(default_factory=dict)
    by_city: dict[int, BitMap] = field(default_factory=dict)
    by_stage: dict[str, BitMap] = field(default_factory=dict)
    in_stock: BitMap = field(default_factory=BitMap)
    to_order: BitMap = field(default_factory=BitMap)
    is_in_order: bool = True
    _model_units: np.ndarray | None = None
    _unions: dict[tuple[frozenset[int] | None, frozenset[str] | None], BitMap] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def build(cls, currency: str, trims: TrimColumns) -> CarIndex:
        """From all trims of a market, ordered by brand and model."""
        size = len(trims)
        starts = np.flatnonzero(np.diff(trims.model_id, prepend=-1))
        columns = {name: _narrow(column) for name, column in _columns_of(currency, trims).items()}
        index = cls(
            currency=currency,
            columns=columns,
            model=np.cumsum(np.diff(trims.model_id, prepend=-1) != 0, dtype=np.int32) - np.int32(1),
            model_ids=trims.model_id[starts].tolist(),
            units=np.zeros(size, dtype=np.int32),
            size=size,
            live=BitMap(range(size)),
            ordinal_of=TrimPlaces(columns["trim_id"]),
            prices=PriceSteps(trims.price),
        )
        index._model_places = {model_id: place for place, model_id in enumerate(index.model_ids)}
        index._enter(trims, None)
        starts = {brand: bitmap.min() for brand, bitmap in index.by_brand.items()}
        index._brands = sorted(starts, key=starts.__getitem__)
        index._brand_starts = np.array([starts[brand] for brand in index._brands], dtype=np.uint32)
        return index

    def __len__(self) -> int:
        return len(self.live)

    def take_out(self, trim_ids: Iterable[int]) -> None:
        """Off sale, until put in anew."""
        gone = BitMap(place for place in map(self.ordinal_of.find, trim_ids) if place is not None)
        self.live -= gone
        for bitmaps in (*self.by_facet.values(), self.by_brand, self.by_word, self.by_campaign, self.by_spot):
            for bitmap in bitmaps.values():
                bitmap -= gone
        self.prices.take_out(gone)
        self.units[ordinals_of(gone)] = 0

    def put_in(self, trims: TrimColumns) -> None:
        """Trims that are not in it now; those it never had are numbered after all others."""
        if len(trims):
            places = self._places(trims)
            self.live |= bitmap_of(places)
            for name, figures in _columns_of(self.currency, trims).items():
                if figures.max() > np.iinfo(self.columns[name].dtype).max:
                    self.columns[name] = self.columns[name].astype(figures.dtype)
                self.columns[name][places] = figures
            self._enter(trims, places)

    def add_stock(self, rows: np.ndarray) -> None:
        """Free cars: rows of trim id, city id, place of the stage in STAGES from 1, cars."""
        places, rows = self.ordinal_of.find_all(rows)
        np.add.at(self.units, places, rows[:, 3].astype(np.int32))
        for spot, bitmap in _by_number(rows[:, 1] * len(STAGES) + rows[:, 2] - 1, places):
            city, stage = divmod(spot, len(STAGES))
            _add(self.by_spot, (city, STAGES[stage]), bitmap)

    def add_campaigns(self, rows: np.ndarray) -> None:
        """Which trims are in which running campaign: rows of trim and campaign id."""
        self._add_links(self.by_campaign, rows)

    def add_words(self, rows: np.ndarray) -> None:
        """The words of the names: rows of trim and term id."""
        self._add_links(self.by_word, rows)

    def sum_spots(self) -> None:
        """To be called when all stock has been added."""
        self.by_city, self.by_stage = {}, {}
        for (city, stage), bitmap in self.by_spot.items():
            if bitmap:
                self.by_city[city] = self.by_city.get(city, BitMap()) | bitmap
                self.by_stage[stage] = self.by_stage.get(stage, BitMap()) | bitmap
        self.in_stock = any_of(self.by_stage.values())
        self.to_order = self.live - self.in_stock
        self._model_units = None
        self._unions = {}

    def count(self, name: str, base: BitMap) -> dict[str, int]:
        """How many of `base` have each value of a facet of the trims' own."""
        if name in CODED and len(base) <= COUNTED_BY_CODE:
            counts = np.bincount(picked(self.columns[name], ordinals_of(base)), minlength=256).tolist()
            return {value: counts[code] for value, code in self.codes[name].items()}
        return {value: base.intersection_cardinality(bitmap) for value, bitmap in self.by_facet[name].items()}

    def count_brands(self, base: BitMap) -> dict[int, int]:
        """How many of `base` are of each brand."""
        if not self.is_in_order:
            return {brand: base.intersection_cardinality(bitmap) for brand, bitmap in self.by_brand.items()}
        bounds = np.searchsorted(ordinals_of(base), self._brand_starts)
        counts = np.diff(bounds, append=len(base)).tolist()
        return dict(zip(self._brands, counts, strict=True))

    def models_named(self, model_ids: Iterable[int]) -> BitMap:
        """The trims of these models."""
        # Of the column's own type: of another one the search would copy the whole column.
        wanted = np.array(self._places_named(model_ids), dtype=self.model.dtype)
        if not self.is_in_order:
            return bitmap_of(np.flatnonzero(np.isin(self.model[: self.size], wanted))) & self.live
        starts = np.searchsorted(self.model[: self.size], wanted, side="left").tolist()
        ends = np.searchsorted(self.model[: self.size], wanted, side="right").tolist()
        return BitMap.union(BitMap(), *map(BitMap, map(range, starts, ends))) & self.live

    def is_named(self, ordinals: np.ndarray, model_ids: Iterable[int]) -> np.ndarray:
        """For each ordinal whether it is of one of these models."""
        named = np.zeros(len(self.model_ids), dtype=bool)
        named[self._places_named(model_ids)] = True
        return named[picked(self.model, ordinals)]

    def _places_named(self, model_ids: Iterable[int]) -> list[int]:
        return [place for model_id in model_ids if (place := self._model_places.get(model_id)) is not None]

    @property
    def model_units(self) -> np.ndarray:
        """Free cars by the place of a model; counted anew when stock has changed."""
        if self._model_units is None:
            self._model_units = np.bincount(
                self.model[: self.size], weights=self.units[: self.size], minlength=len(self.model_ids)
            ).astype(np.int64)
        return self._model_units

    def at(self, cities: frozenset[int] | None, stages: frozenset[str] | None) -> BitMap:
        """Trims with a free car in any of the cities (None: anywhere) and at any of the stages (None: any).

        Not to be changed: the cities around a place are asked for again and again, so their union is kept until
        stock changes.
        """
        if cities is None and stages is None:
            return self.in_stock
        if cities is not None and len(cities) < 2:
            return self._unite(cities, stages)
        union = self._unions.pop((cities, stages), None)
        if union is None:
            union = self._unite(cities, stages)
            self._unions = dict(list(self._unions.items())[1 - UNIONS_KEPT :])
        self._unions[cities, stages] = union
        return union

    def _unite(self, cities: frozenset[int] | None, stages: frozenset[str] | None) -> BitMap:
        if cities is None:
            return any_of(self.by_stage.get(stage) for stage in stages or ())
        if stages is None:
            return any_of(self.by_city.get(city) for city in cities)
        return any_of(self.by_spot.get((city, stage)) for city in cities for stage in stages)

    def _enter(self, trims: TrimColumns, places: np.ndarray | None) -> None:
        for name, facet in trim_facets(self.currency).items():
            bitmaps, codes = self.by_facet.setdefault(name, {}), self.codes.setdefault(name, {})
            for code, bitmap in _by_number(facet.codes(trims), places):
                if 0 < code <= len(facet.values):
                    codes[facet.values[code - 1]] = code
                    _add(bitmaps, facet.values[code - 1], bitmap)
        for brand, bitmap in _by_number(trims.brand_id, places):
            _add(self.by_brand, brand, bitmap)
        self.prices.put_in(trims.price, places)

    def _add_links(self, bitmaps: dict[int, BitMap], rows: np.ndarray) -> None:
        places, rows = self.ordinal_of.find_all(rows)
        for value, bitmap in _by_number(rows[:, 1], places):
            _add(bitmaps, value, bitmap & self.live)

    def _places(self, trims: TrimColumns) -> np.ndarray:
        """The ordinals of these trims; new ones are numbered after all others."""
        places = np.empty(len(trims), dtype=np.int64)
        for row, (trim_id, model_id) in enumerate(zip(trims.trim_id.tolist(), trims.model_id.tolist(), strict=True)):
            place = self.ordinal_of.find(trim_id)
            if place is None:
                place = self._append(trim_id)
            if place >= len(self.model) or self.model_ids[self.model[place]] != model_id:
                self.is_in_order = False
            self.model[place] = self._model_place(model_id)
            places[row] = place
        return places

    def _append(self, trim_id: int) -> int:
        place = self.size
        if place == len(self.model):
            self.model = _grown(self.model)
            self.units = _grown(self.units)
            self.columns = {name: _grown(column) for name, column in self.columns.items()}
        self.is_in_order = False
        self.size += 1
        self.ordinal_of.add(trim_id, place)
        return place

    def _model_place(self, model_id: int) -> int:
        place = self._model_places.get(model_id)
        if place is None:
            place = self._model_places[model_id] = len(self.model_ids)
            self.model_ids.append(model_id)
        return place


class PriceSteps:
    """The trims of each of some steps of the price, and the sums of every few from below.

    Any range of prices is the difference of two sums and a few steps; only the first and the last step are
    looked at trim by trim.
    """

    def __init__(self, prices: np.ndarray) -> None:
        shares = np.linspace(0, 1, PRICE_STEPS + 1)[1:-1]
        self._edges = np.unique(np.quantile(prices, shares).astype(np.int64)) if len(prices) else prices
        self._steps = [BitMap() for _ in range(len(self._edges) + 1)]
        self._below = [BitMap() for _ in range(len(self._steps) // STEPS_SUMMED + 1)]

    def put_in(self, prices: np.ndarray, places: np.ndarray | None) -> None:
        for step, bitmap in _by_number(np.searchsorted(self._edges, prices, side="right"), places):
            self._steps[step] |= bitmap
            for below in self._below[step // STEPS_SUMMED + 1 :]:
                below |= bitmap

    def take_out(self, gone: BitMap) -> None:
        for bitmap in (*self._steps, *self._below):
            bitmap -= gone

    def between(self, low: int, high: int, prices: np.ndarray) -> BitMap:
        """Trims at `low` or above and `high` or below; `prices` are those of all trims."""
        first, last = np.searchsorted(self._edges, (low, high), side="right").tolist()
        fits = self._whole(first + 1, last)
        for step in {first, last}:
            ordinals = ordinals_of(self._steps[step])
            asked = picked(prices, ordinals)
            fits |= bitmap_of(ordinals[(asked >= low) & (asked <= high)])
        return fits

    def _whole(self, start: int, stop: int) -> BitMap:
        """All trims of the steps from `start` to before `stop`."""
        first, last = -(-start // STEPS_SUMMED), stop // STEPS_SUMMED
        if first >= last:
            return BitMap.union(BitMap(), *self._steps[start:stop])
        loose = (*self._steps[start : first * STEPS_SUMMED], *self._steps[last * STEPS_SUMMED : stop])
        return BitMap.union(self._below[last] - self._below[first], *loose)


class TrimPlaces:
    """The ordinal of each trim id: sorted for those read together, a dict for those that came later."""

    def __init__(self, trim_ids: np.ndarray) -> None:
        self._ids = trim_ids
        self._order = np.argsort(trim_ids).astype(np.int32)
        self._later: dict[int, int] = {}

    def find(self, trim_id: int) -> int | None:
        if trim_id <= np.iinfo(self._ids.dtype).max:
            spot = int(np.searchsorted(self._ids, self._ids.dtype.type(trim_id), sorter=self._order))
            if spot < len(self._ids) and self._ids[self._order[spot]] == trim_id:
                return int(self._order[spot])
        return self._later.get(trim_id)

    def find_all(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The ordinals of rows that begin with a trim id, and those rows; unknown trims are left out."""
        places = np.full(len(rows), -1, dtype=np.int32)
        if len(self._ids):
            spots = np.searchsorted(self._ids, rows[:, 0].astype(self._ids.dtype), sorter=self._order)
            places = self._order[np.minimum(spots, len(self._ids) - 1)]
            places = np.where(self._ids[places] == rows[:, 0], places, -1)
        if self._later:
            missing = np.flatnonzero(places < 0)
            places[missing] = [self._later.get(trim_id, -1) for trim_id in rows[missing, 0].tolist()]
        known = places >= 0
        return places[known], rows[known]

    def add(self, trim_id: int, place: int) -> None:
        self._later[trim_id] = place


def _by_number(numbers: np.ndarray, places: np.ndarray | None) -> list[tuple[int, BitMap]]:
    """A bitmap of ordinals for each number that occurs; `places` are the ordinals where they are not 0, 1, 2 …"""
    if not len(numbers):
        return []
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    starts = np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1])
    ends = [*starts[1:], len(ordered)]
    ordinals = order if places is None else places[order]
    return [
        (int(ordered[start]), bitmap_of(ordinals[start:end])) for start, end in zip(starts.tolist(), ends, strict=True)
    ]


def _add(bitmaps: dict, value: object, bitmap: BitMap) -> None:
    held = bitmaps.get(value)
    if held is None:
        bitmaps[value] = bitmap
    else:
        held |= bitmap


def _columns_of(currency: str, trims: TrimColumns) -> dict[str, np.ndarray]:
    """What is kept of each trim: figures to order by, and its codes in the facets of many values."""
    facets = trim_facets(currency)
    return {name: getattr(trims, name) for name in KEPT} | {name: _codes(facets[name], trims) for name in CODED}


def _codes(facet: TrimFacet, trims: TrimColumns) -> np.ndarray:
    codes = facet.codes(trims)
    return np.where((codes > 0) & (codes <= len(facet.values)), codes, 0).astype(np.uint8)


def _narrow(column: np.ndarray) -> np.ndarray:
    """Numbers of eight bytes in four where they all fit."""
    if column.dtype == np.int64 and len(column) and column.min() >= 0 and column.max() < 1 << 32:
        return column.astype(np.uint32)
    return column


def _grown(column: np.ndarray) -> np.ndarray:
    return np.concatenate([column, np.zeros(max(GROWTH, len(column) // 8), dtype=column.dtype)])
