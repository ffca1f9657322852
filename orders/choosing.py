"""What a buyer is about to reserve, read anew for every page and every submit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from heapq import nsmallest
from typing import Any, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from catalog.models import Availability, Colour, Offer, Stage, StockUnit, Trim
from catalog.pricing import PriceBreakdown, PriceLine, build_price
from dealers.models import Dealership
from o2o_platform.documents.services import maker_name
from o2o_platform.markets.distance import distance_km
from o2o_platform.markets.models import SalesModel

from .festival.entering import Entry, campaign_id_of, entries_for, find_entry
from .law_page import SaleLaw, Wording
from .models import Terms
from .services.conditions import deposit_asked

LONGEST_CODE = 120
IN_STORE = Q(stage=Stage.IN_STORE)
NAMES = ("unit", "trim", "colour", "dealership", "campaign")


@dataclass(frozen=True, slots=True)
class Choice:
    """One car by number, or any car of a trim (and colour, and dealership) by code or number; in a campaign or not."""

    unit: str = ""
    trim: str = ""
    colour: str = ""
    dealership: str = ""
    campaign: str = ""

    @classmethod
    def read(cls, source: Mapping[str, Any]) -> Self | None:
        """The choice in a query, a form or a session; None when there is none."""
        values = {name: str(source.get(name, "")).strip()[:LONGEST_CODE] for name in NAMES}
        return cls(**values) if values["unit"] or values["trim"] else None

    @property
    def values(self) -> dict[str, str]:
        return {name: value for name in NAMES if (value := getattr(self, name))}

    @property
    def url(self) -> str:
        return f"{reverse('orders:reserve')}?{urlencode(self.values)}"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A free car instead of one that is gone, and how far it is from there in km (None when it was nowhere)."""

    unit: StockUnit
    distance_km: float | None


@dataclass(frozen=True, slots=True)
class OfferedEntry:
    """A campaign the car could be reserved in, its contract price there and the way to it."""

    entry: Entry
    total: Decimal
    url: str


