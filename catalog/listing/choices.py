"""Facets, chips of what is chosen, and the way out of an empty list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
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


class FacetOption(NamedTuple):
    value: str
    label: str
    count: int
    is_chosen: bool
    id: str

    @property
    def is_barred(self) -> bool:
        return not self.count and not self.is_chosen


class Facet(NamedTuple):
    """A group of choices; what is past `FOLD_AFTER` and not chosen may be folded away."""

    name: str
    label: str
    options: tuple[FacetOption, ...]
    folded: tuple[FacetOption, ...]
    language: str

    @property
    def html(self) -> SafeString:
        """The group rendered: kept, as it depends on its own values alone; drawn anew while debugging."""
        return _render_facet(self) if settings.DEBUG else _kept_facet(self)


@dataclass(frozen=True)
class Chip:
    label: str
    remove_url: str


@dataclass(frozen=True)
class Hint:
    """What leaving one choice out would give."""

    text: str
    url: str


def _render_facet(facet: Facet) -> SafeString:
    return render_to_string("catalog/_facet.html", {"facet": facet})


@lru_cache(maxsize=2048)
def _kept_facet(facet: Facet) -> SafeString:
    return _render_facet(facet)


@lru_cache(maxsize=64)
def _label_in(language: str, name: str) -> str:
    return facet_label(name)


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
    for facet in filter(criteria.chosen.__contains__, FACETS):
        for value, label in _values(facet, cars, criteria, language):
            if value in criteria.chosen[facet]:
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
    shown = tuple(option for place, option in enumerate(options) if place < FOLD_AFTER or option.is_chosen)
    folded = tuple(option for option in options[FOLD_AFTER:] if not option.is_chosen)
    return Facet(name, _label_in(language, name), shown, folded, language)


def _values(name: str, cars: Cars, criteria: CarCriteria, language: str) -> list[tuple[str, str]]:
    """The values of a facet on sale in this market, labelled, in the order people expect."""
    if name == "brand":
        return [(slug, brand.read(language)) for slug, brand in cars.brands]
    if name == "stock":
        return _stock(cars, criteria)
    return _labelled(name, cars.offered[name], cars.market.currency, language)


@lru_cache(maxsize=512)
def _labelled(name: str, offered: frozenset[str], currency: str, language: str) -> list[tuple[str, str]]:
    """Labels that depend on the language alone; every price band is shown, of the others what is on sale."""
    if name == "body":
        return [(body.value, str(body.label)) for body in BodyType if body in offered]
    if name == "energy":
        return [(energy.value, str(energy.label)) for energy in EnergyType if energy in offered]
    return _prices(currency) if name == "price" else _seats(offered)


def _prices(currency: str) -> list[tuple[str, str]]:
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


def _seats(offered: frozenset[str]) -> list[tuple[str, str]]:
    return [
        (seats, ngettext("%(count)s seat", "%(count)s seats", int(seats)) % {"count": seats})
        for seats in sorted(offered, key=int)
    ]


def _stock(cars: Cars, criteria: CarCriteria) -> list[tuple[str, str]]:
    slugs = sorted(value for value in criteria.chosen.get("stock", ()) if value in cars.cities)
    if criteria.city and criteria.city.slug not in slugs:
        slugs.insert(0, criteria.city.slug)
    here = [
        (slug, _("In stock in %(city)s") % {"city": cars.cities[slug].label}) for slug in slugs if slug in cars.cities
    ]
    return [*here, (ANYWHERE, _("In stock anywhere"))]
