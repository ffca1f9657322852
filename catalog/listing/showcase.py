"""What the home page shows of the cars on sale."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language

from catalog.places import Place, distance_between

from .cards import Card, CardFacts, build_card, read_facts
from .criteria import CarCriteria
from .search import Match, search_cars
from .snapshot import Cars, ModelRow, cars_on_sale

SHELF = 8
SUGGESTIONS = 6


@dataclass(frozen=True)
class BrandLink:
    slug: str
    name: str
    count: int


@dataclass(frozen=True)
class Showcase:
    """One car to open with, brands, the newest models and those in stock nearest to the visitor."""

    hero: Card | None
    brands: list[BrandLink]
    newest: list[CardFacts]
    near: list[CardFacts]
    models_total: int


def show_models(place: Place) -> Showcase:
    """The shop window for a place; from memory, like the list."""
    cars = cars_on_sale(place.market)
    language = get_language() or settings.LANGUAGE_CODE
    matches = [Match(model, model.trims) for model in cars.models]
    newest = sorted(matches, key=lambda match: (-max(trim.year for trim in match.trims), -match.model.model_id))

    def facts(match: Match) -> CardFacts:
        return read_facts(match, currency=cars.market.currency, city=place.city, language=language)

    hero = max(matches, key=_hero_rank, default=None)
    return Showcase(
        hero=build_card(facts(hero)) if hero else None,
        brands=_brand_links(cars, language),
        newest=[facts(match) for match in newest[:SHELF]],
        near=[facts(match) for match in _nearest(matches, cars, place)],
        models_total=len(matches),
    )


def suggest_models(criteria: CarCriteria) -> list[Card]:
    """The models that answer the words of `criteria` best; none for no words."""
    return search_cars(criteria).cards[:SUGGESTIONS] if criteria.query else []


def _hero_rank(match: Match) -> tuple[int, int, int]:
    """The car most people can have today: the most stock, then the newest."""
    stock = sum(trim.stock_total for trim in match.trims)
    return stock, max(trim.year for trim in match.trims), match.model.model_id


def _brand_links(cars: Cars, language: str) -> list[BrandLink]:
    models: dict[str, list[ModelRow]] = {}
    for model in cars.models:
        models.setdefault(model.brand_slug, []).append(model)
    links = [BrandLink(slug, rows[0].brand_name.read(language), len(rows)) for slug, rows in models.items()]
    return sorted(links, key=lambda link: (-link.count, link.slug))


def _nearest(matches: list[Match], cars: Cars, place: Place) -> list[Match]:
    """Models in stock, nearest first; without a city, those with the most stock."""
    in_stock = [match for match in matches if any(trim.stock for trim in match.trims)]
    if place.city is None:
        return sorted(in_stock, key=lambda match: (-sum(trim.stock_total for trim in match.trims), match.model.slug))[
            :SHELF
        ]
    far = {slug: distance_between(place.city, city) for slug, city in cars.cities.items()}

    def rank(match: Match) -> tuple[float, int, str]:
        cities = {slug for trim in match.trims for slug in trim.stock if slug in far}
        here = sum(trim.stock.get(place.city.slug, 0) for trim in match.trims)
        return min((far[slug] for slug in cities), default=float("inf")), -here, match.model.slug

    return sorted(in_stock, key=rank)[:SHELF]
