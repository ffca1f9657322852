"""The trims of a model side by side: one model year at a time, a screenful of columns at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    Aggregate,
    Case,
    Count,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    When,
)
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.asked import Asked, address
from catalog.models import EnergyType, Offer, Stage, StockUnit, VehicleModel
from catalog.nearby import STAGES
from catalog.places import Place
from catalog.specification import SpecGroup, SpecRow, spec_groups
from o2o_platform.interface.formats import format_money

COLUMNS = 8
SOONEST = Case(*(When(stage=stage, then=place) for place, stage in enumerate(STAGES)))


@dataclass(frozen=True)
class Tab:
    """A way to another part of the table."""

    label: str
    count: int
    query: str
    is_current: bool


@dataclass(frozen=True)
class Head:
    """The top of a column."""

    label: str
    price: str
    url: str


@dataclass(frozen=True)
class Overview:
    """What all trims of a model on sale have between them, from one row per year, energy and test cycle."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, model_id: int, place: Place) -> Overview:
        offers = offers_on(place).filter(trim__vehicle_model=model_id).order_by()
        grouped = offers.values(year=F("trim__model_year"), energy=F("trim__energy_type"), cycle=F("trim__range_cycle"))
        return cls(
            list(
                grouped.annotate(
                    trims=Count("pk"),
                    trim_ids=ArrayAgg("trim_id"),
                    low=Min("list_price"),
                    high=Max("list_price"),
                    range_km=Max("trim__electric_range_km"),
                    power_kw=Max("trim__power_kw"),
                    seats_from=Min("trim__seats"),
                    seats_to=Max("trim__seats"),
                )
            )
        )

    @cached_property
    def trim_ids(self) -> list[int]:
        return [trim_id for row in self.rows for trim_id in row["trim_ids"]]

    @property
    def from_price(self) -> Decimal | None:
        return min((row["low"] for row in self.rows), default=None)

    @property
    def to_price(self) -> Decimal | None:
        return max((row["high"] for row in self.rows), default=None)

    @cached_property
    def years(self) -> dict[int, int]:
        """Trims by model year, newest first."""
        years: Counter[int] = Counter()
        for row in self.rows:
            years[row["year"]] += row["trims"]
        return dict(sorted(years.items(), reverse=True))

    @property
    def energies(self) -> list[str]:
        found = {row["energy"] for row in self.rows}
        return [str(energy.label) for energy in EnergyType if energy in found]

    @property
    def ranges(self) -> list[tuple[int, str]]:
        """The longest electric range of each test cycle."""
        longest: dict[str, int] = {}
        for row in self.rows:
            if row["range_km"]:
                longest[row["cycle"]] = max(longest.get(row["cycle"], 0), row["range_km"])
        return [(km, cycle) for cycle, km in sorted(longest.items())]

    @property
    def power_kw(self) -> int | None:
        return max((row["power_kw"] for row in self.rows if row["power_kw"]), default=None)

    @property
    def seats(self) -> str:
        if not self.rows:
            return ""
        low, high = min(row["seats_from"] for row in self.rows), max(row["seats_to"] for row in self.rows)
        return str(low) if low == high else f"{low}–{high}"


