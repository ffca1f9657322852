"""What the pages of a model and of a trim show: each part is read when it is shown, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar, Self

from django.utils.functional import cached_property

from catalog.asked import Asked, address
from catalog.colours import Paint, read_paints
from catalog.configuration import Configuration, configure, read_options
from catalog.lineup import Lineup, Overview, Sibling, offers_on, read_siblings
from catalog.listing.cards import full_name
from catalog.models import Colour, Offer, Option, Photo, Trim, VehicleModel
from catalog.nearby import DealershipStock, StockAsked, StockBoard, StockGroup, read_board, read_central
from catalog.offered import cities_offered, named_cities
from catalog.paints import pick_paint
from catalog.paths import trim_path
from catalog.places import Place
from catalog.pricing import PriceBreakdown, PriceLine, build_price, shown_rules
from catalog.published import find_model, find_offered, read_photos
from catalog.similar import SimilarCars, find_similar
from catalog.specification import SpecGroup, spec_groups
from catalog.stock_rows import render_spot
from o2o_platform.interface.formats import format_money
from o2o_platform.interface.shops import is_in_shop
from o2o_platform.markets.models import City, SalesModel

DEALERSHIPS_SHOWN, GROUPS_SHOWN = 4, 4
DEALERSHIPS_PER_PAGE, GROUPS_LISTED, GROUPS_OF_ONE = 24, 8, 100
PHOTOS_SHOWN = 9
SIBLINGS_SHOWN = 12


@dataclass(kw_only=True)
class CarPage:
    """What both pages share: where they are read from, colours, pictures, stock by dealership."""

    place: Place
    asked: Asked
    model: VehicleModel
    is_one_trim: ClassVar[bool] = False

    @property
    def trim_ids(self) -> Collection[int]:
        """The trims on sale here that the page is about."""
        raise NotImplementedError

    @property
    def default_colour(self) -> Colour | None:
        raise NotImplementedError

    @property
    def kept_choices(self) -> list[tuple[str, object]]:
        """What links within the page carry on besides the colour."""
        raise NotImplementedError

    @cached_property
    def title(self) -> str:
        return full_name(self.model.brand.label, self.model.label)

    @property
    def currency(self) -> str:
        return self.place.market.currency

    @cached_property
    def offered_cities(self) -> list[City] | None:
        """The cities it can be ordered in, all its trims together; None where one is offered everywhere."""
        if not self.place.is_limited or not self.trim_ids:
            return None
        asked = {"model": self.model, "market": self.place.market.code, "on": self.place.today}
        cities = [cities_offered(pk, **asked) for pk in self.trim_ids]
        return None if None in cities else named_cities(frozenset().union(*cities))

    @property
    def is_offered_here(self) -> bool:
        """Whether a car of it can be ordered from the visitor's city."""
        return self.offered_cities is None or self.place.city in self.offered_cities

    @property
    def is_elsewhere(self) -> bool:
        """Whether it can be ordered, but not from where the visitor is."""
        return self.place.is_limited and not self.is_offered_here

    @cached_property
    def _colours(self) -> list[Paint]:
        return read_paints(self.model.pk, self.place, self.trim_ids, with_central=self.is_direct)

    @property
    def is_direct(self) -> bool:
        """Whether it is sold without a dealership, from central stock too."""
        return False

    @cached_property
    def _asked_paint(self) -> Paint | None:
        return next((paint for paint in self._colours if paint.colour.code == self.asked.colour), None)

    @cached_property
    def paint(self) -> Colour | None:
        """The colour the page is shown in."""
        return self._asked_paint.colour if self._asked_paint else self.default_colour

    @property
    def card_colour(self) -> Colour | None:
        """The one the model's card is in."""
        colours = [paint.colour for paint in self._colours]
        return pick_paint(self.model.pk, colours) if colours else None

    @cached_property
    def paints(self) -> list[Paint]:
        return [replace(paint, is_chosen=paint.colour == self.paint) for paint in self._colours]

    @property
    def is_colour_asked(self) -> bool:
        """Whether the visitor chose the colour, which narrows the stock to it."""
        return self._asked_paint is not None

    @property
    def is_narrowed(self) -> bool:
        return bool(self._asked_paint and self._asked_paint.free)

    @cached_property
    def has_stock(self) -> bool:
        return any(paint.free for paint in self._colours)

    @cached_property
    def board(self) -> StockBoard:
        """Dealerships with cars in the colour asked for, or in any where there is none in it."""
        if not self.has_stock:
            return StockBoard()
        asked, is_short = self.asked, not (self.asked.stock_page or self.asked.dealership)
        board = read_board(
            StockAsked(
                place=self.place,
                trim_ids=self.trim_ids,
                colour_id=self._stock_colour,
                dealership_code=asked.dealership,
                skipped=(asked.stock_page - 1) * DEALERSHIPS_PER_PAGE if asked.stock_page else 0,
                dealerships=DEALERSHIPS_SHOWN if is_short else DEALERSHIPS_PER_PAGE,
                groups=GROUPS_SHOWN if is_short else GROUPS_OF_ONE if asked.dealership else GROUPS_LISTED,
                with_units=not is_short,
            )
        )
        for spot in board.spots:
            spot.query = self.link(("at", spot.dealership.code))
            spot.html = render_spot(spot, is_one_trim=self.is_one_trim, currency=self.currency)
        return board

    @property
    def _stock_colour(self) -> int | None:
        return self._asked_paint.colour.pk if self._asked_paint and self.is_narrowed else None

    @cached_property
    def central(self) -> list[StockGroup]:
        """Cars that stand at no dealership, by colour; only where they are sold directly."""
        if not (self.is_direct and self.has_stock) or self.asked.dealership or self.asked.stock_page > 1:
            return []
        return read_central(StockAsked(place=self.place, trim_ids=self.trim_ids, colour_id=self._stock_colour))

    @property
    def stock(self) -> tuple[DealershipStock, ...]:
        """The dealerships shown."""
        return self.board.spots

    @property
    def dealerships_left(self) -> int:
        """How many dealerships the short list leaves out."""
        return 0 if self.asked.dealership else max(0, self.board.places_total - len(self.board.spots))

    @property
    def next_dealerships(self) -> str:
        """The address of the dealerships after these; empty after the last."""
        shown = self.asked.stock_page * DEALERSHIPS_PER_PAGE or DEALERSHIPS_SHOWN
        if self.asked.dealership or not self.board.spots or self.board.places_total <= shown:
            return ""
        return self.link(("all", self.asked.stock_page + 1))

    def link(self, *more: tuple[str, object]) -> str:
        """The address of this page as chosen so far."""
        colour = self.asked.colour if self.is_colour_asked else ""
        return address([*self.kept_choices, ("colour", colour), *more])

    @property
    def any_colour_query(self) -> str:
        """The address of this page without the colour."""
        return address(self.kept_choices)

    @property
    def short_query(self) -> str:
        """The address of this page with the nearest dealerships."""
        return self.link()

    @cached_property
    def photos(self) -> list[Photo]:
        """Photographs, those in the colour shown first."""
        return read_photos(self.model, colour_id=self.paint.pk if self.paint else None, shown=PHOTOS_SHOWN)


