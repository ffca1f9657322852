"""Cells that hold a list: a model's colours with their prices, a trim's offers with their periods.

Colours: `ember-red; Ember red; 烈焰红; #9d1f24; CN 2000.00; DE 250.00 | pearl-white` (a code alone is one that
is known). Offers: `CN 2026-01-01..2026-06-30 98800.00 dealer refundable 1000.00 72h | DE 2026-01-01.. 24990.00`
(first and last day; open ends are left out; what follows the price may be).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from o2o_platform.imports import columns
from o2o_platform.markets.models import DepositKind, SalesModel

from ..models import Colour, Offer
from ..models.vehicle import hex_colour

MAX_PARTS = 100
_ESCAPED = re.compile(r"[\\|;]")
_PART = re.compile(r"(?:[^\\|]|\\.)+")
_FIELD = re.compile(r"(?:[^\\;]|\\.)*(?:;|\Z)")
_SLUG = re.compile(r"[-a-zA-Z0-9_]+\Z")
_amount = columns.number("0", "999999999", places=2)
_price = columns.number("1", "999999999", places=2)
_name = columns.text(120)
_hours = columns.whole_number(0, 2000)


@dataclass(frozen=True, slots=True)
class ColourCell:
    """One colour of a cell; `name` is empty where the cell gives the code alone."""

    code: str
    name: str = ""
    name_zh: str = ""
    hex: str = ""
    prices: tuple[tuple[str, Decimal], ...] = ()

    def as_json(self) -> list[Any]:
        prices = [[market, str(amount)] for market, amount in self.prices]
        return [self.code, self.name, self.name_zh, self.hex, prices]

    @classmethod
    def from_json(cls, said: list[Any]) -> ColourCell:
        *words, prices = said
        return cls(*words, tuple((market, Decimal(amount)) for market, amount in prices))


@dataclass(frozen=True, slots=True)
class OfferCell:
    """One offer of a cell; `terms` holds the conditions it names."""

    market: str
    validity: DateRange
    price: Decimal
    terms: dict[str, Any]


@lru_cache(maxsize=1024)
def read_colours(cell: str) -> tuple[ColourCell, ...]:
    """The colours a cell names; ValidationError when it cannot be read."""
    found = tuple(_read_colour(part) for part in _parts(cell))
    codes = [colour.code for colour in found]
    if len(set(codes)) < len(codes):
        raise ValidationError(_("A colour is named twice."))
    return found


def _read_colour(part: str) -> ColourCell:
    code, *rest = [_plain(field.removesuffix(";")) for field in _FIELD.findall(part)[:20] if field]
    code = read_slug(code, 30)
    if not rest:
        return ColourCell(code)
    if len(rest) < 3 or not rest[0]:
        raise ValidationError(_("A colour is written as: code; name; Chinese name; #1a2b3c; CN 2000.00"))
    name, name_zh, paint, *prices = rest
    hex_colour(paint.lower())
    return ColourCell(code, _name(name), _name(name_zh), paint.lower(), tuple(read_price(each) for each in prices))


def read_price(field: str) -> tuple[str, Decimal]:
    """Market and amount of `CN 2000.00`."""
    market, _space, amount = field.partition(" ")
    return market.upper(), _amount(amount)


def read_offers(cell: str) -> tuple[OfferCell, ...]:
    """The offers a cell names; ValidationError when it cannot be read."""
    return tuple(_read_offer(part.split()) for part in _parts(cell))


def _read_offer(words: list[str]) -> OfferCell:
    if len(words) not in (3, 7):
        raise ValidationError(
            _("An offer is written as: CN 2026-01-01..2026-06-30 98800.00 dealer refundable 1000.00 72h")
        )
    market, period, price, *terms = words
    given = {}
    if terms:
        given = {
            "sales_model": columns.choice(SalesModel)(terms[0]),
            "deposit_kind": columns.choice(DepositKind)(terms[1]),
            "deposit_amount": _price(terms[2]),
            "cooling_hours": _hours(terms[3].removesuffix("h")),
        }
    return OfferCell(market.upper(), _read_period(period), _price(price), given)


def _read_period(period: str) -> DateRange:
    first, _dots, last = period.partition("..")
    begin = columns.date(first) if first else None
    end = columns.date(last) + dt.timedelta(days=1) if last else None
    if begin and end and begin >= end:
        raise ValidationError(_("The period ends before it begins."))
    # As PostgreSQL gives them back: a side without an end is never inclusive.
    return DateRange(begin, end, "[)" if begin else "()")


def read_slug(cell: str, longest: int) -> str:
    """A code of letters, digits, hyphens and underscores."""
    if len(cell) > longest or not _SLUG.match(cell):
        raise ValidationError(_("A code has at most %(limit)s letters, digits and hyphens.") % {"limit": longest})
    return cell


def _parts(cell: str) -> list[str]:
    parts = [part.strip() for part in _PART.findall(cell)]
    if len(parts) > MAX_PARTS:
        raise ValidationError(_("More than %(limit)s entries.") % {"limit": MAX_PARTS})
    return [part for part in parts if part]


def write_colours(colours: Iterable[Colour], defined: set[int]) -> str:
    """The cell of a model's colours, with prices fetched; those in `defined` by their code alone, the rest enter it."""
    return " | ".join(colour.code if colour.pk in defined else _write_colour(colour, defined) for colour in colours)


def _write_colour(colour: Colour, defined: set[int]) -> str:
    defined.add(colour.pk)
    prices = sorted((price.market_id, price.amount) for price in colour.prices.all())
    fields = [colour.code, colour.name, colour.name_zh, colour.hex, *(f"{market} {sum_}" for market, sum_ in prices)]
    return "; ".join(_escape(field) for field in fields)


def write_offers(offers: Iterable[Offer]) -> str:
    """The cell of a trim's offers, oldest first by market; empty periods are left out."""
    named = [offer for offer in offers if not offer.validity.isempty]
    named.sort(key=lambda offer: (offer.market_id, offer.validity.lower or dt.date.min))
    return " | ".join(
        f"{offer.market_id} {_write_period(offer.validity)} {offer.list_price} {offer.sales_model} "
        f"{offer.deposit_kind} {offer.deposit_amount} {offer.cooling_hours}h"
        for offer in named
    )


def _write_period(validity: DateRange) -> str:
    last = validity.upper - dt.timedelta(days=1) if validity.upper else ""
    return f"{validity.lower or ''}..{last}"


def _escape(field: str) -> str:
    return _ESCAPED.sub(r"\\\g<0>", field)


def _plain(field: str) -> str:
    return re.sub(r"\\(.)", r"\1", field.strip())
