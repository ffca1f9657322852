"""The page on which cars are compared, read in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self
from urllib.parse import urlencode

from django.db.models import Count, F, Q
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.comparison import Cell, Row, RowGroup, colour_row, figure_groups, option_group, price_rows
from catalog.listing.cards import full_name
from catalog.models import Colour, Offer, Option, StockUnit, Trim
from catalog.paints import pick_paint
from catalog.places import Place
from catalog.pricing import PriceBreakdown, build_price, rules_on
from o2o_platform.interface.shops import shop_brand

MOST_CARS = 4
MOST_CODES = 12
CODE_LENGTH = 120
UNKNOWN_SHOWN = 5


@dataclass(frozen=True)
class Choice:
    """The trim codes of an address in its order, each once, and what else it asks."""

    codes: tuple[str, ...]
    only_differences: bool = False
    swap: str = ""
    words: str = ""

    @classmethod
    def read(cls, parameters: QueryDict) -> Self:
        codes = [code.strip()[:CODE_LENGTH] for code in parameters.getlist("trim")[:MOST_CODES]]
        codes = list(dict.fromkeys(filter(None, codes)))
        words = " ".join(parameters.get("q", "")[:80].split())
        swap = parameters.get("swap", "")
        return cls(tuple(codes), "diff" in parameters, swap if swap in codes else "", words)


@dataclass
class Stock:
    """How many cars of a trim can be had, here and anywhere."""

    here: int = 0
    total: int = 0


@dataclass(frozen=True)
class ComparedCar:
    """One column: a trim with its price today (None: not on sale here), paint and stock."""

    trim: Trim
    offer: Offer | None
    price: PriceBreakdown | None
    colours: tuple[Colour, ...]
    stock: Stock
    city: str

    @property
    def paint(self) -> Colour | None:
        """What it is drawn in: the paint of its model's card."""
        return pick_paint(self.trim.vehicle_model_id, self.colours) if self.colours else None

    @property
    def title(self) -> str:
        model = self.trim.vehicle_model
        return full_name(model.brand.label, model.label)

    @property
    def label(self) -> str:
        return f"{self.title} {self.trim.label}"

    @property
    def is_near(self) -> bool:
        return bool(self.offer and (self.stock.here or (not self.city and self.stock.total)))

    @property
    def stock_text(self) -> str:
        if self.offer is None:
            return _("Not on sale here")
        here, total = self.stock.here, self.stock.total
        if here:
            text = ngettext("%(count)s in stock in %(city)s", "%(count)s in stock in %(city)s", here)
            return text % {"count": here, "city": self.city}
        if not total:
            return _("To order")
        if self.city:
            return _("In stock in other cities")
        return ngettext("%(count)s in stock", "%(count)s in stock", total) % {"count": total}


@dataclass(frozen=True)
class ComparePage:
    """The cars asked for, as many as can stand side by side, and what was left out."""

    place: Place
    choice: Choice
    cars: tuple[ComparedCar, ...]
    groups: tuple[RowGroup, ...]
    unknown: tuple[str, ...]
    too_many: int

    @classmethod
    def load(cls, choice: Choice, *, place: Place) -> Self:
        found = {trim.code: trim for trim in _published(choice.codes)}
        known = [found[code] for code in choice.codes if code in found]
        trims = known[:MOST_CARS]
        cars = load_cars(trims, place) if trims else ()
        return cls(
            place=place,
            choice=choice,
            cars=cars,
            groups=_load_groups(cars, place) if len(cars) > 1 else (),
            unknown=tuple(code for code in choice.codes if code not in found),
            too_many=len(known) - len(trims),
        )

    @property
    def codes(self) -> list[str]:
        return [car.trim.code for car in self.cars]

    @property
    def unknown_shown(self) -> str:
        return ", ".join(self.unknown[:UNKNOWN_SHOWN])

    @property
    def can_add(self) -> bool:
        return len(self.cars) < MOST_CARS

    @property
    def query(self) -> str:
        """The canonical address: known cars in their order, and whether differences alone are shown."""
        return self._query(self.codes)

    @cached_property
    def columns(self) -> list[tuple[ComparedCar, str]]:
        """The cars, each with the address without it."""
        return [(car, self._query(code for code in self.codes if code != car.trim.code)) for car in self.cars]

    @property
    def swapped(self) -> ComparedCar | None:
        """The car another is being looked for."""
        return next((car for car in self.cars if car.trim.code == self.choice.swap), None)

    def query_with(self, code: str) -> str:
        """The address with a car added, or put in the place of the one to be swapped."""
        if self.swapped:
            return self._query(code if own == self.choice.swap else own for own in self.codes)
        return self._query([*self.codes, code])

    @property
    def differs(self) -> bool:
        return any(not group.is_equal for group in self.groups)

    def _query(self, codes: Iterable[str]) -> str:
        pairs = [("trim", code) for code in codes]
        return f"?{urlencode([*pairs, ('diff', '1')] if self.choice.only_differences else pairs)}"


