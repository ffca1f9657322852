"""One brand's online store in some cities of two countries."""

from __future__ import annotations

from dataclasses import dataclass, replace

from catalog.models import Brand, BrandStore, StoreModel, VehicleModel

from ..stores import STORES, DemoStore, limit_cities, seed_stores

_GERMAN = next(store for store in STORES if store.slug == "mercedes-benz")
POLISH: DemoStore = replace(
    _GERMAN,
    slug="mercedes-benz-pl",
    market="PL",
    title={
        "pl": "Twoja nowa gwiazda, zarezerwowana online",
        "en": "Your new star, reserved online",
        "zh-hans": "心仪座驾，在线预订",
        "de": "Ihr neuer Stern, online reserviert",
    },
    lead={
        "pl": "Najpierw w Warszawie: wybierz online, wypróbuj i odbierz w salonie.",
        "en": "In Warsaw first: choose online, drive and collect at the dealership.",
        "zh-hans": "率先登陆华沙：线上选车，到店试驾与提车。",
        "de": "Zuerst in Warschau: online wählen, im Autohaus fahren und übernehmen.",
    },
    hosts=("mercedes-pl.localhost",),
    cities=("warsaw",),
)
CITIES = {"DE": ("hamburg", "berlin"), "PL": ("warsaw",)}
LEADS = {
    "de": "Jetzt in Hamburg und Berlin: online wählen, im Center fahren und übernehmen. Ein Preis überall.",
    "en": "Now in Hamburg and Berlin: choose online, drive and collect at the centre. One price everywhere.",
    "pl": "Teraz w Hamburgu i Berlinie: wybierz online, wypróbuj i odbierz w centrum. Jedna cena wszędzie.",
    "zh-hans": "现已登陆汉堡与柏林：线上选车，到店试驾与提车，全国统一价。",
}


@dataclass(frozen=True, slots=True)
class Shelves:
    """The newest models and the most wanted, in this order; `plain` is the first one a shop filled by itself shows."""

    plain: str
    new: tuple[str, ...]
    top: tuple[str, ...]


_MERCEDES = Shelves(
    plain="mercedes-benz-a-class-w176",
    new=(
        "mercedes-benz-c-class-w205",
        "mercedes-benz-gla-x156",
        "mercedes-benz-cla-c117",
        "mercedes-benz-a-class-w176",
    ),
    top=(
        "mercedes-benz-s-class-w222",
        "mercedes-benz-cla-c117",
        "mercedes-benz-c-class-w205",
        "mercedes-benz-gla-x156",
    ),
)
_HAVAL = Shelves(
    plain="haval-h1",
    new=("haval-h2", "haval-raptor-menglong", "haval-h6-3rd-gen", "haval-h1"),
    top=("haval-h2", "haval-h6", "haval-h8", "haval-h9"),
)
SHELVES = {_GERMAN.slug: _MERCEDES, POLISH.slug: _MERCEDES, "haval": _HAVAL}


def seed_shops() -> None:
    """The Polish shop, the further cities, and shelves by hand; shelves once filled so are left alone."""
    seed_stores((POLISH,))
    brand = Brand.objects.get(slug=_GERMAN.brand)
    for market, cities in CITIES.items():
        limit_cities(brand, market, cities)
    BrandStore.objects.filter(slug=_GERMAN.slug, lead=_GERMAN.lead).update(lead=LEADS)
    for store in BrandStore.objects.filter(slug__in=SHELVES):
        _fill_shelves(store, SHELVES[store.slug])


def _fill_shelves(store: BrandStore, shelves: Shelves) -> None:
    """In place of what the shop was filled with by itself; shelves somebody arranged stay."""
    first = store.models.filter(shelf=StoreModel.Shelf.NEW, position=0).first()
    if first is None or first.vehicle_model.slug != shelves.plain:
        return
    store.models.all().delete()
    models = {model.slug: model for model in VehicleModel.objects.filter(brand=store.brand)}
    StoreModel.objects.bulk_create(
        StoreModel(store=store, vehicle_model=models[slug], shelf=shelf, position=place)
        for shelf, slugs in ((StoreModel.Shelf.NEW, shelves.new), (StoreModel.Shelf.TOP, shelves.top))
        for place, slug in enumerate(slugs)
    )
