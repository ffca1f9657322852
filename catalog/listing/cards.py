"""The cards of a page: the facts of its rows, read in one query, as texts and as HTML."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext as _
from pyroaring import BitMap

from catalog.co2 import SHOWN_IN as CO2_SHOWN_IN
from catalog.co2 import class_range, co2_class
from catalog.models import EnergyType, RangeCycle
from catalog.paints import pick_paint
from catalog.paths import list_path
from catalog.rows import IDS, fetch
from o2o_platform.interface.drawings import render_car
from o2o_platform.interface.formats import format_kilometres, format_money_short
from o2o_platform.interface.pictures import sibling, widths_of
from o2o_platform.interface.stencils import stencil

from .facets import CENT
from .finding import Found
from .index import picked
from .sorting import Rows

ENERGIES_SHOWN = 2
CARD_PX = 480
SHOWN = ("price", "energy", "range_cycle", "range_km", "power")
ENERGIES = tuple(EnergyType.values)
# Of the cycles a model was measured in, the one in force is shown; their codes are their places in RangeCycle.
CYCLES = [(RangeCycle.values.index(name) + 1, name) for name in ("CLTC", "WLTP", "WLTC", "EPA", "NEDC")]
GAPS = ("url", "stage", "title", "price", "facts", "trims", "extra", "stock", "stock_class")
PICTURE = """ARRAY(SELECT c.hex FROM catalog_colour c WHERE c.vehicle_model_id = m.id ORDER BY c.id),
    (SELECT p.image || ':' || p.width FROM catalog_photo p WHERE p.vehicle_model_id = m.id AND p.is_published
        ORDER BY p.position, p.id LIMIT 1)"""
MODELS = f"""SELECT m.id, m.id, m.slug, m.body_type, b.name, b.name_zh, m.name, m.name_zh, {PICTURE}
FROM catalog_vehiclemodel m JOIN catalog_brand b ON b.id = m.brand_id WHERE m.id = ANY({IDS.format("ids")})"""  # noqa: S608 - constants
TRIMS = f"""SELECT t.id, m.id, m.slug, m.body_type, b.name, b.name_zh, m.name, m.name_zh, {PICTURE},
    t.code, t.model_year, t.name, t.name_zh
