"""What the pages of a model and of a trim show, read in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Self
from urllib.parse import urlencode

from django.db.models import Max, Q, QuerySet

from catalog.configuration import Configuration, configure
from catalog.listing.cards import full_name
from catalog.models import Colour, Offer, Option, OptionPrice, StockUnit, Trim, VehicleModel
from catalog.nearby import DealershipStock, stock_by_dealership
from catalog.paints import pick_paint
from catalog.places import Place
from catalog.pricing import PriceBreakdown, PriceLine, build_price
from catalog.specification import SpecGroup, spec_groups

DEALERSHIPS_SHOWN = 4


@dataclass(frozen=True)
class Paint:
    """A colour as a swatch with its surcharge in the market (0 when it costs nothing)."""

    colour: Colour
    surcharge: Decimal
    is_chosen: bool


@dataclass(kw_only=True)
class CarPage:
    """What both pages share: the place they are read from, colours, stock by dealership."""

    place: Place
    paints: list[Paint]
    stock: list[DealershipStock]
    asked_colour: str

    @property
    def currency(self) -> str:
        return self.place.market.currency

    @property
    def paint(self) -> Colour | None:
        return chosen_colour(self.paints)

    @cached_property
    def in_colour(self) -> list[DealershipStock]:
        """Dealerships with their cars in the colour shown, nearest first."""
        colour = self.paint
        spots = [spot.in_colour(colour) for spot in self.stock] if colour else []
        return [spot for spot in spots if spot.groups]

    @property
    def is_colour_asked(self) -> bool:
        """Whether the visitor chose the colour, which narrows the stock to it."""
        return bool(self.paint and self.paint.code == self.asked_colour)

    @property
    def is_narrowed(self) -> bool:
        return self.is_colour_asked and bool(self.in_colour)

    @property
    def spots(self) -> list[DealershipStock]:
        """The stock as listed: in the colour asked for, or all where there is none in it."""
        return self.in_colour if self.is_narrowed else self.stock

    @property
    def nearest_spots(self) -> list[DealershipStock]:
        return self.spots[:DEALERSHIPS_SHOWN]

    @property
    def dealerships_left(self) -> int:
        """How many dealerships the short list leaves out."""
        return max(0, len(self.spots) - DEALERSHIPS_SHOWN)

    @property
    def units_total(self) -> int:
        return sum(spot.count for spot in self.spots)

    @property
    def kept_choices(self) -> list[tuple[str, str]]:
        """What links within the page carry on besides the colour."""
        return []

    @property
    def any_colour_query(self) -> str:
        """The address of this page without the colour."""
        return f"?{urlencode(self.kept_choices)}"

    @property
    def everywhere_query(self) -> str:
        """The address of this page with every dealership listed."""
        colour = [("colour", self.asked_colour)] if self.is_colour_asked else []
        return f"?{urlencode([*self.kept_choices, *colour, ('all', '1')])}"


@dataclass(kw_only=True)
class ModelPage(CarPage):
    """A published model with its trims on sale in the visitor's market, cheapest first."""

    model: VehicleModel
    offers: list[Offer]

    @classmethod
    def load(cls, slug: str, *, place: Place, colour_code: str) -> Self | None:
        """None when there is no such model with a published trim."""
        model = VehicleModel.objects.filter(slug=slug, trims__is_published=True).select_related("brand").first()
        if model is None:
            return None
        offers = list(_offers(place).filter(trim__vehicle_model=model))
        stock = read_stock(place, [offer.trim_id for offer in offers])
        return cls(
            model=model,
            place=place,
            offers=offers,
            paints=read_paints(model, place, colour_code, stock),
            stock=stock,
            asked_colour=colour_code,
        )

    @property
    def title(self) -> str:
        return full_name(self.model.brand.label, self.model.label)

    @property
    def from_price(self) -> Decimal | None:
        return self.offers[0].list_price if self.offers else None

    @cached_property
    def specs(self) -> list[SpecGroup]:
        return spec_groups([offer.trim for offer in self.offers])

    @cached_property
    def trims(self) -> list[Trim]:
        return [offer.trim for offer in self.offers]

    @property
    def energies(self) -> list[str]:
        return list(dict.fromkeys(str(trim.get_energy_type_display()) for trim in self.trims))

    @property
    def ranges(self) -> list[tuple[int, str]]:
        """The longest electric range of each test cycle."""
        longest: dict[str, int] = {}
        for trim in self.trims:
            if trim.electric_range_km:
                longest[trim.range_cycle] = max(longest.get(trim.range_cycle, 0), trim.electric_range_km)
        return [(km, cycle) for cycle, km in sorted(longest.items())]

    @property
    def power_kw(self) -> int | None:
        return max((trim.power_kw for trim in self.trims if trim.power_kw), default=None)

    @property
    def seats(self) -> str:
        seats = sorted({trim.seats for trim in self.trims})
        return "" if not seats else f"{seats[0]}–{seats[-1]}" if len(seats) > 1 else str(seats[0])


