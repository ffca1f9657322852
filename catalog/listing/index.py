"""All cars on sale in one market: bitmaps of trims by facet value, and columns to order them by.

A trim's place in the bitmaps is its ordinal; trims are numbered by brand and model, so that the
trims of a model stand together. Bitmaps are CRoaring's: an intersection is counted in microseconds
however many trims there are. What changes is read anew trim by trim (`catalog.models.Touch`).
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from pyroaring import BitMap

from .columns import Links, TrimColumns
from .facets import STAGES, trim_facets

GROWTH = 1024
KEPT = ("price", "year", "power", "range_km", "range_cycle", "energy", "trim_id")


def bitmap_of(ordinals: np.ndarray) -> BitMap:
    """A bitmap of the ordinals of a numpy array, without a Python object for each."""
    bitmap = BitMap(array("I", ordinals.astype(np.uint32).tobytes()))
    bitmap.run_optimize()
    return bitmap


def ordinals_of(bitmap: BitMap) -> np.ndarray:
    """The ordinals of a bitmap in rising order."""
    return np.frombuffer(bitmap.to_array(), dtype=np.uint32)


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
    by_facet: dict[str, dict[str, BitMap]]
    by_brand: dict[int, BitMap]
    by_word: dict[int, BitMap]
    by_campaign: dict[int, BitMap]
    by_spot: dict[tuple[int, str], BitMap]
    ordinal_of: TrimPlaces
    is_in_order: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def build(cls, currency: str, trims: TrimColumns, links: Links) -> CarIndex:
        """From all trims of a market."""
        size = len(trims)
        model_ids, firsts = np.unique(trims.model_id, return_index=True)
        order = np.argsort(firsts)
        model = np.cumsum(np.diff(trims.model_id, prepend=-1) != 0, dtype=np.int32) - 1
        brands, brand_starts = np.unique(trims.brand_id, return_index=True)
        brand_ends = [*np.sort(brand_starts)[1:], size]
        by_start = dict(zip(np.sort(brand_starts).tolist(), brand_ends, strict=True))
        index = cls(
            currency=currency,
            columns={name: getattr(trims, name) for name in KEPT},
            model=model,
            model_ids=model_ids[order].tolist(),
            units=np.zeros(size, dtype=np.int32),
            size=size,
            live=BitMap(range(size)),
            by_facet={
                name: _by_value(facet.values, facet.codes(trims)) for name, facet in trim_facets(currency).items()
            },
            by_brand={
                int(brand): BitMap(range(int(start), int(by_start[int(start)])))
                for brand, start in zip(brands, brand_starts, strict=True)
            },
            by_word={},
            by_campaign={},
            by_spot={},
            ordinal_of=TrimPlaces(trims.trim_id),
        )
        index._link(links)
        return index

    def __len__(self) -> int:
        return len(self.live)

    def replace(self, trim_ids: Iterable[int], trims: TrimColumns, links: Links) -> None:
        """Take the trims named out and put in what was read of them; those not read are off sale."""
        gone = BitMap(place for place in map(self.ordinal_of.find, trim_ids) if place is not None)
        self.live -= gone
        for bitmaps in (*self.by_facet.values(), self.by_brand, self.by_word, self.by_campaign, self.by_spot):
            for bitmap in bitmaps.values():
                bitmap -= gone
        self.units[ordinals_of(gone)] = 0
        if not len(trims):
            return
        places = self._places(trims)
        self.live |= bitmap_of(places)
        for name in KEPT:
            self.columns[name][places] = getattr(trims, name)
        for name, facet in trim_facets(self.currency).items():
            for value, bitmap in _by_value(facet.values, facet.codes(trims), places).items():
                _add(self.by_facet[name], value, bitmap)
        for brand in np.unique(trims.brand_id).tolist():
            _add(self.by_brand, brand, bitmap_of(places[trims.brand_id == brand]))
        self._link(links)

    def set_campaigns(self, links: np.ndarray) -> None:
        """Which trims are in which running campaign, from rows of trim and campaign id."""
        self.by_campaign = {}
        self._link_values(self.by_campaign, links)

    def models_named(self, model_ids: Iterable[int]) -> BitMap:
        """The trims of these models."""
        wanted = [place for model_id in model_ids if (place := self._model_places.get(model_id)) is not None]
        if not self.is_in_order:
            return bitmap_of(np.flatnonzero(np.isin(self.model[: self.size], wanted))) & self.live
        starts = np.searchsorted(self.model[: self.size], wanted, side="left").tolist()
        ends = np.searchsorted(self.model[: self.size], wanted, side="right").tolist()
        return BitMap.union(BitMap(), *map(BitMap, map(range, starts, ends))) & self.live

    @property
    def in_stock(self) -> BitMap:
        """Trims with a free car anywhere."""
        return BitMap.union(BitMap(), *self.by_stage.values())

    def at(self, cities: Iterable[int] | None, stages: Iterable[str] | None) -> BitMap:
        """Trims with a free car in any of the cities (None: anywhere) and at any of the stages (None: any)."""
        if cities is None:
            return BitMap.union(BitMap(), *(self.by_stage.get(stage, BitMap()) for stage in stages or STAGES))
        if stages is None and len(only := list(cities)) == 1:
            return self.by_city.get(only[0], BitMap())
        if stages is None:
            return BitMap.union(BitMap(), *(self.by_city.get(city, BitMap()) for city in cities))
        spots = (self.by_spot.get((city, stage)) for city in cities for stage in stages)
        return BitMap.union(BitMap(), *filter(None, spots))

    def _link(self, links: Links) -> None:
        self._link_values(self.by_word, links.words)
        self._link_values(self.by_campaign, links.campaigns)
        places, rows = self.ordinal_of.find_all(links.stock)
        np.add.at(self.units, places, rows[:, 3].astype(np.int32))
        spots = rows[:, 1] * len(STAGES) + rows[:, 2] - 1
        for spot, bitmap in _by_number(spots, places):
            city, stage = divmod(spot, len(STAGES))
            _add(self.by_spot, (city, STAGES[stage]), bitmap)
        self._model_places = {model_id: place for place, model_id in enumerate(self.model_ids)}
        self.by_city, self.by_stage = {}, {}
        for (city, stage), bitmap in self.by_spot.items():
            if bitmap:
                self.by_city[city] = self.by_city.get(city, BitMap()) | bitmap
                self.by_stage[stage] = self.by_stage.get(stage, BitMap()) | bitmap

    def _link_values(self, bitmaps: dict[int, BitMap], links: np.ndarray) -> None:
        places, rows = self.ordinal_of.find_all(links)
        for value, bitmap in _by_number(rows[:, 1], places):
            _add(bitmaps, value, bitmap)

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


class TrimPlaces:
    """The ordinal of each trim id: sorted columns for those read together, a dict for those that came later."""

    def __init__(self, trim_ids: np.ndarray) -> None:
        self._order = np.argsort(trim_ids).astype(np.int32)
        self._ids = trim_ids[self._order]
        self._later: dict[int, int] = {}

    def find(self, trim_id: int) -> int | None:
        spot = int(np.searchsorted(self._ids, trim_id))
        if spot < len(self._ids) and self._ids[spot] == trim_id:
            return int(self._order[spot])
        return self._later.get(trim_id)

    def find_all(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The ordinals of rows that begin with a trim id, and those rows; unknown trims are left out."""
        if not len(self._ids):
            return np.empty(0, dtype=np.int64), rows[:0]
        spots = np.minimum(np.searchsorted(self._ids, rows[:, 0]), len(self._ids) - 1)
        places = np.where(self._ids[spots] == rows[:, 0], self._order[spots], -1).astype(np.int64)
        if self._later:
            missing = np.flatnonzero(places < 0)
            places[missing] = [self._later.get(trim_id, -1) for trim_id in rows[missing, 0].tolist()]
        known = places >= 0
        return places[known], rows[known]

    def add(self, trim_id: int, place: int) -> None:
        self._later[trim_id] = place


def _by_value(values: Sequence[str], codes: np.ndarray, places: np.ndarray | None = None) -> dict[str, BitMap]:
    return {values[code - 1]: bitmap for code, bitmap in _by_number(codes, places) if 0 < code <= len(values)}


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


def _grown(column: np.ndarray) -> np.ndarray:
    return np.concatenate([column, np.zeros(max(GROWTH, len(column) // 8), dtype=column.dtype)])