@dataclass
class Reservation(SaleLaw):
    """The car as it would be ordered this moment: price, deposit, terms, deadlines.

    `unit` is the car itself or, when any of a colour will do, the one that would be taken now.
    """

    choice: Choice
    trim: Trim
    unit: StockUnit | None
    colour: Colour | None
    dealership: Dealership | None
    # Where the visitor is; counts when neither car nor dealership says it.
    market: str = field(default="", kw_only=True)

    @classmethod
    def load(cls, choice: Choice, *, market: str = "") -> Self | None:
        """None when there is no such car or trim. Of several markets' cars that fit, those of `market` are in front."""
        if choice.unit:
            unit = _units().filter(pk=number_in(choice.unit)).first()
            if unit is None:
                return None
            return cls(choice, unit.trim, unit, unit.colour, unit.dealership)
        trim = Trim.objects.filter(is_named(choice.trim)).select_related("vehicle_model__brand").first()
        if trim is None:
            return None
        colour = _one_of(Colour.objects.filter(vehicle_model=trim.vehicle_model_id), choice.colour)
        dealership = _one_of(Dealership.objects.select_related("city"), choice.dealership)
        if (choice.colour and not colour) or (choice.dealership and not dealership):
            return None
        unit = _first_free(trim, colour, dealership, market=market)
        if unit is not None:
            colour, dealership = unit.colour, unit.dealership
        return cls(choice, trim, unit, colour, dealership, market=market)

    @property
    def url(self) -> str:
        """Where the buyer comes back to after signing in."""
        return self.choice.url

    @property
    def action(self) -> str:
        """Where the form goes."""
        return reverse("orders:reserve")

    @property
    def seller_label(self) -> str:
        """Who would sell: the dealership, or the maker's company itself."""
        if self.offer.sales_model == SalesModel.DEALER:
            return self.dealership.label
        return maker_name(brand=self.trim.vehicle_model.brand, market=self.offer.market_id)

    @property
    def is_exact(self) -> bool:
        """Whether one car is meant, by number, or any of the colour at the dealership."""
        return not (self.choice.trim and self.choice.colour and self.choice.dealership)

    @property
    def fields(self) -> dict[str, str]:
        """What the form sends back, besides the campaign; a car found for an open choice is named."""
        if self.unit and self.is_exact:
            return {"unit": str(self.unit.pk)}
        return replace(self.choice, campaign="").values

    @property
    def order_arguments(self) -> Mapping[str, Any]:
        """The car as `place_order` wants it named; empty when there is none to name."""
        if self.unit and self.is_exact:
            return {"unit_id": self.unit.pk}
        if self.colour is None or self.dealership is None:
            return {}
        return {"trim_id": self.trim.pk, "colour_id": self.colour.pk, "dealership_id": self.dealership.pk}

    @property
    def is_taken(self) -> bool:
        return self.unit is None or self.unit.availability != Availability.AVAILABLE

    @property
    def is_on_sale(self) -> bool:
        """Whether there is a price, terms and a dealership to sell it, taken or not."""
        is_placed = self.is_direct or (self.dealership is not None and self.dealership.is_active)
        return bool(self.price and self.terms and is_placed)

    @property
    def is_direct(self) -> bool:
        """Sold without a dealership, wherever the car stands."""
        return self.offer is not None and self.offer.sales_model == SalesModel.DIRECT

    @property
    def zone(self) -> ZoneInfo:
        """The clock its times are told by."""
        if self.dealership is None or self.is_direct:
            return self.unit.market.zone if self.unit else timezone.get_default_timezone()
        return self.dealership.zone

    @property
    def market_code(self) -> str:
        if self.unit:
            return self.unit.market_id
        return self.dealership.market_id if self.dealership else self.market or settings.DEFAULT_MARKET

    @cached_property
    def offer(self) -> Offer | None:
        if self.unit is None:
            return None
        today = timezone.now().astimezone(self.unit.market.zone).date()
        offer = Offer.objects.valid(self.unit.market_id, today).filter(trim=self.trim.pk).first()
        if offer:
            offer.trim, offer.market = self.trim, self.unit.market
        return offer

    @cached_property
    def price(self) -> PriceBreakdown | None:
        """What the buyer pays: in the campaign they came from, while it has a place for them."""
        if self.offer is None:
            return None
        price = self.usual_price
        return self.entry.price(price, offer=self.offer) if price and self.entry else price

    @cached_property
    def usual_price(self) -> PriceBreakdown | None:
        """The price outside of campaigns."""
        if self.unit is None or self.offer is None:
            return None
        today = timezone.now().astimezone(self.unit.market.zone).date()
        return build_price(
            offer=self.offer,
            on=today,
            colour=self.unit.colour,
            options=self.unit.options.all(),
            discount=self.unit.discount,
        )

    @cached_property
    def entry(self) -> Entry | None:
        """The campaign the buyer came from, while it has a place for this car."""
        if self.unit is None or not self.choice.campaign:
            return None
        return find_entry(self.choice.campaign, market=self.unit.market, trim_id=self.trim.pk)

    @property
    def campaign_id(self) -> int | None:
        """For the order, which says itself why a campaign is not to be had."""
        return campaign_id_of(self.choice.campaign)

    @cached_property
    def offered_entries(self) -> list[OfferedEntry]:
        """Campaigns this car could be had in instead, with the price there."""
        if self.unit is None or self.offer is None or self.usual_price is None or self.entry:
            return []
        return [
            OfferedEntry(
                entry,
                entry.price(self.usual_price, offer=self.offer).contract_total,
                replace(self.choice, campaign=entry.slug).url,
            )
            for entry in entries_for(self.unit.market, self.trim.pk)
        ]

    @property
    def contract_lines(self) -> list[PriceLine]:
        return [line for line in self.price.lines if line.in_contract] if self.price else []

    @property
    def fee_lines(self) -> list[PriceLine]:
        return [line for line in self.price.lines if line.is_fee] if self.price else []

    @property
    def included_lines(self) -> list[PriceLine]:
        return list(self.price.included) if self.price else []

    @cached_property
    def terms(self) -> Terms | None:
        try:
            return Terms.objects.in_force(self.market_code, brand_id=self.trim.vehicle_model.brand_id)
        except Terms.DoesNotExist:
            return None

    @property
    def terms_text(self) -> Wording:
        return Wording.of(self.terms.text, self.terms.market_id) if self.terms else Wording()

    @property
    def deposit(self) -> Decimal | None:
        return deposit_asked(self.offer, self.price.contract_total) if self.offer and self.price else None

    @property
    def hold_minutes(self) -> int:
        return int(settings.HOLD_MINUTES)

    def find_alternatives(self, *, limit: int = 4) -> list[Alternative]:
        """Free cars of the trim: the same colour nearest first, then other colours; one per dealership and colour."""
        rows = (
            _sellable(self.trim)
            .filter(market=self.market_code)
            .order_by("dealership_id", "colour_id", "pk")
            .distinct("dealership_id", "colour_id")
            .values_list("pk", "colour_id", "dealership__latitude", "dealership__longitude")
        )
        here = self.dealership
        ranked = nsmallest(
            limit,
            (
                (
                    colour_id != getattr(self.colour, "pk", None),
                    distance_km(here.latitude, here.longitude, latitude, longitude) if here and latitude else 0.0,
                    pk,
                )
                for pk, colour_id, latitude, longitude in rows
                if pk != getattr(self.unit, "pk", None)
            ),
        )
        units = _units().in_bulk([pk for _other, _km, pk in ranked])
        found = [(units[pk], km) for _other, km, pk in ranked if pk in units]
        return [Alternative(unit, km if here and unit.dealership else None) for unit, km in found]


def _units() -> QuerySet[StockUnit]:
    return StockUnit.objects.select_related(
        "trim__vehicle_model__brand", "colour", "dealership__city", "market"
    ).prefetch_related("options")


def _sellable(trim: Trim, units: QuerySet[StockUnit] | None = None) -> QuerySet[StockUnit]:
    """Free cars of the trim where they may be sold: at open dealerships, or in its direct markets anywhere."""
    today = timezone.localdate()
    direct = Offer.objects.filter(
        trim=trim.pk, market=OuterRef("market"), sales_model=SalesModel.DIRECT, validity__contains=today
    )
    free = (StockUnit.objects.all() if units is None else units).available().filter(trim=trim.pk)
    return free.filter(Q(dealership__is_active=True) | Exists(direct))


def _first_free(trim: Trim, colour: Colour | None, dealership: Dealership | None, *, market: str) -> StockUnit | None:
    """The free car that fits, one of the market, and then one in store, before others."""
    units = _sellable(trim, _units())
    if colour:
        units = units.filter(colour=colour)
    if dealership:
        units = units.filter(dealership=dealership)
    here, in_store = (Case(When(condition, then=0), default=1) for condition in (Q(market=market), IN_STORE))
    return units.order_by(here, in_store, "pk").first()


def _one_of(rows: QuerySet[Any], text: str) -> Any:
    return rows.filter(is_named(text)).first() if text else None


def is_named(text: str) -> Q:
    """By code, or by number."""
    return Q(code=text) | Q(pk=number_in(text))


def number_in(text: str) -> int:
    """A row's number, or 0 for anything that can't be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
