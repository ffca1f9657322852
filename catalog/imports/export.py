"""Tables of the catalogue that import back unchanged, read by a cursor of the server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch

from ..models import Colour, Offer, Option, Trim
from .cells import write_colours, write_offers
from .columns import COLUMNS as VEHICLE_COLUMNS
from .columns import PRICE_COLUMNS, TRIM_FIELDS

CHUNK = 500
# Prices are told by the offers, with their periods and conditions.
_LEFT_OUT = {*PRICE_COLUMNS.values(), "list_price", "market"}
_LEFT_OUT |= {"sales_model", "deposit_kind", "deposit_amount", "cooling_hours"}
VEHICLE_HEADER = [column.name for column in VEHICLE_COLUMNS if column.name not in _LEFT_OUT]
OPTION_HEADER = ["code", "name", "name_zh", "prices", "requires", "excludes", "includes"]


def vehicle_rows(market: str = "") -> Iterator[list[Any]]:
    """A row for each trim, in the columns of VEHICLE_HEADER; with a market, trims and offers of that market."""
    offers = Offer.objects.order_by("validity", "pk")
    trims = Trim.objects.select_related("vehicle_model__brand")
    if market:
        offers = offers.filter(market=market)
        trims = trims.filter(Exists(Offer.objects.filter(trim=OuterRef("pk"), market=market)))
    found = trims.order_by("vehicle_model__brand_id", "vehicle_model_id", "pk").prefetch_related(
        Prefetch("offers", offers),
        Prefetch("options", Option.objects.order_by("pk")),
        Prefetch("vehicle_model__colours", Colour.objects.order_by("pk").prefetch_related("prices")),
    )
    model_id, defined = None, set()
    for trim in found.iterator(chunk_size=CHUNK):
        if trim.vehicle_model_id != model_id:
            model_id, defined = trim.vehicle_model_id, set()
        cells = _cells(trim, defined)
        yield [cells[name] for name in VEHICLE_HEADER]


def _cells(trim: Trim, defined: set[int]) -> dict[str, Any]:
    model = trim.vehicle_model
    figures = {name: getattr(trim, name) for name in TRIM_FIELDS}
    return figures | {
        "code": trim.code,
        "make": model.brand.name,
        "make_zh": model.brand.name_zh,
        "make_code": model.brand.slug,
        "model": model.name,
        "model_zh": model.name_zh,
        "model_code": model.slug,
        "trim": trim.name,
        "trim_zh": trim.name_zh,
        "body_type": model.body_type,
        "published": trim.is_published,
        "options": "|".join(option.code for option in trim.options.all()),
        "colours": write_colours(model.colours.all(), defined),
        "offers": write_offers(trim.offers.all()),
    }


def option_rows(market: str = "") -> Iterator[list[Any]]:
    """A row for each option with its prices and rules, in the columns of OPTION_HEADER."""
    options = Option.objects.order_by("pk").prefetch_related("prices", "requires", "excludes", "includes")
    for option in options.iterator(chunk_size=CHUNK):
        prices = sorted((price.market_id, price.amount) for price in option.prices.all())
        rules = [
            "|".join(sorted(other.code for other in getattr(option, rule).all()))
            for rule in ("requires", "excludes", "includes")
        ]
        named = " | ".join(f"{code} {amount}" for code, amount in prices if market in ("", code))
        yield [option.code, option.name, option.name_zh, named, *rules]
