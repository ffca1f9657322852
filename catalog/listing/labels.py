"""The names of facets and of their values in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from catalog.models import BodyType, Drivetrain, EnergyType, Stage
from o2o_platform.interface.formats import format_kilometres, format_money_short
from o2o_platform.markets.models import City

from .bands import price_bands
from .criteria import CarCriteria
from .facets import ANYWHERE, CYCLES, FUEL_L, LENGTH_MM, NEAR_KM, POWER_KW, RANGE_KM, TO_ORDER
from .finding import Found
from .fleet import brand_names, campaign_names


def facet_label(name: str) -> str:
    """The name of a facet; `q` is the words."""
    return _facet_labels(get_language())[name]


@lru_cache(maxsize=16)
def _facet_labels(_language: str | None) -> dict[str, str]:
    return {
        "q": _("Search words"),
        "stock": _("In stock"),
        "near": _("Distance"),
        "delivery": _("Delivery"),
        "brand": _("Brand"),
        "price": _("Price"),
        "body": _("Body"),
        "energy": _("Energy"),
        "seats": _("Seats"),
        "range": _("Electric range"),
        "consumption": _("Consumption"),
        "drive": _("Driven wheels"),
        "gearbox": _("Gearbox"),
        "power": _("Power"),
        "size": _("Length"),
        "year": _("Model year"),
        "campaign": _("Special offer"),
    }


def value_labels(name: str, found: Found) -> Mapping[str, str]:
    """The label of every value of a facet, in the order people expect."""
    language = get_language() or ""
    if name == "brand":
        return brand_names().labels(language)
    if name == "campaign":
        return {slug: _(name) for slug, name in campaign_names().labels(language).items()}
    if name == "stock":
        here = found.criteria.city.slug if found.criteria.city else ""
        return _stock_labels(tuple(found.where.by_slug.values()), here, language)
    return _labels(name, found.index.currency, language)


def label_values(name: str, values: Collection[str], found: Found) -> dict[str, str]:
    """The labels of these values, in the order people expect."""
    return {value: label for value, label in value_labels(name, found).items() if value in values}


def price_range(criteria: CarCriteria) -> str:
    return range_text(criteria.price_from, criteria.price_to, criteria.market.currency)


def range_text(low: Decimal | None, high: Decimal | None, currency: str) -> str:
    texts = {
        "low": format_money_short(low, currency=currency) if low is not None else "",
        "high": format_money_short(high, currency=currency) if high is not None else "",
    }
    if low is None:
        return _("Up to %(high)s") % texts
    return (_("%(low)s – %(high)s") if high is not None else _("From %(low)s")) % texts


@lru_cache(maxsize=256)
def _stock_labels(cities: tuple[City, ...], here: str, _language: str) -> dict[str, str]:
    """The visitor's own city first."""
    named = {city.slug: city.label for city in cities}
    ordered = sorted(named, key=lambda slug: (slug != here, named[slug]))
    labels = {slug: _("In stock in %(city)s") % {"city": named[slug]} for slug in ordered}
    own = {here: labels[here]} if here in labels else {}
    return own | {ANYWHERE: _("In stock anywhere")} | labels


@lru_cache(maxsize=256)
def _labels(name: str, currency: str, _language: str) -> dict[str, str]:
    """Labels that depend on the language alone."""
    plain = {"body": BodyType, "energy": EnergyType, "drive": Drivetrain}
    if name in plain:
        return {choice.value: str(choice.label) for choice in plain[name]}
    makers: Mapping[str, Callable[[], dict[str, str]]] = {
        "price": lambda: _price_labels(currency),
        "seats": lambda: {
            str(seats): ngettext("%(count)s seat", "%(count)s seats", seats) % {"count": seats}
            for seats in range(1, 10)
        },
        "range": lambda: _cycle_labels(RANGE_KM, "km"),
        "consumption": lambda: _cycle_labels(FUEL_L, "L/100 km"),
        "gearbox": lambda: {
            "manual": _("Manual"),
            "automatic": _("Automatic"),
            "dct": _("Dual clutch"),
            "cvt": _("Continuously variable"),
            "single": _("Single speed"),
        },
        "power": lambda: {str(low): label for low, label in _band_labels(POWER_KW, "kW")},
        "size": lambda: {str(low): label for low, label in _band_labels(LENGTH_MM, "m", 1000)},
        "year": lambda: {str(year): _("%(year)s model year") % {"year": year} for year in range(1990, 2101)},
        "near": lambda: {
            str(km): _("Within %(distance)s") % {"distance": format_kilometres(km, decimals=0)} for km in NEAR_KM
        },
        "delivery": lambda: {
            "in_store": str(Stage.IN_STORE.label),
            "in_transit": str(Stage.IN_TRANSIT.label),
            "in_build": str(Stage.IN_BUILD.label),
            TO_ORDER: _("Built to order"),
        },
    }
    return makers[name]()


def _price_labels(currency: str) -> dict[str, str]:
    labels = {}
    for code, low, high in price_bands(currency):
        texts = {
            "low": format_money_short(low, currency=currency),
            "high": format_money_short(high, currency=currency),
        }
        if not low:
            labels[code] = _("Under %(high)s") % texts
        elif not high:
            labels[code] = _("%(low)s and above") % texts
        else:
            labels[code] = _("%(low)s – %(high)s") % texts
    return labels


def _cycle_labels(lows: tuple[int, ...], unit: str) -> dict[str, str]:
    """The cycle stands in every label: figures of two cycles are never one choice."""
    return {f"{cycle}-{low}": f"{cycle.upper()} {label}" for cycle in CYCLES for low, label in _band_labels(lows, unit)}


def _band_labels(lows: tuple[int, ...], unit: str, per_unit: int = 1) -> list[tuple[int, str]]:
    """`< 300 km`, `300–400 km`, `≥ 700 km`; figures shown in `unit`, which holds `per_unit` of those given."""
    shown = [f"{low / per_unit:g}" for low in lows]
    labels = [f"< {shown[1]} {unit}"]
    labels += [f"{low}–{high} {unit}" for low, high in pairwise(shown[1:])]
    return list(zip(lows, [*labels, f"≥ {shown[-1]} {unit}"], strict=True))
