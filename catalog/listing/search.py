"""Filters, facet counts and order, computed in memory over the snapshot of a market.

One function answers the page, `search_cars`; a search that outgrows one process replaces it
behind the same criteria and the same answer.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from .criteria import FACETS, CarCriteria
from .page import CarListPage, build_page
from .snapshot import Cars, ModelRow, TrimRow, cars_on_sale
from .sorting import order_matches
from .text import contains_all, is_similar, tokens


@dataclass(slots=True)
class Match:
    """A model and those of its trims that fit."""

    model: ModelRow
    trims: list[TrimRow] = field(default_factory=list)

    @property
    def low(self) -> Decimal:
        return min(trim.price for trim in self.trims)

    @property
    def high(self) -> Decimal:
        return max(trim.price for trim in self.trims)


@dataclass
class Found:
    """Models that fit, and per facet the models that fit with that facet left out."""

    matches: dict[int, Match] = field(default_factory=dict)
    by_value: dict[str, dict[str, set[int]]] = field(
        default_factory=lambda: {facet: defaultdict(set) for facet in FACETS}
    )
    without: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    is_fuzzy: bool = False


def search_cars(criteria: CarCriteria) -> CarListPage:
    """One page of models with their price range, matching trims and stock, and the facets beside them.

    Facet counts are models, each facet counted without its own choice. Answers are at most two
    seconds behind the database.
    """
    cars = cars_on_sale(criteria.market)
    criteria = _known(criteria, cars)
    found = _find(cars, criteria)
    ordered, sort = order_matches(list(found.matches.values()), criteria)
    return build_page(cars, criteria, found, ordered, sort)


def _known(criteria: CarCriteria, cars: Cars) -> CarCriteria:
    """Without choices nobody could have been offered."""
    for facet, values in criteria.chosen.items():
        for value in values - cars.offered[facet]:
            criteria = criteria.without(facet, value).at_page(criteria.page)
    return criteria


def _find(cars: Cars, criteria: CarCriteria) -> Found:
    words = tokens(criteria.query)
    hits = {id(trim) for trim in cars.trims if contains_all(trim.text, words)}
    found = Found()
    if words and not hits:
        hits = {id(trim) for trim in cars.trims if is_similar(trim.model.text, words)}
        found.is_fuzzy = bool(hits)
    chosen = tuple(criteria.chosen.items())
    for trim in cars.trims:
        misses = [facet for facet, values in chosen if values.isdisjoint(trim.values[facet])]
        if id(trim) not in hits:
            misses.append("q")
        if len(misses) < 2:
            _count(found, trim, misses[0] if misses else "")
    return found


def _count(found: Found, trim: TrimRow, missed: str) -> None:
    """Enter a trim that fits, or fits all but one facet, where it counts."""
    model_id = trim.model.model_id
    if not missed:
        match = found.matches.get(model_id)
        if match is None:
            match = found.matches[model_id] = Match(trim.model)
        match.trims.append(trim)
    else:
        found.without[missed].add(model_id)
    for facet in (missed,) if missed else FACETS:
        for value in trim.values.get(facet, ()):
            found.by_value[facet][value].add(model_id)
