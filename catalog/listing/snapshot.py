"""All cars on sale in a market as compact rows in memory, at most two seconds old."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from django.db.models import Count, Q
from django.utils import timezone

from catalog.freshness import Fresh
from catalog.models import Colour, Offer, StockUnit
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
    """The snapshot of a market: three queries at most once a second, none in between."""
    return _cars.get(market.code)


def forget_cars() -> None:
    """Read prices and stock anew at the next request."""
    _cars.forget()


def _load_cars(market_code: str) -> Cars:
    market = Market.objects.filter(pk=market_code).first()
    if market is None:
        return Cars(market=Market(code=market_code), models=(), trims=(), cities={}, offered=_offered([], {}))
    today = timezone.now().astimezone(market.zone).date()
    offers = Offer.objects.valid(market, today).order_by("trim__vehicle_model_id", "list_price", "trim_id")
    cities = {city.slug: city for city in City.objects.filter(market=market)}
    stock, paints = _stock_by_trim(market), _paints_by_model()
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


def _stock_by_trim(market: Market) -> dict[int, dict[str, int]]:
    """Available units by trim and city slug; central stock counts under an empty slug."""
    rows = (
        StockUnit.objects.available()
        .filter(Q(dealership=None) | Q(dealership__is_active=True), market=market)
        .order_by()
        .values_list("trim_id", "dealership__city__slug")
        .annotate(units=Count("pk"))
    )
    stock: dict[int, dict[str, int]] = defaultdict(dict)
    for trim_id, city_slug, units in rows:
        stock[trim_id][city_slug or ""] = units
    return stock


def _paints_by_model() -> dict[int, str]:
    """The first colour of each model: what its card is painted in."""
    first = Colour.objects.order_by("vehicle_model_id", "id").distinct("vehicle_model_id")
    return dict(first.values_list("vehicle_model_id", "hex"))


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
