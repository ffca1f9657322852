"""Facets, chips of what is chosen, and the way out of an empty list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import BodyType, EnergyType
from o2o_platform.interface.formats import format_money_short

from .bands import price_bands
from .criteria import FACETS, CarCriteria
from .snapshot import ANYWHERE

if TYPE_CHECKING:
    from .search import Found
    from .snapshot import Cars

FOLD_AFTER = 8


@dataclass(frozen=True)
class FacetOption:
    value: str
    label: str
    count: int
    is_chosen: bool
    id: str

    @property
    def is_barred(self) -> bool:
        return not self.count and not self.is_chosen


@dataclass(frozen=True)
class Facet:
    """A group of choices; what is past `FOLD_AFTER` and not chosen may be folded away."""

    name: str
    label: str
    options: list[FacetOption]
    folded: list[FacetOption]


@dataclass(frozen=True)
class Chip:
    label: str
    remove_url: str


@dataclass(frozen=True)
class Hint:
    """What leaving one choice out would give."""

    text: str
    url: str


def facet_label(name: str) -> str:
    labels = {
        "q": _("Search words"),
        "brand": _("Brand"),
        "body": _("Body"),
        "energy": _("Energy"),
        "price": _("Price"),
        "seats": _("Seats"),
        "stock": _("In stock"),
    }
    return labels[name]


def build_facets(cars: Cars, criteria: CarCriteria, found: Found, language: str) -> list[Facet]:
    """Every facet with the models each value would give beside the other choices."""
    return [_build_facet(name, cars, criteria, found, language) for name in FACETS]


def build_chips(cars: Cars, criteria: CarCriteria, language: str) -> list[Chip]:
    """One chip per choice, with the address that drops it."""
    chips = [Chip(f"“{criteria.query}”", criteria.without("q").as_query())] if criteria.query else []
    for facet in FACETS:
        for value, label in _values(facet, cars, criteria, language):
            if value in criteria.chosen.get(facet, ()):
                chips.append(Chip(label, criteria.without(facet, value).as_query()))
    return chips


def build_hints(cars: Cars, criteria: CarCriteria, found: Found, language: str) -> list[Hint]:
    """Which choice to drop from an empty list, best first, and how many models that would give."""
    active = ["q"] if criteria.query else []
    active += [facet for facet in FACETS if facet in criteria.chosen]
    gains = sorted(((len(found.without[facet]), facet) for facet in active), key=lambda gain: -gain[0])
    return [
        Hint(_hint_text(facet, count, cars, criteria, language), criteria.without(facet).as_query())
        for count, facet in gains
        if count
    ]


def _hint_text(facet: str, count: int, cars: Cars, criteria: CarCriteria, language: str) -> str:
    if facet == "q":
        choice = f"“{criteria.query}”"
    else:
        chosen = criteria.chosen[facet]
        choice = ", ".join(label for value, label in _values(facet, cars, criteria, language) if value in chosen)
    text = ngettext("Without %(choice)s: %(count)s model", "Without %(choice)s: %(count)s models", count)
    return text % {"choice": f"{facet_label(facet)} {choice}", "count": count}


def _build_facet(name: str, cars: Cars, criteria: CarCriteria, found: Found, language: str) -> Facet:
    chosen = criteria.chosen.get(name, frozenset())
    counts = found.by_value[name]
    options = [
        FacetOption(value, label, len(counts.get(value, ())), value in chosen, f"{name}-{value}")
        for value, label in _values(name, cars, criteria, language)
    ]
    shown = [option for place, option in enumerate(options) if place < FOLD_AFTER or option.is_chosen]
    folded = [option for option in options[FOLD_AFTER:] if not option.is_chosen]
    return Facet(name=name, label=facet_label(name), options=shown, folded=folded)


def _values(name: str, cars: Cars, criteria: CarCriteria, language: str) -> list[tuple[str, str]]:
    """The values of a facet on sale in this market, labelled, in the order people expect."""
    lists: dict[str, Callable[[], list[tuple[str, str]]]] = {
        "brand": lambda: _brands(cars, language),
        "body": lambda: [(body.value, str(body.label)) for body in BodyType if body in cars.offered["body"]],
        "energy": lambda: [(kind.value, str(kind.label)) for kind in EnergyType if kind in cars.offered["energy"]],
        "price": lambda: _prices(cars),
        "seats": lambda: _seats(cars),
        "stock": lambda: _stock(cars, criteria),
    }
    return lists[name]()


def _brands(cars: Cars, language: str) -> list[tuple[str, str]]:
    brands = {model.brand_slug: model.brand_name for model in cars.models}
    ordered = sorted(brands.items(), key=lambda item: item[1].latin.casefold())
    return [(slug, name.read(language)) for slug, name in ordered]


def _prices(cars: Cars) -> list[tuple[str, str]]:
    currency = cars.market.currency
    labelled = []
    for code, low, high in price_bands(currency):
        texts = {
            "low": format_money_short(low, currency=currency),
            "high": format_money_short(high, currency=currency),
        }
        if not low:
            label = _("Under %(high)s") % texts
        elif not high:
            label = _("%(low)s and above") % texts
        else:
            label = _("%(low)s – %(high)s") % texts
        labelled.append((code, label))
    return labelled


def _seats(cars: Cars) -> list[tuple[str, str]]:
    seats = sorted(cars.offered["seats"], key=int)
    return [(value, ngettext("%(count)s seat", "%(count)s seats", int(value)) % {"count": value}) for value in seats]


def _stock(cars: Cars, criteria: CarCriteria) -> list[tuple[str, str]]:
    slugs = sorted(value for value in criteria.chosen.get("stock", ()) if value in cars.cities)
    if criteria.city and criteria.city.slug not in slugs:
        slugs.insert(0, criteria.city.slug)
    here = [
        (slug, _("In stock in %(city)s") % {"city": cars.cities[slug].label}) for slug in slugs if slug in cars.cities
    ]
    return [*here, (ANYWHERE, _("In stock anywhere"))]
