"""The list of cars: criteria in, one page of cards with facets out."""

from .cards import Card, render_card
from .criteria import CarCriteria
from .page import CarListPage
from .search import search_cars
from .showcase import Showcase, show_models, suggest_models
from .snapshot import forget_cars

__all__ = [
    "CarCriteria",
    "CarListPage",
    "Card",
    "Showcase",
    "forget_cars",
    "render_card",
    "search_cars",
    "show_models",
    "suggest_models",
]
