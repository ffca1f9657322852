"""The trims of a model side by side: one model year at a time, a screenful of columns at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.asked import Asked, address
from catalog.models import EnergyType, Offer, Stage, Trim, VehicleModel
from catalog.nearby import AT_OPEN_DEALERSHIP, STAGES, year_label
from catalog.paths import model_path
from catalog.places import Place
from catalog.rows import Columns, fetch
from catalog.specification import SpecGroup, SpecRow, spec_groups
from o2o_platform.interface.formats import choice_label, format_money
from o2o_platform.markets.models import DepositKind, SalesModel

COLUMNS = 8

OFFER = Columns(Offer, "o")
TRIM = Columns(Trim, "t", skip=("term_ids",))

_ON_SALE = """
FROM catalog_trim t JOIN catalog_offer o ON o.trim_id = t.id
WHERE t.vehicle_model_id = %(model)s AND t.is_published AND o.market_id = %(market)s
  AND o.validity @> %(today)s::date
"""
_OVERVIEW = f"""
SELECT t.model_year AS year, t.energy_type AS energy, t.range_cycle AS cycle, count(*) AS trims,
  array_agg(t.id) AS trim_ids, min(o.list_price) AS low, max(o.list_price) AS high,
  max(t.electric_range_km) AS range_km, max(t.power_kw) AS power_kw,
  min(t.seats) AS seats_from, max(t.seats) AS seats_to
{_ON_SALE} GROUP BY 1, 2, 3
"""
OVERVIEW_NAMES = (
    *("year", "energy", "cycle", "trims", "trim_ids", "low", "high"),
    *("range_km", "power_kw", "seats_from", "seats_to"),
)
# With each offer how many of its trim are free at dealerships, and how soon the first is there, as a place in STAGES.
_OFFERS = f"""
SELECT {OFFER.sql}, {TRIM.sql}, (
  SELECT ARRAY[count(*), min(CASE u.stage WHEN 'in_store' THEN 0 WHEN 'in_transit' THEN 1 ELSE 2 END)]
  FROM catalog_stockunit u
  WHERE u.trim_id = t.id AND u.market_id = o.market_id AND u.availability = 'available'
    AND {AT_OPEN_DEALERSHIP})
{_ON_SALE} AND (%(year)s::int IS NULL OR t.model_year = %(year)s)
ORDER BY t.model_year DESC, o.list_price, t.id OFFSET %(skipped)s LIMIT %(shown)s
"""  # noqa: S608 - columns of models and constants


_SIBLINGS = f"""
SELECT t.code, t.model_year, t.name, t.name_zh, o.list_price
{_ON_SALE} AND t.model_year = %(year)s AND t.id <> %(beside)s ORDER BY o.list_price, t.id LIMIT %(shown)s
"""


@dataclass(frozen=True)
class Tab:
    """A way to another part of the table."""

    label: str
    count: int
    query: str
    is_current: bool


class Sibling(NamedTuple):
    """Another trim of the model; its list price includes VAT, in the market's currency."""

    code: str
    label: str
    list_price: Decimal


@dataclass(frozen=True)
class Head:
    """The top of a column."""

    trim: Trim
    label: str
    price: str
    url: str


@dataclass(frozen=True)
class Overview:
    """What all trims of a model on sale have between them, from one row per year, energy and test cycle."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, model_id: int, place: Place) -> Overview:
        values = {"model": model_id, "market": place.market.code, "today": place.today}
        return cls([dict(zip(OVERVIEW_NAMES, row, strict=True)) for row in fetch(_OVERVIEW, values)])

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
        return [choice_label(EnergyType, energy) for energy in EnergyType.values if energy in found]

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
        return cls(
            model=model,
            place=place,
            offers=read_offers(model, place, year=year, skipped=(part - 1) * COLUMNS, shown=COLUMNS),
            years=_year_tabs(overview, year, asked),
            parts=_part_tabs(count, part, year, asked),
            colour=asked.colour,
        )

    @property
    def columns(self) -> int:
        return len(self.offers)

    @cached_property
    def heads(self) -> list[Head]:
        start, query = model_path(self.model.slug), address([("colour", self.colour)])
        return [
            Head(
                trim=offer.trim,
                label=offer.trim.label,
                price=format_money(offer.list_price, currency=self.place.market.currency),
                url=f"{start}{offer.trim.code}/{query if self.colour else ''}",
            )
            for offer in self.offers
        ]

    @cached_property
    def stock(self) -> list[tuple[int, Stage | None]]:
        """For each column its free cars at dealerships and how soon the first can be had."""
        return [(free, STAGES[soonest] if free else None) for free, soonest in (offer.stock for offer in self.offers)]

    @cached_property
    def offered(self) -> list[SpecRow]:
        """What each is offered with."""
        currency = self.place.market.currency
        deposits = (
            f"{format_money(offer.deposit_amount, currency=currency)} · {choice_label(DepositKind, offer.deposit_kind)}"
            for offer in self.offers
        )
        return [
            SpecRow(_("In stock"), tuple(_stock_text(*each) for each in self.stock)),
            SpecRow(_("Deposit"), tuple(deposits)),
            SpecRow(_("Seller"), tuple(self._seller(offer) for offer in self.offers)),
        ]

    def _seller(self, offer: Offer) -> str:
        """The maker where it sells itself, else whichever dealership has the car."""
        if offer.sales_model == SalesModel.DEALER:
            return _("Dealership")
        return self.model.brand.label

    @cached_property
    def specs(self) -> list[SpecGroup]:
        return spec_groups([offer.trim for offer in self.offers])


def _stock_text(free: int, stage: Stage | None) -> str:
    if stage is None:
        return _("To order")
    cars = ngettext("%(count)s car", "%(count)s cars", free) % {"count": free}
    return cars if stage == Stage.IN_STORE else f"{cars} · {choice_label(Stage, stage)}"


def read_offers(
    model: VehicleModel, place: Place, *, shown: int, year: int | None = None, skipped: int = 0
) -> list[Offer]:
    """Offers valid today with their trims and `stock`: newest year first, cheapest first within it. One query."""
    values = {"model": model.pk, "market": place.market.code, "today": place.today}
    values |= {"year": year, "skipped": skipped, "shown": shown}
    offers = []
    for row in fetch(_OFFERS, values):
        offer = OFFER.read(row)
        offer.trim, offer.stock = TRIM.read(row, len(OFFER)), row[-1]
        offer.trim.vehicle_model = model
        offers.append(offer)
    return offers


def read_siblings(trim: Trim, place: Place, *, shown: int) -> list[Sibling]:
    """Other trims of the same model year on sale, cheapest first. One query."""
    values = {"model": trim.vehicle_model_id, "market": place.market.code, "today": place.today}
    rows = fetch(_SIBLINGS, values | {"year": trim.model_year, "beside": trim.pk, "shown": shown})
    return [Sibling(code, year_label(year, name, name_zh), price) for code, year, name, name_zh, price in rows]


def offers_on(place: Place) -> QuerySet[Offer]:
    """Offers valid today in the visitor's market."""
    return Offer.objects.valid(place.market.code, place.today)


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
