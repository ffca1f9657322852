"""What the tests of shops share: cars of two brands in one market, and the shop of one of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from catalog.models import Brand, BrandStore, StockUnit, VehicleModel
from orders.models import Terms
from tests.factories import make_city, make_dealership, make_trim, make_unit

TOKENS = {"accent": "#8a1015", "accent-strong": "#6a0a0e", "radius": "4px"}


def make_car(brand_name: str, model_name: str, **fields: Any) -> StockUnit:
    """A car of a brand on sale at a dealership of it."""
    slug = brand_name.lower()
    brand, _ = Brand.objects.get_or_create(slug=slug, defaults={"name": brand_name})
    model = VehicleModel.objects.create(
        brand=brand, name=model_name, slug=f"{slug}-{model_name.lower()}", body_type="suv", **fields
    )
    place = make_dealership(code=f"house-{slug}", name=f"{brand_name} House", brands=[brand], city=make_city())
    return make_unit(make_trim(model, code=f"{slug}-{model_name.lower()}-elite"), place)


def make_store(unit: StockUnit, **fields: Any) -> BrandStore:
    """The published shop of a car's brand in its market."""
    brand = unit.trim.vehicle_model.brand
    defaults = {"slug": brand.slug, "brand": brand, "market": unit.market, "tokens": TOKENS, "is_published": True}
    return BrandStore.objects.create(**defaults | fields)


def make_terms_of(brand: Brand | None, version: str, *, market: Any) -> Terms:
    return Terms.objects.create(
        market=market,
        brand=brand,
        version=version,
        in_force_from=timezone.now() - dt.timedelta(days=2),
        text={"en": f"Terms {version}", "zh-hans": "条款"},
    )
