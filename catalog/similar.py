"""Cars like this one, from the list's index: other models of its body and kind of energy at about its price."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from pyroaring import BitMap

from catalog.listing.cards import Card, read_cards, read_facts
from catalog.listing.criteria import CarCriteria
from catalog.listing.facets import CENT
from catalog.listing.finding import Found, Where, shelf_of
from catalog.listing.fleet import cars_on_sale
from catalog.listing.index import CarIndex, any_of, ordinals_of, picked
from catalog.listing.sorting import Rows
from catalog.models import EnergyType, VehicleModel
from catalog.places import Place
from catalog.search.reading import Reading

SHOWN = 4
CHEAPER, DEARER = Decimal("0.75"), Decimal("1.3")
FAR = 1 << 40
NOWHERE = Where({}, {})
# Who looks for one of a kind looks for the others: by the plug, by the plug and the pump, by the pump alone.
KINDS = (
    frozenset({EnergyType.BEV, EnergyType.FCEV}),
    frozenset({EnergyType.PHEV, EnergyType.EREV}),
    frozenset({EnergyType.PETROL, EnergyType.DIESEL, EnergyType.MHEV, EnergyType.HEV}),
)


@dataclass(frozen=True)
class SimilarCars:
    """The nearest in price, those in stock first, and the address of the list of all."""

    cards: list[Card]
    url: str


def find_similar(model: VehicleModel, *, energies: Collection[str], price: Decimal, place: Place) -> SimilarCars:
    """Models like `model`, which costs `price` (list price with VAT, in the market's currency)."""
    kinds = frozenset(str(energy) for kind in KINDS if not kind.isdisjoint(energies) for energy in kind)
    low, high = ((price * share).quantize(Decimal(1)) for share in (CHEAPER, DEARER))
    criteria = CarCriteria(
        market=place.market,
        city=place.city,
        chosen={"body": frozenset({model.body_type}), "energy": kinds},
        price_from=low,
        price_to=high,
    )
    index = cars_on_sale(place.market)
    with index.lock:
        held = index.by_facet
        alike = any_of([held["body"].get(model.body_type)]) & any_of(held["energy"].get(kind) for kind in kinds)
        if criteria.brand_id is not None:
            alike = alike & shelf_of(index, criteria)
        found = Found(index, criteria, NOWHERE, Reading(), alike, {})
        rows = Rows.of_ordinals(index, _priced(index, alike, int(low * CENT), int(high * CENT)))
        here = index.at(frozenset({place.city.pk}), None) if place.city else None
        facts = read_facts(rows, _nearest(rows, found, model.pk, price), found, here)
    return SimilarCars(read_cards(facts, found), criteria.as_query())


def _priced(index: CarIndex, trims: BitMap, low: int, high: int) -> np.ndarray:
    """Of these trims those at `low` to `high`, hundredths of the currency. Quicker than bitmaps for a few thousand."""
    ordinals = ordinals_of(trims)
    prices = picked(index.columns["price"], ordinals)
    return ordinals[(prices >= low) & (prices <= high)]


def _nearest(rows: Rows, found: Found, model_id: int, price: Decimal) -> list[int]:
    """The rows in stock, then the others, each nearest in price first; never the model's own."""
    if not len(rows):
        return []
    away = rows.fold(np.minimum, np.abs(rows.column("price").astype(np.int64) - int(price * CENT)))
    key = np.where(rows.fold(np.add, picked(rows.index.units, rows.ordinals)) > 0, away, away + FAR)
    first = np.argsort(key, kind="stable")[: SHOWN + 1].tolist()
    own = next(iter(found.index.models_named([model_id])), None)
    own_place = rows.index.model[own] if own is not None else -1
    return [row for row in first if rows.index.model[rows.run(row)[0]] != own_place][:SHOWN]