@dataclass(kw_only=True)
class ModelPage(CarPage):
    """A published model with its trims on sale in the visitor's market."""

    @classmethod
    def load(cls, slug: str, *, place: Place, asked: Asked) -> Self | None:
        """None when there is no such model with a published trim."""
        model = find_model(slug)
        return cls(place=place, asked=asked, model=model) if model and is_in_shop(model.brand_id) else None

    @cached_property
    def overview(self) -> Overview:
        return Overview.read(self.model.pk, self.place)

    @cached_property
    def lineup(self) -> Lineup:
        colour = self.asked.colour if self.is_colour_asked else ""
        return Lineup.read(self.model, self.place, self.overview, replace(self.asked, colour=colour))

    @property
    def trim_ids(self) -> Collection[int]:
        return self.overview.trim_ids

    @property
    def is_on_sale(self) -> bool:
        return bool(self.overview.rows)

    @property
    def offers(self) -> list[Offer]:
        """The trims shown side by side, as offered."""
        return self.lineup.offers

    @property
    def from_price(self) -> Decimal | None:
        return self.overview.from_price

    @cached_property
    def default_colour(self) -> Colour | None:
        return self.card_colour

    @property
    def kept_choices(self) -> list[tuple[str, object]]:
        return [("year", self.asked.year), ("part", self.asked.part if self.asked.part > 1 else None)]

    @cached_property
    def similar(self) -> SimilarCars | None:
        if self.from_price is None:
            return None
        energies = {row["energy"] for row in self.overview.rows}
        return find_similar(self.model, energies=energies, price=self.from_price, place=self.place)


