"""A model as a card: the facts it is made of, its texts, and its HTML, kept per process."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from catalog.models import BodyType, EnergyType
from o2o_platform.interface.formats import format_kilometres, format_money_short
from o2o_platform.markets.models import City

if TYPE_CHECKING:
    from .search import Match

ENERGIES_SHOWN = 2


class CardFacts(NamedTuple):
    """All that a card's texts depend on; equal facts make equal cards, in every process.

    Prices are list prices with VAT in `currency`; `ranges` pairs a test cycle with its longest range in km.
    """

    slug: str
    title: str
    body: str
    paint: str
    low: Decimal
    high: Decimal
    currency: str
    energies: frozenset[str]
    ranges: tuple[tuple[str, int], ...]
    trims: int
    units: int
    units_here: int
    city: str
    language: str


@dataclass(frozen=True)
class Card:
    """The texts of a card."""

    url: str
    title: str
    body: str
    body_label: str
    paint: str
    price: str
    facts: str
    trims: str
    stock: str
    is_near: bool


def read_facts(match: Match, *, currency: str, city: City | None, language: str) -> CardFacts:
    """The facts of a model from its matching trims."""
    model, trims = match.model, match.trims
    ranges: dict[str, int] = {}
    for trim in trims:
        if trim.range_cycle:
            ranges[trim.range_cycle] = max(ranges.get(trim.range_cycle, 0), trim.range_km)
    return CardFacts(
        slug=model.slug,
        title=full_name(model.brand_name.read(language), model.name.read(language)),
        body=model.body,
        paint=model.paint,
        low=match.low,
        high=match.high,
        currency=currency,
        energies=frozenset(trim.energy for trim in trims),
        ranges=tuple(sorted(ranges.items())),
        trims=len(trims),
        units=sum(trim.stock_total for trim in trims),
        units_here=sum(trim.stock.get(city.slug, 0) for trim in trims) if city else 0,
        city=city.label if city else "",
        language=language,
    )


def build_card(facts: CardFacts) -> Card:
    """The texts of a card in its language."""
    with override(facts.language):
        stock, is_near = _stock(facts)
        return Card(
            url=reverse("catalog:model", args=(facts.slug,)),
            title=facts.title,
            body=facts.body,
            body_label=str(BodyType(facts.body).label),
            paint=facts.paint,
            price=_price(facts),
            facts=" · ".join((*_energies(facts), *_ranges(facts))),
            trims=ngettext("%(count)s trim", "%(count)s trims", facts.trims) % {"count": facts.trims},
            stock=stock,
            is_near=is_near,
        )


def render_card(facts: CardFacts) -> SafeString:
    """The card as HTML: kept, as it depends on its facts alone; drawn anew each time while debugging."""
    return _render(facts) if settings.DEBUG else _kept(facts)


def _render(facts: CardFacts) -> SafeString:
    with override(facts.language):
        return render_to_string("catalog/_card.html", {"card": build_card(facts)})


@lru_cache(maxsize=4096)
def _kept(facts: CardFacts) -> SafeString:
    return _render(facts)


def full_name(brand: str, model: str) -> str:
    """Brand and model; Chinese names stand together, names that already begin with the brand stay as they are."""
    if model.startswith(brand):
        return model
    gap = "" if not brand.isascii() and not model[:1].isascii() else " "
    return f"{brand}{gap}{model}"


def _price(facts: CardFacts) -> str:
    """`8.88万 – 12.88万`, or one price where all are equal."""
    low = format_money_short(facts.low, currency=facts.currency)
    high = format_money_short(facts.high, currency=facts.currency)
    return low if low == high else f"{low} – {high}"


def _energies(facts: CardFacts) -> list[str]:
    return [str(energy.label) for energy in EnergyType if energy in facts.energies][:ENERGIES_SHOWN]


def _ranges(facts: CardFacts) -> list[str]:
    """The longest electric range of the first test cycle, never across cycles."""
    return [f"{format_kilometres(km, decimals=0)} {cycle}" for cycle, km in facts.ranges[:1]]


def _stock(facts: CardFacts) -> tuple[str, bool]:
    here, total = facts.units_here, facts.units
    if here:
        text = ngettext("%(count)s in stock in %(city)s", "%(count)s in stock in %(city)s", here)
        return text % {"count": here, "city": facts.city}, True
    if not total:
        return _("To order"), False
    if facts.city:
        return _("In stock in other cities"), False
    return ngettext("%(count)s in stock", "%(count)s in stock", total) % {"count": total}, True
