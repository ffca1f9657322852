"""The list of cars: criteria in, one page of cards with facets out."""

from .cards import Card
from .criteria import CarCriteria
from .fleet import forget_cars
from .markup import page_parts
from .page import CarListPage
from .search import matching_trims, search_cars
from .showcase import Showcase, show_models

__all__ = [
    "CarCriteria",
    "CarListPage",
    "Card",
    "Showcase",
    "forget_cars",
    "matching_trims",
    "page_parts",
    "search_cars",
    "show_models",
]
