"""Which addresses of the list of cars are pages of their own, fit to be found."""

from __future__ import annotations

import re

from django.http import HttpRequest

from catalog.models import BodyType, EnergyType
from o2o_platform.interface.addresses import Kept, register_public

# A list narrowed by one of these, to one value, is a page people look for: "Haval", "SUV", "electric".
MAIN_FACETS = ("brand", "body", "energy")
FACETS = (
    *MAIN_FACETS,
    *("price", "seats", "drive", "gearbox", "range", "consumption", "power", "size", "year"),
    *("stock", "near", "delivery", "campaign", "price_from", "price_to"),
)
VALUES = {"body": frozenset(BodyType.values), "energy": frozenset(EnergyType.values)}
MOST_FACETS = 2
CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")


def read_list_address(request: HttpRequest) -> Kept:
    """At most one main facet is kept; order, page and the rest are noise.

    Words someone typed, and more than two choices at once, make pages without end: not to be found.
    """
    chosen = [(name, value) for name in FACETS for value in request.GET.getlist(name) if value]
    if len(chosen) > MOST_FACETS or request.GET.get("q", "").strip():
        return Kept(is_indexed=False)
    main = [(name, value) for name, value in chosen if name in MAIN_FACETS and _may_be(name, value)]
    return Kept(tuple(main[:1]))


def _may_be(facet: str, value: str) -> bool:
    """Whether a main facet may have a value; brands are known by their form alone, which asks nothing."""
    return value in VALUES[facet] if facet in VALUES else CODE.fullmatch(value) is not None


def register_pages() -> None:
    """The public pages of the catalogue."""
    register_public("catalog:home")
    register_public("catalog:list", read_list_address)
    register_public("catalog:model")
    register_public("catalog:trim")
