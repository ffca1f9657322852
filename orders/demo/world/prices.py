"""Who sells which car in Europe, at what price and for what deposit, since `SWITCHED_ON`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateRange

from catalog.imports.vehicles import VehicleImporter
from catalog.models import ColourPrice, Offer, Trim
from o2o_platform.imports.engine import import_file
from o2o_platform.markets.models import DepositKind, Market, SalesModel

from ..catalogue import refuse_errors, seed_colours

EUROPE = Path(settings.BASE_DIR) / "catalog" / "data" / "demo" / "europe.csv"
SWITCHED_ON = dt.date(2025, 1, 1)
# Rounded; only colours cost extra in the demonstration, and złoty prices follow those in euros.
ZLOTY = Decimal(4)


@dataclass(frozen=True, slots=True)
class Selling:
    """How a model is sold in a market; the fee is a share of the list price, paid to who hands an agency car over."""

    market: str
    models: tuple[str, ...]
    sales_model: SalesModel
    deposit_kind: DepositKind
    deposit: int
    cooling_hours: int
    fee_share: Decimal = Decimal(0)

    def fee(self, price: Decimal) -> Decimal:
        return (price * self.fee_share / 10).quantize(Decimal(1)) * 10


MERCEDES = (
    "mercedes-benz-a-class-w176",
    "mercedes-benz-c-class-w205",
    "mercedes-benz-cla-c117",
    "mercedes-benz-gla-x156",
    "mercedes-benz-s-class-w222",
)
BMW_OF_DEALERS = ("bmw-3-series-f30", "bmw-x3-f25", "bmw-i8-i12")
BMW_DIRECT = ("bmw-i3-i01",)
SELLING = (
    Selling("DE", MERCEDES, SalesModel.AGENCY, DepositKind.REFUNDABLE, 1_000, 168, Decimal("0.06")),
    Selling("PL", MERCEDES, SalesModel.DEALER, DepositKind.EARNEST, 4_000, 48),
    Selling("DE", BMW_DIRECT, SalesModel.DIRECT, DepositKind.REFUNDABLE, 1_000, 72),
    Selling("DE", BMW_OF_DEALERS, SalesModel.DEALER, DepositKind.REFUNDABLE, 500, 72),
    Selling("PL", BMW_OF_DEALERS, SalesModel.DEALER, DepositKind.REFUNDABLE, 2_000, 72),
)
# EUR and PLN; prices of 2014, approximate, those in PLN made up in proportion.
PRICES = {
    "mercedes-benz-a-class-w176-2013-a-180": (23_979, 98_900),
    "mercedes-benz-a-class-w176-2013-a-45-amg-4matic": (49_682, 209_900),
    "mercedes-benz-c-class-w205-2014-c-180": (33_558, 137_500),
    "mercedes-benz-c-class-w205-2014-c-220-bluetec": (38_675, 158_900),
    "mercedes-benz-cla-c117-2014-cla-200": (31_862, 127_900),
    "mercedes-benz-cla-c117-2014-cla-45-amg-4matic": (56_079, 239_000),
    "mercedes-benz-gla-x156-2015-gla-200-dynamic": (29_304, 124_500),
    "mercedes-benz-s-class-w222-2014-s-350-bluetec": (79_790, 349_000),
    "bmw-3-series-f30-2014-320i": (35_350, 139_900),
    "bmw-3-series-f30-2014-320d": (37_450, 148_900),
    "bmw-i3-i01-2014-bev-60-ah": (34_950, None),
    "bmw-i3-i01-2014-range-extender-60-ah": (39_450, None),
    "bmw-i8-i12-2014-coupe": (126_000, 585_000),
    "bmw-x3-f25-2014-xdrive20d": (43_400, 178_900),
}
MARKETS = ("DE", "PL")


def seed_prices() -> None:
    """Cars and prices of Germany and Poland; what was switched before stays as it is."""
    import_file(EUROPE, VehicleImporter(on=SWITCHED_ON), report=refuse_errors, strict=True)
    seed_colours()
    _seed_colour_prices()
    Market.objects.filter(pk__in=MARKETS, is_open=False).update(is_open=True)
    for selling in SELLING:
        trims = Trim.objects.filter(vehicle_model__slug__in=selling.models).order_by("code")
        for trim in trims.prefetch_related("offers"):
            _switch(trim, selling)


def _seed_colour_prices() -> None:
    german = ColourPrice.objects.filter(market="DE")
    ColourPrice.objects.bulk_create(
        [ColourPrice(colour_id=each.colour_id, market_id="PL", amount=each.amount * ZLOTY) for each in german],
        ignore_conflicts=True,
    )


def _switch(trim: Trim, selling: Selling) -> None:
    """End the offer in force and begin the one the world needs, unless that was done before."""
    offers = [offer for offer in trim.offers.all() if offer.market_id == selling.market]
    price = PRICES.get(trim.code, (None, None))[MARKETS.index(selling.market)]
    if price is None or any(offer.validity.lower == SWITCHED_ON for offer in offers):
        return
    before = next((offer for offer in offers if SWITCHED_ON in offer.validity), None)
    until = None
    if before is not None:
        until = before.validity.upper
        before.validity = DateRange(before.validity.lower, SWITCHED_ON, "[)")
        before.save()
    list_price = Decimal(price if before is None else before.list_price)
    Offer.objects.create(
        trim=trim,
        market_id=selling.market,
        validity=DateRange(SWITCHED_ON, until, "[)"),
        list_price=list_price,
        sales_model=selling.sales_model,
        deposit_kind=selling.deposit_kind,
        deposit_amount=min(Decimal(selling.deposit), list_price / 5),
        cooling_hours=selling.cooling_hours,
        handover_fee=selling.fee(list_price),
    )