FROM catalog_trim t JOIN catalog_vehiclemodel m ON m.id = t.vehicle_model_id
JOIN catalog_brand b ON b.id = m.brand_id WHERE t.id = ANY({IDS.format("ids")})"""  # noqa: S608 - constants

# Only where the law wants the class beside every offer. Cars without an engine emit nothing.
GRAMS = "CASE WHEN t.energy_type IN ('bev', 'fcev') THEN coalesce(t.co2_g_per_km, 0) ELSE t.co2_g_per_km END"
CO2_OF_MODEL = f"""(SELECT ARRAY[min(v.grams), max(v.grams)]
    FROM catalog_trim t JOIN catalog_offer o ON o.trim_id = t.id AND o.market_id = %(market)s
        AND o.validity @> %(today)s::date, LATERAL (VALUES ({GRAMS}), (t.co2_depleted_g_per_km)) v (grams)
    WHERE t.vehicle_model_id = m.id AND t.is_published)"""  # noqa: S608 - constants
CO2_OF_TRIM = f"ARRAY[{GRAMS}, t.co2_depleted_g_per_km]"
MODELS_WITH_CO2 = MODELS.replace(f"{PICTURE}", f"{PICTURE}, {CO2_OF_MODEL}")
TRIMS_WITH_CO2 = TRIMS.replace("t.name, t.name_zh", f"t.name, t.name_zh, {CO2_OF_TRIM}")


class CardFacts(NamedTuple):
    """What a row of the list says of its trims.

    Prices are in hundredths of the currency, units are free cars, `range` is a test cycle with the longest in km.
    """

    row_id: int
    low: int
    high: int
    energies: tuple[str, ...]
    range: tuple[str, int] | None
    power_kw: int
    trims: int
    units: int
    is_here: bool


class Card(NamedTuple):
    """The texts of a card. `trims` says how many trims of a model fit, or names the one trim, whose `code` it has."""

    url: str
    title: str
    body: str
    paint: str
    photo: str
    price: str
    facts: str
    trims: str
    stock: str
    is_near: bool
    code: str = ""

    def _compare(self) -> SafeString:
        label = f"{self.title} {self.trims}"
        return stencil("catalog/_compare_toggle.html", "code", "label").fill({"code": self.code, "label": label})

    @property
    def html(self) -> SafeString:
        return stencil("catalog/_card.html", *GAPS).fill(
            {
                "url": self.url,
                "stage": _show(self.photo) if self.photo else _draw(self.body, self.paint),
                "title": self.title,
                "price": self.price,
                "facts": self.facts,
                "trims": self.trims,
                "extra": self._compare() if self.code else "",
                "stock": self.stock,
                "stock_class": " is-near" if self.is_near else "",
            }
        )


def read_facts(rows: Rows, places: list[int], found: Found, here: BitMap | None) -> list[CardFacts]:
    """The facts of these rows from the index; `here` are the trims with a free car in the visitor's city.

    Each column is read once for all rows: reading it row by row costs more than all that follows.
    """
    if not places:
        return []
    index, runs = rows.index, [rows.run(place) for place in places]
    ordinals = np.concatenate(runs)
    figures = [
        picked(index.columns[name], ordinals).tolist()
        for name in ("price", "energy", "range_cycle", "range_km", "power")
    ]
    units = picked(index.units, ordinals).tolist()
    is_here = [ordinal in here for ordinal in ordinals.tolist()] if here else [False] * len(ordinals)
    ids = (
        [index.model_ids[index.model[run[0]]] for run in runs]
        if found.criteria.view == "models"
        else picked(index.columns["trim_id"], ordinals).tolist()
    )
    facts, start = [], 0
    for row_id, run in zip(ids, runs, strict=True):
        end = start + len(run)
        prices, energies, cycles, ranges, powers = (column[start:end] for column in figures)
        longest = _longest(cycles, ranges)
        facts.append(
            CardFacts(
                row_id=row_id,
                low=min(prices),
                high=max(prices),
                energies=tuple(ENERGIES[code - 1] for code in sorted(set(energies)) if code),
                range=next(((name, longest[cycle]) for cycle, name in CYCLES if cycle in longest), None),
                power_kw=max(powers),
                trims=len(run),
                units=sum(units[start:end]),
                is_here=any(is_here[start:end]),
            )
        )
        start = end
    return facts


def _longest(cycles: list[int], ranges: list[int]) -> dict[int, int]:
    """The longest range in km by cycle."""
    longest: dict[int, int] = {}
    for cycle, km in zip(cycles, ranges, strict=True):
        if km > longest.get(cycle, 0):
            longest[cycle] = km
    return longest


def read_cards(facts: list[CardFacts], found: Found) -> list[Card]:
    """The cards of rows in their order; a row deleted meanwhile is left out."""
    if not facts:
        return []
    ids = [each.row_id for each in facts]
    is_labelled = found.criteria.market.code in CO2_SHOWN_IN
    read, classes = _read_labelled(ids, found) if is_labelled else (_read(ids, found), {})
    root = list_path()
    return [
        _build_card(each, (root, *read[each.row_id]), found, co2=classes.get(each.row_id, ""))
        for each in facts
        if each.row_id in read
    ]


def _read(ids: list[int], found: Found) -> dict[int, tuple]:
    """The names and pictures of rows by id; one query."""
    return {row[0]: row[1:] for row in fetch(MODELS if found.criteria.view == "models" else TRIMS, {"ids": ids})}


def _read_labelled(ids: list[int], found: Found) -> tuple[dict[int, tuple], dict[int, str]]:
    """The same with the CO₂ class, or classes, of each row; one query too."""
    if found.criteria.view == "models":
        zone = found.criteria.market.zone
        values = {"ids": ids, "market": found.criteria.market.code, "today": timezone.now().astimezone(zone).date()}
        rows = fetch(MODELS_WITH_CO2, values)
        classes = {row[0]: class_range(*row[-1]) for row in rows}
    else:
        rows = fetch(TRIMS_WITH_CO2, {"ids": ids})
        classes = {row[0]: " / ".join(filter(None, map(co2_class, row[-1]))) for row in rows}
    return {row[0]: row[1:-1] for row in rows}, classes


def full_name(brand: str, model: str) -> str:
    """Brand and model; Chinese names stand together, names that already begin with the brand stay as they are."""
    if model.startswith(brand):
        return model
    gap = "" if not brand.isascii() and not model[:1].isascii() else " "
    return f"{brand}{gap}{model}"


def _build_card(facts: CardFacts, row: tuple, found: Found, *, co2: str = "") -> Card:
    root, model_id, slug, body, brand, brand_zh, model, model_zh, paints, photo, *trim = row
    is_chinese = (get_language() or "").startswith("zh")
    title = full_name(brand_zh if is_chinese and brand_zh else brand, model_zh if is_chinese and model_zh else model)
    url = f"{root}{slug}/"
    if trim:
        code, year, name, name_zh = trim
        url = f"{url}{code}/" + ("#stock" if found.criteria.view == "stock" else "")
        label = gettext("%(year)s %(trim)s") % {"year": year, "trim": name_zh if is_chinese and name_zh else name}
    else:
        label = _trims_label(facts.trims, get_language())
    stock, is_near = _stock(facts, found)
    return Card(
        url=url,
        title=title,
        body=body,
        paint=pick_paint(model_id, paints) if paints else "",
        photo=photo or "",
        price=_price(facts, found.index.currency),
        facts=_facts(facts, is_trim=bool(trim), co2=co2),
        trims=label,
        stock=stock,
        is_near=is_near,
        code=trim[0] if trim else "",
    )


def _price(facts: CardFacts, currency: str) -> str:
    """`8.88万 – 12.88万`, or one price where all are equal."""
    low = format_money_short(Decimal(facts.low) / CENT, currency=currency)
    high = low if facts.low == facts.high else format_money_short(Decimal(facts.high) / CENT, currency=currency)
    return low if low == high else f"{low} – {high}"


def _facts(facts: CardFacts, *, is_trim: bool, co2: str = "") -> str:
    """Energies, the longest range of one test cycle (never across cycles), a single trim's power, the CO₂ class."""
    labels = _energy_labels(get_language())
    words = [labels[energy] for energy in facts.energies[:ENERGIES_SHOWN]]
    if facts.range:
        cycle, km = facts.range
        words.append(f"{format_kilometres(km, decimals=0)} {cycle}")
    if is_trim and facts.power_kw:
        words.append(f"{facts.power_kw} kW")
    if co2:
        words.append(_("CO₂ class %(class)s") % {"class": co2})
    return " · ".join(words)


