"""Two demo shops of single brands: a second brand is another entry here, and no code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.backends.postgresql.psycopg_any import DateRange

from catalog.models import Brand, BrandStore, CityRelease, Offer, StoreModel, VehicleModel
from o2o_platform.markets.models import City, Market

SHELF = 4


@dataclass(frozen=True)
class DemoStore:
    """`cities`: where the brand is offered online in the market; none means everywhere."""

    slug: str
    brand: str
    market: str
    tokens: Mapping[str, str]
    tokens_dark: Mapping[str, str]
    title: Mapping[str, str]
    lead: Mapping[str, str]
    hosts: tuple[str, ...] = ()
    cities: tuple[str, ...] = field(default=())


STORES = (
    DemoStore(
        slug="haval",
        brand="haval",
        market="CN",
        tokens={"accent": "#b3191f", "accent-strong": "#8c1217", "accent-soft": "#fbe9ea", "radius": "4px"},
        tokens_dark={
            "accent": "#ff9a94",
            "accent-strong": "#ffb8b3",
            "accent-soft": "#3c1a1b",
            "on-accent": "#3a0507",
        },
        title={
            "zh-hans": "为每一条路而生",
            "en": "Made for every road",
            "de": "Für jede Straße gemacht",
            "pl": "Na każdą drogę",
        },
        lead={
            "zh-hans": "官方商城：全国统一价，线上预订，线下体验与交车。",
            "en": "The official shop: one price for all, reserved online, tried and collected near you.",
            "de": "Der offizielle Shop: ein Preis für alle, online reserviert, in Ihrer Nähe gefahren und abgeholt.",
            "pl": "Oficjalny sklep: jedna cena dla wszystkich, rezerwacja online, jazda próbna i odbiór w pobliżu.",
        },
        hosts=("haval.localhost",),
    ),
    DemoStore(
        slug="mercedes-benz",
        brand="mercedes-benz",
        market="DE",
        tokens={
            "accent": "#1a1d20",
            "accent-strong": "#000000",
            "accent-soft": "#e9ecee",
            "stage-top": "#e8ebee",
            "radius": "2px",
            "radius-l": "4px",
        },
        tokens_dark={
            "accent": "#e6eaed",
            "accent-strong": "#ffffff",
            "accent-soft": "#2b3136",
            "on-accent": "#111416",
        },
        title={
            "de": "Ihr neuer Stern, online reserviert",
            "en": "Your new star, reserved online",
            "pl": "Twoja nowa gwiazda, zarezerwowana online",
            "zh-hans": "心仪座驾，在线预订",
        },
        lead={
            "de": "Zuerst in Hamburg: online wählen, im Center fahren und übernehmen.",
            "en": "In Hamburg first: choose online, drive and collect at the centre.",
            "pl": "Najpierw w Hamburgu: wybierz online, wypróbuj i odbierz w centrum.",
            "zh-hans": "率先登陆汉堡：线上选车，到店试驾与提车。",
        },
        hosts=("mercedes.localhost",),
        cities=("hamburg",),
    ),
)


def seed_stores(stores: Sequence[DemoStore] = STORES) -> None:
    """The demo shops whose brand is on sale in their market; what an operator changed stays."""
    for demo in stores:
        brand = Brand.objects.filter(slug=demo.brand).first()
        if brand is None or not Offer.objects.filter(market=demo.market, trim__vehicle_model__brand=brand).exists():
            continue
        Market.objects.filter(pk=demo.market, is_open=False).update(is_open=True)
        store, is_new = BrandStore.objects.get_or_create(
            slug=demo.slug,
            defaults={
                "brand": brand,
                "market_id": demo.market,
                "hosts": list(demo.hosts),
                "tokens": dict(demo.tokens),
                "tokens_dark": dict(demo.tokens_dark),
                "title": dict(demo.title),
                "lead": dict(demo.lead),
                "is_published": True,
            },
        )
        if is_new:
            _fill_shelves(store)
            limit_cities(brand, demo.market, demo.cities)


def _fill_shelves(store: BrandStore) -> None:
    """The first models by name as new, the next as most wanted."""
    on_sale = VehicleModel.objects.filter(
        brand=store.brand, trims__offers__market=store.market, trims__is_published=True
    )
    models = list(on_sale.order_by("slug").distinct())
    shelves = {StoreModel.Shelf.NEW: models[:SHELF], StoreModel.Shelf.TOP: models[SHELF : 2 * SHELF]}
    StoreModel.objects.bulk_create(
        StoreModel(store=store, vehicle_model=model, shelf=shelf, position=place)
        for shelf, chosen in shelves.items()
        for place, model in enumerate(chosen)
    )


def limit_cities(brand: Brand, market: str, cities: Sequence[str]) -> None:
    """Offer a brand in these cities of a market; those it is offered in already stay as they are."""
    offered = CityRelease.objects.filter(market=market, brand=brand).values("city")
    CityRelease.objects.bulk_create(
        CityRelease(market_id=market, brand=brand, city=city, validity=DateRange(dt.date(2026, 1, 1), None))
        for city in City.objects.filter(market=market, slug__in=cities).exclude(pk__in=offered)
    )
