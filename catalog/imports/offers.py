"""Prices out of a table, as dated offers: a new price never rewrites the old period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_UP, Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from o2o_platform.imports.changes import apply_changes
from o2o_platform.markets.models import DepositKind, SalesModel

from ..models import Offer, Trim

_TERMS = ("sales_model", "deposit_kind", "deposit_amount", "cooling_hours")

PricedTrim = tuple[Trim, str, dict[str, Decimal], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """Who sells and what deposit is asked, in the market's currency."""

    sales_model: str
    deposit_kind: str
    deposit_amount: Decimal
    cooling_hours: int = 72


def usual_terms(make: str, market: str, price: Decimal) -> OfferTerms:
    """A dealer sale with a refundable deposit of one percent, rounded up to the hundred."""
    deposit = (price / 10_000).quantize(Decimal(1), ROUND_UP) * 100
    return OfferTerms(SalesModel.DEALER, DepositKind.REFUNDABLE, min(deposit, price))


class OfferWriter:
    """Makes the offers in force on a date say what a table says."""

    def __init__(self, *, on: dt.date, terms: Callable[[str, str, Decimal], OfferTerms]) -> None:
        self._on, self._terms = on, terms

    def save(self, rows: Sequence[PricedTrim]) -> set[int]:
        """Write the prices by market of each trim (with its make and the row); ids of trims whose offers changed."""
        current, later = self._load([trim for trim, *_ in rows])
        changed, updated, new = set(), [], []
        for trim, make, prices, values in rows:
            given = {name: values[name] for name in _TERMS if values.get(name) not in (None, "")}
            for market, price in prices.items():
                offer = current.get((trim.pk, market))
                if offer is None:
                    terms = asdict(self._terms(make, market, price)) | given
                    validity = DateRange(self._on, later.get((trim.pk, market)), "[)")
                    new.append(Offer(trim=trim, market_id=market, validity=validity, list_price=price, **terms))
                else:
                    wrote = self._revise(offer, {"list_price": price, **given}, updated, new)
                    if not wrote:
                        continue
                changed.add(trim.pk)
        self._write(updated, new)
        return changed

    def _load(self, trims: Iterable[Trim]) -> tuple[dict[tuple[int, str], Offer], dict[tuple[int, str], dt.date]]:
        """Offers in force on the date, and where there is none perhaps the day the next begins."""
        current, later = {}, {}
        offers = Offer.objects.filter(trim__in=list(trims)).exclude(validity__fully_lt=DateRange(self._on, None, "[)"))
        for offer in offers.order_by("-validity"):
            key = (offer.trim_id, offer.market_id)
            if offer.validity.lower is not None and offer.validity.lower > self._on:
                later[key] = offer.validity.lower
            else:
                current[key] = offer
        return current, later

    def _revise(self, offer: Offer, fields: dict[str, Any], updated: list[Offer], new: list[Offer]) -> bool:
        """Whether the offer changes: in place when it begins that day, else it ends and another begins."""
        before = {name: getattr(offer, name) for name in ("list_price", *_TERMS)}
        if not apply_changes(offer, fields):
            return False
        updated.append(offer)
        if offer.validity.lower != self._on:
            until = offer.validity.upper
            new.append(
                Offer(
                    trim_id=offer.trim_id,
                    market_id=offer.market_id,
                    validity=DateRange(self._on, until, "[)"),
                    **(before | fields),
                )
            )
            apply_changes(offer, before | {"validity": DateRange(offer.validity.lower, self._on, "[)")})
        return True

    def _write(self, updated: list[Offer], new: list[Offer]) -> None:
        if updated:
            Offer.objects.bulk_update(updated, ["validity", "list_price", *_TERMS])
        Offer.objects.bulk_create(new)