@dataclass(frozen=True)
class Lineup:
    """The columns shown, and the ways to the others: by year where not all trims fit, in parts within a year."""

    model: VehicleModel
    place: Place
    offers: list[Offer]
    years: list[Tab]
    parts: list[Tab]
    colour: str

    @classmethod
    def read(cls, model: VehicleModel, place: Place, overview: Overview, asked: Asked) -> Lineup:
        """The trims asked for, newest year first, cheapest first within it. One query."""
        year = _year_shown(overview, asked)
        count = overview.years.get(year, 0) if year else len(overview.trim_ids)
        part = min(asked.part, max(1, -(-count // COLUMNS)))
        offers = offers_on(place).filter(trim__vehicle_model=model.pk).select_related("trim").defer("trim__term_ids")
        if year:
            offers = offers.filter(trim__model_year=year)
        offers = offers.annotate(free=_free(place, Count("pk")), soonest=_free(place, Min(SOONEST)))
        ordered = offers.order_by("-trim__model_year", "list_price", "trim_id")
        return cls(
            model=model,
            place=place,
            offers=list(ordered[(part - 1) * COLUMNS : part * COLUMNS]),
            years=_year_tabs(overview, year, asked),
            parts=_part_tabs(count, part, year, asked),
            colour=asked.colour,
        )

    @property
    def columns(self) -> int:
        return len(self.offers)

    @cached_property
    def heads(self) -> list[Head]:
        start, query = reverse("catalog:model", args=[self.model.slug]), address([("colour", self.colour)])
        return [
            Head(
                label=offer.trim.label,
                price=format_money(offer.list_price, currency=self.place.market.currency),
                url=f"{start}{offer.trim.code}/{query if self.colour else ''}",
            )
            for offer in self.offers
        ]

    @cached_property
    def stock(self) -> list[tuple[int, Stage | None]]:
        """For each column its free cars at dealerships and how soon the first can be had."""
        return [(offer.free or 0, STAGES[offer.soonest] if offer.free else None) for offer in self.offers]

    @cached_property
    def offered(self) -> list[SpecRow]:
        """What each is offered with."""
        currency = self.place.market.currency
        deposits = (
            f"{format_money(offer.deposit_amount, currency=currency)} · {offer.get_deposit_kind_display()}"
            for offer in self.offers
        )
        return [
            SpecRow(_("In stock"), tuple(_stock_text(*each) for each in self.stock)),
            SpecRow(_("Deposit"), tuple(deposits)),
        ]

    @cached_property
    def specs(self) -> list[SpecGroup]:
        return spec_groups([offer.trim for offer in self.offers])


def _stock_text(free: int, stage: Stage | None) -> str:
    if stage is None:
        return _("To order")
    cars = ngettext("%(count)s car", "%(count)s cars", free) % {"count": free}
    return cars if stage == Stage.IN_STORE else f"{cars} · {stage.label}"


def offers_on(place: Place) -> QuerySet[Offer]:
    """Offers valid today in the visitor's market."""
    return Offer.objects.valid(place.market.code, place.today)


def _free(place: Place, what: Aggregate) -> Subquery:
    """A figure of an offer's trim's free cars at dealerships."""
    units = StockUnit.objects.available().filter(
        trim=OuterRef("trim"), market=place.market.code, dealership__is_active=True
    )
    figures = units.order_by().values("trim").annotate(figure=what).values("figure")
    return Subquery(figures, output_field=IntegerField())


def _year_shown(overview: Overview, asked: Asked) -> int | None:
    """The year asked for or the newest; None where all trims stand side by side."""
    if len(overview.trim_ids) <= COLUMNS or len(overview.years) == 1:
        return None
    return asked.year if asked.year in overview.years else next(iter(overview.years))


def _year_tabs(overview: Overview, shown: int | None, asked: Asked) -> list[Tab]:
    if shown is None:
        return []
    return [
        Tab(str(year), count, address([("colour", asked.colour), ("year", year)]), year == shown)
        for year, count in overview.years.items()
    ]


def _part_tabs(count: int, part: int, year: int | None, asked: Asked) -> list[Tab]:
    if count <= COLUMNS:
        return []
    starts = enumerate(range(0, count, COLUMNS), start=1)
    return [
        Tab(
            _span(first, min(first + COLUMNS, count)),
            0,
            address([("colour", asked.colour), ("year", year), ("part", number)]),
            number == part,
        )
        for number, first in starts
    ]


def _span(first: int, last: int) -> str:
    """`9–16`, or `17` where only one is left."""
    return str(last) if first + 1 == last else _("%(first)s–%(last)s") % {"first": first + 1, "last": last}