@lru_cache(maxsize=16)
def _energy_labels(_language: str | None) -> dict[str, str]:
    return {energy.value: str(energy.label) for energy in EnergyType}


@lru_cache(maxsize=4096)
def _show(photo: str) -> SafeString:
    """The smallest copy of an uploaded photograph that fills a card; decorative, as the title stands beside it."""
    name, _colon, width = photo.rpartition(":")
    widths = widths_of(int(width))
    address = default_storage.url(sibling(name, next((each for each in widths if each >= CARD_PX), widths[-1])))
    return format_html('<img class="car-card-photo" src="{}" alt="" loading="lazy" decoding="async">', address)


@lru_cache(maxsize=4096)
def _draw(body: str, paint: str) -> SafeString:
    return render_car(body, paint=paint, label="")


def _stock(facts: CardFacts, found: Found) -> tuple[str, bool]:
    """What can be had at once, and whether in the visitor's city or, without one, anywhere."""
    city = found.criteria.city
    if city and facts.is_here:
        return _("In stock in %(city)s") % {"city": city.label}, True
    if not facts.units:
        return _("To order"), False
    if city and found.criteria.view != "stock":
        return _("In stock in other cities"), False
    return _units_label(facts.units, get_language()), not city


@lru_cache(maxsize=1024)
def _trims_label(count: int, _language: str | None) -> str:
    return ngettext("%(count)s trim", "%(count)s trims", count) % {"count": count}


@lru_cache(maxsize=4096)
def _units_label(count: int, _language: str | None) -> str:
    return ngettext("%(count)s in stock", "%(count)s in stock", count) % {"count": count}
