"""What a shop shows first: models put forward by hand, and where there are none the newest and what is in stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.listing import CarCriteria, Card, show_models
from catalog.listing.cards import read_cards
from catalog.listing.page import facts_of
from catalog.listing.search import finding
from catalog.listing.sorting import Rows
from catalog.models import StoreModel
from catalog.places import Place
from o2o_platform.interface.shops import Shop

MOST_ROWS = 500


@dataclass(frozen=True)
class Window:
    """Cards of the models on each shelf, of those in stock nearest to the visitor, and one car to open with."""

    hero: Card | None
    new: list[Card]
    top: list[Card]
    near: list[Card]
    models_total: int


def show_window(shop: Shop, place: Place) -> Window:
    """What is not on sale in the market is left out."""
    shelves = StoreModel.objects.filter(store=shop.pk).values_list("shelf", "vehicle_model")
    named: dict[str, list[int]] = {}
    for shelf, model_id in shelves:
        named.setdefault(shelf, []).append(model_id)
    showcase = show_models(place)
    cards = _cards_of({model for models in named.values() for model in models}, place) if named else {}
    new, top = (_in_order(named.get(shelf, ()), cards) for shelf in (StoreModel.Shelf.NEW, StoreModel.Shelf.TOP))
    return Window(
        hero=next(iter(new or top or showcase.near or showcase.newest), None),
        new=new or showcase.newest,
        top=top,
        near=showcase.near,
        models_total=showcase.models_total,
    )


def _cards_of(models: set[int], place: Place) -> dict[int, Card]:
    """The cards of models on sale, by model."""
    with finding(CarCriteria(market=place.market, city=place.city)) as found:
        rows = Rows.of(found)
        count = min(len(rows), MOST_ROWS)
        facts = [each for each in facts_of(rows, found, start=0, stop=count) if each.row_id in models]
    cards = read_cards(facts, found)
    return dict(zip((each.row_id for each in facts), cards, strict=False)) if len(cards) == len(facts) else {}


def _in_order(models: Sequence[int], cards: dict[int, Card]) -> list[Card]:
    return [cards[model] for model in models if model in cards]
