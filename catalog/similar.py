"""Cars like this one, from the list's index: other models of its body and kind of energy at about its price."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from catalog.listing.cards import Card, read_cards, read_facts
from catalog.listing.criteria import CarCriteria
from catalog.listing.facets import CENT
from catalog.listing.finding import Found
from catalog.listing.search import finding
from catalog.listing.sorting import Rows
from catalog.models import EnergyType, VehicleModel
from catalog.places import Place

SHOWN = 4
CHEAPER, DEARER = Decimal("0.75"), Decimal("1.3")
FAR = 1 << 40
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
    criteria = CarCriteria(
        market=place.market,
        city=place.city,
        chosen={"body": frozenset({model.body_type}), "energy": kinds},
        price_from=(price * CHEAPER).quantize(Decimal(1)),
        price_to=(price * DEARER).quantize(Decimal(1)),
    )
    with finding(criteria) as found:
        rows = Rows.of(found)
        here = found.index.at([place.city.pk], None) if place.city else None
        facts = read_facts(rows, _nearest(rows, found, model.pk, price), found, here)
    return SimilarCars(read_cards(facts, found), criteria.as_query())


def _nearest(rows: Rows, found: Found, model_id: int, price: Decimal) -> list[int]:
    """The rows in stock, then the others, each nearest in price first; never the model's own."""
    if not len(rows):
        return []
    away = rows.fold(np.minimum, np.abs(rows.column("price").astype(np.int64) - int(price * CENT)))
    key = np.where(rows.fold(np.add, rows.index.units[rows.ordinals]) > 0, away, away + FAR)
    first = np.argsort(key, kind="stable")[: SHOWN + 1].tolist()
    own = next(iter(found.index.models_named([model_id])), None)
    own_place = rows.index.model[own] if own is not None else -1
    return [row for row in first if rows.index.model[rows.run(row)[0]] != own_place][:SHOWN]
