"""The catalogue's pages for search engines: lists by one facet, models and trims on sale in the default market."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from catalog.models import BodyType, Brand, EnergyType, Offer, OfferQuerySet, Trim, VehicleModel
from o2o_platform.interface.sitemaps import (
    IDS_PER_FILE,
    Entry,
    Section,
    occupied_parts,
    register_section,
    rows_of_part,
)
from o2o_platform.markets.models import Market

MODEL, TRIM = "trim__vehicle_model_id", "trim_id"


def register_sections() -> None:
    register_section("lists", Section(lambda: [0], list_entries))
    register_section("models", Section(lambda: occupied_parts(_on_sale(), MODEL), model_entries))
    register_section("trims", Section(lambda: occupied_parts(_on_sale(), TRIM), trim_entries))


def list_entries(part: int) -> Iterator[Entry]:
    """Home, all cars, and the cars of each brand, body and energy on sale."""
    if part:
        return
    cars = reverse("catalog:list")
    yield Entry(reverse("catalog:home"))
    yield Entry(cars)
    offers = _on_sale()
    on_sale = Brand.objects.filter(vehicle_models__trims__in=offers.values("trim_id")).distinct().order_by("slug")
    for slug in on_sale.values_list("slug", flat=True)[:IDS_PER_FILE]:
        yield Entry(cars, (("brand", slug),))
    bodies = set(offers.values_list("trim__vehicle_model__body_type", flat=True).distinct())
    yield from (Entry(cars, (("body", body.value),)) for body in BodyType if body in bodies)
    energies = set(offers.values_list("trim__energy_type", flat=True).distinct())
    yield from (Entry(cars, (("energy", energy.value),)) for energy in EnergyType if energy in energies)


def model_entries(part: int) -> Iterator[Entry]:
    """Models; one changed when it was edited or when a price of it began."""
    rows = rows_of_part(_on_sale(), MODEL, part).values_list(MODEL, "trim__vehicle_model__slug")
    edited = _edited(VehicleModel, part)
    for pk, slug, began in rows.annotate(began=Max("validity__startswith")):
        yield Entry(reverse("catalog:model", args=(slug,)), (), _latest(edited.get(pk), began))


def trim_entries(part: int) -> Iterator[Entry]:
    """Trims; one changed when it was edited or when its price began."""
    rows = rows_of_part(_on_sale(), TRIM, part)
    edited = _edited(Trim, part)
    columns = (TRIM, "trim__vehicle_model__slug", "trim__code", "validity__startswith")
    for pk, slug, code, began in rows.values_list(*columns):
        yield Entry(reverse("catalog:trim", args=(slug, code)), (), _latest(edited.get(pk), began))


def _on_sale() -> OfferQuerySet:
    """Whoever says nothing of where they are sees the default market: so does a search engine."""
    market = Market.objects.filter(code=settings.DEFAULT_MARKET).first()
    if market is None:
        return Offer.objects.none()
    return Offer.objects.valid(market, timezone.now().astimezone(market.zone).date())


def _edited(model: type[Trim | VehicleModel], part: int) -> dict[int, dt.date]:
    """The day of the last edit by id, for those of the part that have a history."""
    rows = rows_of_part(model.history.all(), "id", part).values_list("id")
    return {pk: moment.date() for pk, moment in rows.annotate(edited=Max("history_date"))}


def _latest(*days: dt.date | None) -> dt.date | None:
    return max((day for day in days if day), default=None)
