"""All cars on sale in a market as compact rows in memory, at most two seconds old."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q
from django.utils import timezone

from catalog.freshness import Fresh
from catalog.models import Colour, Offer, StockUnit
from catalog.paints import pick_paint
from o2o_platform.markets.models import City, Market

from .bands import price_band
from .criteria import FACETS
from .text import fold

ANYWHERE = "any"


@dataclass(frozen=True, slots=True)
class Name:
    """A name in Latin letters and, where there is one, in Chinese."""

    latin: str
    chinese: str

    def read(self, language: str) -> str:
        return self.chinese if self.chinese and language.startswith("zh") else self.latin


@dataclass(slots=True)
class ModelRow:
    model_id: int
    slug: str
    name: Name
    brand_slug: str
    brand_name: Name
    body: str
    text: str
    paint: str = ""
    trims: list[TrimRow] = field(default_factory=list)


@dataclass(slots=True)
class TrimRow:
    """One trim with its price today; `values` holds what it answers to in each facet."""

    model: ModelRow
    year: int
    energy: str
    power_kw: int
    range_km: int
    range_cycle: str
    price: Decimal
    text: str
    stock: dict[str, int]
    values: dict[str, frozenset[str]]

    @property
    def stock_total(self) -> int:
        return sum(self.stock.values())


@dataclass(frozen=True)
class Cars:
    """What is on sale in one market."""

    market: Market
    models: tuple[ModelRow, ...]
    trims: tuple[TrimRow, ...]
    cities: dict[str, City]
    offered: dict[str, frozenset[str]]

    @cached_property
    def brands(self) -> list[tuple[str, Name]]:
        """Brands on sale in the order of their Latin names."""
        brands = {model.brand_slug: model.brand_name for model in self.models}
        return sorted(brands.items(), key=lambda item: item[1].latin.casefold())


OFFER_FIELDS = (
    "list_price",
    "trim_id",
    "trim__name",
    "trim__name_zh",
    "trim__code",
    "trim__model_year",
    "trim__energy_type",
    "trim__seats",
    "trim__power_kw",
    "trim__electric_range_km",
    "trim__range_cycle",
    "trim__vehicle_model_id",
    "trim__vehicle_model__slug",
    "trim__vehicle_model__name",
    "trim__vehicle_model__name_zh",
    "trim__vehicle_model__body_type",
    "trim__vehicle_model__brand__slug",
    "trim__vehicle_model__brand__name",
    "trim__vehicle_model__brand__name_zh",
)


def cars_on_sale(market: Market) -> Cars:
    """The snapshot of a market: four queries at most once a second, none in between."""
    return _cars.get(market.code)


def forget_cars() -> None:
    """Read prices and stock anew at the next request."""
    _cars.forget()


def _load_cars(market_code: str) -> Cars:
    cities = {city.slug: city for city in City.objects.filter(market=market_code).select_related("market")}
    market = _read_market(market_code, cities)
    if market is None:
        return Cars(market=Market(code=market_code), models=(), trims=(), cities={}, offered=_offered([], {}))
    today = timezone.now().astimezone(market.zone).date()
    offers = Offer.objects.valid(market, today).order_by("trim__vehicle_model_id", "list_price", "trim_id")
    stock, in_stock = _read_stock(market)
    paints = _paints_by_model(in_stock)
    models: dict[int, ModelRow] = {}
    trims = []
    for row in offers.values(*OFFER_FIELDS):
        model = models.get(row["trim__vehicle_model_id"]) or _read_model(row, paints)
        models[model.model_id] = model
        trim = _read_trim(row, model, stock.get(row["trim_id"], {}), market.currency)
        model.trims.append(trim)
        trims.append(trim)
    return Cars(
        market=market,
        models=tuple(models.values()),
        trims=tuple(trims),
        cities=cities,
        offered=_offered(trims, cities),
    )


def _read_market(market_code: str, cities: dict[str, City]) -> Market | None:
    """The market that came with its cities; one without cities is asked for."""
    city = next(iter(cities.values()), None)
    return city.market if city else Market.objects.filter(pk=market_code).first()


def _read_stock(market: Market) -> tuple[dict[int, dict[str, int]], set[int]]:
    """Available units by trim and city slug, central stock under an empty slug; and the ids of their colours."""
    rows = (
        StockUnit.objects.available()
        .filter(Q(dealership=None) | Q(dealership__is_active=True), market=market)
        .order_by()
        .values_list("trim_id", "dealership__city__slug")
        .annotate(units=Count("pk"), colours=ArrayAgg("colour_id", distinct=True))
    )
    stock: dict[int, dict[str, int]] = defaultdict(dict)
    colours: set[int] = set()
    for trim_id, city_slug, units, colour_ids in rows:
        stock[trim_id][city_slug or ""] = units
        colours.update(colour_ids)
    return stock, colours


def _paints_by_model(in_stock: set[int]) -> dict[int, str]:
    """What the card of each model is painted in."""
    colours: dict[int, list[Colour]] = defaultdict(list)
    for colour in Colour.objects.only("vehicle_model_id", "hex").order_by("id"):
        colours[colour.vehicle_model_id].append(colour)
    return {model_id: pick_paint(model_id, own, in_stock).hex for model_id, own in colours.items()}


def _read_model(row: dict, paints: dict[int, str]) -> ModelRow:
    model_id = row["trim__vehicle_model_id"]
    name = Name(row["trim__vehicle_model__name"], row["trim__vehicle_model__name_zh"])
    brand = Name(row["trim__vehicle_model__brand__name"], row["trim__vehicle_model__brand__name_zh"])
    return ModelRow(
        model_id=model_id,
        slug=row["trim__vehicle_model__slug"],
        name=name,
        brand_slug=row["trim__vehicle_model__brand__slug"],
        brand_name=brand,
        body=row["trim__vehicle_model__body_type"],
        text=fold(_join((brand.latin, brand.chinese, name.latin, name.chinese))),
        paint=paints.get(model_id, ""),
    )


def _read_trim(row: dict, model: ModelRow, stock: dict[str, int], currency: str) -> TrimRow:
    energy = row["trim__energy_type"]
    return TrimRow(
        model=model,
        year=row["trim__model_year"],
        energy=energy,
        power_kw=row["trim__power_kw"] or 0,
        range_km=row["trim__electric_range_km"] or 0,
        range_cycle=row["trim__range_cycle"] if row["trim__electric_range_km"] else "",
        price=row["list_price"],
        text=f"{model.text} {fold(_join((str(row['trim__model_year']), row['trim__name'], row['trim__name_zh'])))}",
        stock=stock,
        values={
            "brand": frozenset({model.brand_slug}),
            "body": frozenset({model.body}),
            "energy": frozenset({energy}),
            "price": frozenset({price_band(row["list_price"], currency)}),
            "seats": frozenset({str(row["trim__seats"])}),
            "stock": frozenset({ANYWHERE, *filter(None, stock)}) if stock else frozenset(),
        },
    )


def _offered(trims: Iterable[TrimRow], cities: Iterable[str]) -> dict[str, frozenset[str]]:
    """Every value a visitor may choose, by facet."""
    values: dict[str, set[str]] = {facet: set() for facet in FACETS}
    for trim in trims:
        for facet, own in trim.values.items():
            values[facet] |= own
    values["stock"] |= {ANYWHERE, *cities}
    return {facet: frozenset(own) for facet, own in values.items()}


def _join(words: Iterable[str]) -> str:
    return " ".join(filter(None, words))


_cars = Fresh(_load_cars)
