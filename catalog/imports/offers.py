"""Prices out of a table, as dated offers: a new price never rewrites the old period, and no import deletes one."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from o2o_platform.imports.changes import Changes, apply_changes
from o2o_platform.markets.models import DepositKind, SalesModel

from ..models import Offer, Trim
from .cells import OfferCell
from .writing import HistoryWriter

TERMS = ("sales_model", "deposit_kind", "deposit_amount", "cooling_hours")


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """Who sells and what deposit is asked, in the market's currency."""

    sales_model: str
    deposit_kind: str
    deposit_amount: Decimal
    cooling_hours: int = 72


@dataclass(frozen=True, slots=True)
class PricedTrim:
    """What a row says a trim costs: from now on by market, and in named periods."""

    trim: Trim
    make: str
    prices: Mapping[str, Decimal]
    periods: tuple[OfferCell, ...]
    terms: Mapping[str, Any]


def usual_terms(make: str, market: str, price: Decimal) -> OfferTerms:
    """A dealer sale with a refundable deposit of one percent, rounded up to the hundred."""
    deposit = (price / 10_000).quantize(Decimal(1), ROUND_UP) * 100
    return OfferTerms(SalesModel.DEALER, DepositKind.REFUNDABLE, min(deposit, price))


class OfferWriter:
    """Makes offers say what a table says; a price without a period is that of the date `on` and after."""

    def __init__(self, writer: HistoryWriter, *, on: dt.date, terms: Callable[[str, str, Decimal], OfferTerms]) -> None:
        self._writer, self._on, self._terms = writer, on, terms

    def save(self, rows: Sequence[PricedTrim]) -> dict[int, Changes]:
        """Write the offers of each trim; what changed, by the trim's id."""
        known = self._load([row.trim for row in rows if row.prices or row.periods])
        self._updated: list[Offer] = []
        self._new: list[Offer] = []
        changes: dict[int, Changes] = {}
        for row in rows:
            said: Changes = {}
            for market, price in row.prices.items():
                said |= self._set_price(row, market, price, known[row.trim.pk, market])
            for period in row.periods:
                said |= self._set_period(row, period, known[row.trim.pk, period.market])
            if said:
                changes[row.trim.pk] = said
        self._writer.update(self._updated, ["validity", "list_price", *TERMS])
        self._writer.create(self._new)
        return changes

    def _load(self, trims: Sequence[Trim]) -> dict[tuple[int, str], list[Offer]]:
        """Offers by trim and market, earliest first."""
        known: dict[tuple[int, str], list[Offer]] = defaultdict(list)
        if trims:
            for offer in Offer.objects.filter(trim__in=trims).order_by("validity", "pk"):
                known[offer.trim_id, offer.market_id].append(offer)
        return known

    def _set_price(self, row: PricedTrim, market: str, price: Decimal, known: Iterable[Offer]) -> Changes:
        """The offer in force on the date; a new one ends where the next begins."""
        later = None
        for offer in known:
            if offer.validity.isempty:
                continue
            if offer.validity.lower is not None and offer.validity.lower > self._on:
                later = offer.validity.lower
                break
            if self._on in offer.validity:
                return self._revise(offer, {"list_price": price, **row.terms})
        terms = self._usual(row.make, market, price) | row.terms
        return self._add(row.trim, market, DateRange(self._on, later, "[)"), price, terms)

    def _revise(self, offer: Offer, fields: dict[str, Any]) -> Changes:
        """Change the offer in place when it begins that day, else end it and begin another."""
        before = {name: getattr(offer, name) for name in ("list_price", *TERMS)}
        changes = apply_changes(offer, fields)
        if not changes:
            return {}
        self._updated.append(offer)
        if offer.validity.lower != self._on:
            validity = DateRange(self._on, offer.validity.upper, "[)")
            self._new.append(
                Offer(
                    trim_id=offer.trim_id,
                    market_id=offer.market_id,
                    validity=validity,
                    handover_fee=offer.handover_fee,
                    **(before | fields),
                )
            )
            apply_changes(offer, before | {"validity": DateRange(offer.validity.lower, self._on, "[)")})
        return _by_market(offer.market_id, changes)

    def _set_period(self, row: PricedTrim, period: OfferCell, known: Iterable[Offer]) -> Changes:
        """The offer that begins with the period; those the row does not name stay as they are."""
        given = {**row.terms, **period.terms}
        for offer in known:
            if not offer.validity.isempty and offer.validity.lower == period.validity.lower:
                fields = {"validity": period.validity, "list_price": period.price, **given}
                if changes := apply_changes(offer, fields):
                    self._updated.append(offer)
                return _by_market(offer.market_id, changes)
        terms = self._usual(row.make, period.market, period.price) | given
        return self._add(row.trim, period.market, period.validity, period.price, terms)

    def _usual(self, make: str, market: str, price: Decimal) -> dict[str, Any]:
        usual = self._terms(make, market, price)
        return {name: getattr(usual, name) for name in TERMS}

    def _add(self, trim: Trim, market: str, validity: DateRange, price: Decimal, terms: dict[str, Any]) -> Changes:
        self._new.append(Offer(trim=trim, market_id=market, validity=validity, list_price=price, **terms))
        return {f"list_price {market}": (None, price)}


def _by_market(market: str, changes: Changes) -> Changes:
    return {f"{name} {market}": change for name, change in changes.items()}