@dataclass(kw_only=True)
class TrimPage(CarPage):
    """One published trim as configured, with its price today and the equal cars in stock."""

    trim: Trim
    offer: Offer | None
    is_one_trim: ClassVar[bool] = True

    @classmethod
    def load(cls, slug: str, code: str, *, place: Place, asked: Asked) -> Self | None:
        """None when there is no such published trim; unknown colours and options are left out."""
        trim, offer = find_offered(slug, code, place)
        if trim is None or not is_in_shop(trim.vehicle_model.brand_id):
            return None
        return cls(place=place, asked=asked, model=trim.vehicle_model, trim=trim, offer=offer)

    @classmethod
    def of(cls, trim: Trim, *, place: Place, asked: Asked) -> Self:
        offer = offers_on(place).filter(trim=trim.pk).first()
        if offer:
            offer.trim, offer.market = trim, place.market
        return cls(place=place, asked=asked, model=trim.vehicle_model, trim=trim, offer=offer)

    @property
    def trim_ids(self) -> Collection[int]:
        return [self.trim.pk] if self.offer else []

    @property
    def is_direct(self) -> bool:
        return self.offer is not None and self.offer.sales_model == SalesModel.DIRECT

    @property
    def path(self) -> str:
        return trim_path(self.model.slug, self.trim.code)

    @property
    def list_price(self) -> Decimal | None:
        return self.offer.list_price if self.offer else None

    @cached_property
    def configuration(self) -> Configuration:
        return configure(read_options(self.trim, self.place.market.code), self.asked.options)

    @cached_property
    def price(self) -> PriceBreakdown | None:
        """Line by line; what a bundle includes has no line of its own."""
        if self.offer is None:
            return None
        surcharge = next((paint.surcharge for paint in self._colours if paint.colour == self.paint), None)
        return build_price(
            offer=self.offer,
            colour=self.paint,
            surcharge=surcharge,
            options=self.configuration.chosen,
            on=self.place.today,
            rules=shown_rules(self.place.market.code, self.place.today),
        )

    @property
    def default_colour(self) -> Colour | None:
        """The colour of the nearest car in stock, so that the next step is there; else that of the model's card."""
        if self.central or self.board.spots:
            nearest = (self.central or self.board.spots[0].groups)[0].colour
            return next((paint.colour for paint in self._colours if paint.colour.pk == nearest.pk), None)
        return self.card_colour

    @cached_property
    def nearest(self) -> DealershipStock | None:
        """The nearest dealership shown that has the car in the colour chosen."""
        spot = next(iter(self.board.spots), None)
        return spot if spot and self.paint and spot.groups[0].colour.pk == self.paint.pk else None

    @property
    def reserve_query(self) -> str:
        """What to reserve: any such car in the chosen colour, central or at the nearest dealership; else empty."""
        paint = self.paint.pk if self.paint else None
        central = next((group for group in self.central if group.colour.pk == paint), None)
        if central:
            return central.reserve_query
        return self.nearest.groups[0].reserve_query if self.nearest else ""

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
    def kept_choices(self) -> list[tuple[str, object]]:
        return [*self._options(self.configuration.chosen), *self.asked.others]

    def choose(self, options: Iterable[Option]) -> str:
        """The address of this page with other options."""
        colour = ("colour", self.paint.code if self.paint else "")
        return address([colour, *self._options(options), *self.asked.others])

    @property
    def choices(self) -> list[dict[str, object]]:
        """Options with the addresses of their repairs, which a template cannot ask for with arguments."""
        return [
            {"choice": choice, "repair_query": self.choose(choice.repair.options) if choice.repair else ""}
            for choice in self.configuration.choices
        ]

    @property
    def bundle_offers(self) -> list[dict[str, str]]:
        return [
            {
                "label": offer.bundle.label,
                "saving": format_money(offer.saving, currency=self.currency),
                "query": self.choose(offer.options),
            }
            for offer in self.configuration.offers
        ]

    @cached_property
    def siblings(self) -> list[Sibling]:
        """Other trims of the same year on sale here, cheapest first."""
        return read_siblings(self.trim, self.place, shown=SIBLINGS_SHOWN)

    @cached_property
    def similar(self) -> SimilarCars | None:
        if self.offer is None:
            return None
        energies = {self.trim.energy_type}
        return find_similar(self.model, energies=energies, price=self.offer.list_price, place=self.place)

    @staticmethod
    def _options(options: Iterable[Option]) -> list[tuple[str, object]]:
        return [("option", option.code) for option in options]
