"""A model as a card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import BodyType, EnergyType
from o2o_platform.interface.formats import format_kilometres, format_money_short
from o2o_platform.markets.models import City

if TYPE_CHECKING:
    from .search import Match
    from .snapshot import Cars


@dataclass(frozen=True)
class Card:
    """Every text of a model's card; equal cards render equally. `language` keeps renderings apart."""

    url: str
    title: str
    body: str
    body_label: str
    paint: str
    paints: tuple[str, ...]
    price: str
    facts: str
    trims: str
    stock: str
    is_near: bool
    language: str


def build_card(match: Match, cars: Cars, *, city: City | None, language: str) -> Card:
    """The card of a model: price range and facts of its matching trims, stock in `city`."""
    model = match.model
    stock, is_near = _stock(match, city)
    count = len(match.trims)
    return Card(
        url=reverse("catalog:model", args=(model.slug,)),
        title=full_name(model.brand_name.read(language), model.name.read(language)),
        body=model.body,
        body_label=str(BodyType(model.body).label),
        paint=model.paints[0] if model.paints else "",
        paints=model.paints,
        price=price_range(match, cars.market.currency),
        facts=" · ".join(_facts(match)),
        trims=ngettext("%(count)s trim", "%(count)s trims", count) % {"count": count},
        stock=stock,
        is_near=is_near,
        language=language,
    )


def full_name(brand: str, model: str) -> str:
    """Brand and model; Chinese names stand together, names that already begin with the brand stay as they are."""
    if model.startswith(brand):
        return model
    gap = "" if not brand.isascii() and not model[:1].isascii() else " "
    return f"{brand}{gap}{model}"


def price_range(match: Match, currency: str) -> str:
    """`8.88万 – 12.88万`, or one price where all are equal; list prices with VAT."""
    low = format_money_short(match.low, currency=currency)
    high = format_money_short(match.high, currency=currency)
    return low if low == high else f"{low} – {high}"


def _facts(match: Match) -> list[str]:
    energies = {trim.energy for trim in match.trims}
    facts = [str(energy.label) for energy in EnergyType if energy in energies]
    return facts[:2] + _ranges(match)


def _ranges(match: Match) -> list[str]:
    """The longest electric range of each test cycle, never across cycles."""
    longest: dict[str, int] = {}
    for trim in match.trims:
        if trim.range_cycle:
            longest[trim.range_cycle] = max(longest.get(trim.range_cycle, 0), trim.range_km)
    return [f"{format_kilometres(km, decimals=0)} {cycle}" for cycle, km in sorted(longest.items())][:1]


def _stock(match: Match, city: City | None) -> tuple[str, bool]:
    here = sum(trim.stock.get(city.slug, 0) for trim in match.trims) if city else 0
    if city and here:
        text = ngettext("%(count)s in stock in %(city)s", "%(count)s in stock in %(city)s", here)
        return text % {"count": here, "city": city.label}, True
    total = sum(trim.stock_total for trim in match.trims)
    if not total:
        return _("To order"), False
    if city:
        return _("In stock in other cities"), False
    return ngettext("%(count)s in stock", "%(count)s in stock", total) % {"count": total}, True
