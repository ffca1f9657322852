"""What the front page shows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import get_language

from catalog.places import Place

from .cards import Card, read_cards
from .criteria import CarCriteria
from .facets import ANYWHERE
from .finding import Found
from .fleet import brand_names
from .page import facts_of
from .search import finding
from .sorting import Rows

SHELF = 8
BRANDS_SHOWN = 24


@dataclass(frozen=True)
class BrandLink:
    slug: str
    name: str
    count: int


@dataclass(frozen=True)
class Showcase:
    """One car to open with, the largest brands, the newest models, and those in stock nearest to the visitor."""

    hero: Card | None
    brands: list[BrandLink]
    newest: list[Card]
    near: list[Card]
    models_total: int


def show_models(place: Place) -> Showcase:
    """The shop window for a place."""
    criteria = CarCriteria(market=place.market, city=place.city)
    in_stock = replace(criteria, chosen={"stock": frozenset({ANYWHERE})}, sort="nearest" if place.city else "")
    with finding(in_stock) as found:
        near = facts_of(Rows.of(found), found, start=0, stop=SHELF)
    with finding(criteria) as found:
        rows = Rows.of(found)
        newest = facts_of(rows, found, start=0, stop=SHELF)
        brands = _brand_links(found)
    near_cards, newest_cards = read_cards(near, found), read_cards(newest, found)
    return Showcase(
        hero=next(iter(near_cards or newest_cards), None),
        brands=brands,
        newest=newest_cards,
        near=near_cards,
        models_total=len(rows),
    )


def _brand_links(found: Found) -> list[BrandLink]:
    labels, slugs = brand_names().labels(get_language() or ""), brand_names().slugs
    links = [
        BrandLink(slugs[brand], labels[slugs[brand]], len(Rows.of_models(found.index, trims)))
        for brand, trims in found.index.by_brand.items()
        if brand in slugs and trims
    ]
    return sorted(links, key=lambda link: (-link.count, link.slug))[:BRANDS_SHOWN]