@dataclass(kw_only=True)
class TrimPage(CarPage):
    """One published trim as configured, with its price today and the equal cars in stock."""

    trim: Trim
    offer: Offer | None
    configuration: Configuration
    price: PriceBreakdown | None
    siblings: list[Offer]
    is_one_trim = True

    @classmethod
    def load(cls, slug: str, code: str, *, place: Place, colour_code: str, option_codes: set[str]) -> Self | None:
        """None when there is no such published trim; unknown colours and options are left out."""
        trim = _find_trim(slug, code)
        if trim is None:
            return None
        siblings = list(_offers(place).filter(trim__vehicle_model=trim.vehicle_model_id))
        offer = next((offer for offer in siblings if offer.trim_id == trim.pk), None)
        stock = read_stock(place, [trim.pk] if offer else [])
        paints = read_paints(trim.vehicle_model, place, colour_code or first_colour_code(stock), stock)
        configuration = configure(_options(trim), option_codes, _option_prices(trim, place))
        price = None
        if offer:
            price = build_price(offer=offer, colour=chosen_colour(paints), options=configuration.chosen, on=place.today)
        return cls(
            trim=trim,
            place=place,
            offer=offer,
            paints=paints,
            configuration=configuration,
            price=price,
            stock=stock,
            siblings=siblings,
            asked_colour=colour_code,
        )

    @property
    def model(self) -> VehicleModel:
        return self.trim.vehicle_model

    @property
    def title(self) -> str:
        return full_name(self.model.brand.label, self.model.label)

    @cached_property
    def specs(self) -> list[SpecGroup]:
        return spec_groups([self.trim])

    @property
    def contract_lines(self) -> list[PriceLine]:
        return [line for line in self.price.lines if line.in_contract] if self.price else []

    @property
    def fee_lines(self) -> list[PriceLine]:
        return [line for line in self.price.lines if not line.in_contract] if self.price else []

    @property
    def kept_choices(self) -> list[tuple[str, str]]:
        return [("option", option.code) for option in self.configuration.chosen]

    @property
    def reserve_query(self) -> str:
        """What to reserve: any such car in the chosen colour at the nearest dealership that has one; else empty."""
        if not self.in_colour:
            return ""
        return self.in_colour[0].groups[0].reserve_query


def read_paints(model: VehicleModel, place: Place, colour_code: str, stock: list[DealershipStock]) -> list[Paint]:
    """The model's colours with their surcharge in the market; an unknown code chooses the one its card is in."""
    amount = Max("prices__amount", filter=Q(prices__market=place.market.code))
    colours = list(Colour.objects.filter(vehicle_model=model).annotate(surcharge=amount).order_by("id"))
    chosen = next((colour for colour in colours if colour.code == colour_code), None)
    if chosen is None and colours:
        in_stock = {group.colour.pk for spot in stock for group in spot.groups}
        chosen = pick_paint(model.pk, colours, in_stock)
    return [Paint(colour, colour.surcharge or Decimal(0), colour == chosen) for colour in colours]


def read_stock(place: Place, trim_ids: list[int]) -> list[DealershipStock]:
    """Cars of these trims in stock in the visitor's market, nearest dealership first."""
    if not trim_ids:
        return []
    units = StockUnit.objects.on_show(place.market).filter(trim__in=trim_ids)
    return stock_by_dealership(units, city=place.city)


def first_colour_code(stock: list[DealershipStock]) -> str:
    """The colour of the nearest car in stock: what the page opens with, so that the next step is there."""
    return stock[0].groups[0].colour.code if stock else ""


def chosen_colour(paints: list[Paint]) -> Colour | None:
    return next((paint.colour for paint in paints if paint.is_chosen), None)


def _offers(place: Place) -> QuerySet[Offer]:
    """Offers valid today in the visitor's market, cheapest first, with trim and market."""
    offers = Offer.objects.valid(place.market.code, place.today)
    return offers.select_related("trim", "market").order_by("list_price", "trim_id")


def _find_trim(slug: str, code: str) -> Trim | None:
    trims = Trim.objects.filter(code=code, vehicle_model__slug=slug, is_published=True)
    return trims.select_related("vehicle_model__brand").first()


def _options(trim: Trim) -> list[Option]:
    return list(trim.options.prefetch_related("requires", "excludes").order_by("id"))


def _option_prices(trim: Trim, place: Place) -> dict[int, Decimal]:
    """Surcharge by option id in the market, for the options that have one."""
    prices = OptionPrice.objects.filter(option__trims=trim, market=place.market.code)
    return dict(prices.values_list("option_id", "amount"))