@dataclass(frozen=True)
class Candidate:
    """A car found to stand beside the others."""

    label: str
    list_price: Decimal
    query: str


def find_candidates(page: ComparePage, trim_prices: Sequence[tuple[int, Decimal]]) -> list[Candidate]:
    """The trims found, by id and list price in their order, as cars to add; those compared already are left out."""
    prices = dict(trim_prices)
    trims = Trim.objects.filter(pk__in=prices).select_related("vehicle_model__brand").in_bulk()
    found = [trims[pk] for pk in prices if pk in trims and trims[pk].code not in page.codes]
    return [
        Candidate(
            f"{full_name(trim.vehicle_model.brand.label, trim.vehicle_model.label)} {trim.label}",
            prices[trim.pk],
            page.query_with(trim.code),
        )
        for trim in found
    ]


def _published(codes: Sequence[str]) -> Iterable[Trim]:
    if not codes:
        return ()
    trims = Trim.objects.filter(code__in=codes, is_published=True).select_related("vehicle_model__brand")
    brand = shop_brand()
    return trims if brand is None else trims.filter(vehicle_model__brand=brand)


def load_cars(trims: Sequence[Trim], place: Place) -> tuple[ComparedCar, ...]:
    """Trims, fetched with model and brand, as they are to be had in a place; four queries."""
    offers = Offer.objects.valid(place.market.code, place.today).filter(trim__in=trims)
    by_trim = {offer.trim_id: offer for offer in offers.select_related("trim", "market")}
    rules = rules_on(place.market.code, place.today)
    stock, palettes = _read_stock(trims, place), _read_palettes(trims)
    cars = []
    for trim in trims:
        offer = by_trim.get(trim.pk)
        cars.append(
            ComparedCar(
                trim=trim,
                offer=offer,
                price=build_price(offer=offer, on=place.today, rules=rules) if offer else None,
                colours=tuple(palettes[trim.vehicle_model_id]),
                stock=stock[trim.pk],
                city=place.city.label if place.city else "",
            )
        )
    return tuple(cars)


def _load_groups(cars: Sequence[ComparedCar], place: Place) -> tuple[RowGroup, ...]:
    trims, currency = [car.trim for car in cars], place.market.currency
    stock = Row(_("Stock"), tuple(Cell(car.stock_text, is_good=car.is_near) for car in cars))
    colours = colour_row([car.colours for car in cars])
    groups = [
        RowGroup(_("Price and stock"), (*price_rows([car.price for car in cars], currency=currency), stock)),
        *figure_groups(trims),
        RowGroup(_("Paint"), (colours,)),
        option_group(trims, _option_prices(trims, place), currency=currency),
    ]
    return tuple(group for group in groups if group)


def _read_stock(trims: Sequence[Trim], place: Place) -> dict[int, Stock]:
    """Available cars by trim in the market, central stock included; one query."""
    rows = (
        StockUnit.objects.available()
        .filter(Q(dealership=None) | Q(dealership__is_active=True), market=place.market.code, trim__in=trims)
        .order_by()
        .values_list("trim_id", "dealership__city_id")
        .annotate(units=Count("pk"))
    )
    stock: dict[int, Stock] = defaultdict(Stock)
    for trim_id, city_id, units in rows:
        own = stock[trim_id]
        own.total += units
        if place.city and city_id == place.city.pk:
            own.here += units
    return stock


def _read_palettes(trims: Sequence[Trim]) -> dict[int, list[Colour]]:
    palettes: dict[int, list[Colour]] = defaultdict(list)
    for colour in Colour.objects.filter(vehicle_model__in={trim.vehicle_model_id for trim in trims}).order_by("id"):
        palettes[colour.vehicle_model_id].append(colour)
    return palettes


def _option_prices(trims: Sequence[Trim], place: Place) -> dict[tuple[int, int], tuple[Option, Decimal]]:
    """Options of the trims with their price in the market, by trim and option id; one query."""
    links = Trim.options.through.objects.filter(trim__in=trims, option__prices__market=place.market.code)
    links = links.select_related("option").annotate(amount=F("option__prices__amount"))
    return {(link.trim_id, link.option_id): (link.option, link.amount) for link in links}
