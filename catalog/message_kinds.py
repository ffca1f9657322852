"""The messages about saved searches and cars, and examples of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from o2o_platform.markets.models import Market
from o2o_platform.notifications.kinds import Category, declare
from o2o_platform.notifications.samples import site_url

from .messages import CarLine
from .models import Brand, SavedCar, SavedSearch, Trim, VehicleModel


def declare_all() -> None:
    news: dict[str, Any] = {"category": Category.NEWS, "sample": news_sample, "is_current": is_watched}
    declare("saved_search", _("News of a saved search"), **news)
    declare("saved_cars", _("Saved cars became cheaper"), **news)


def is_watched(saved: SavedSearch | SavedCar) -> bool:
    return saved.alerts_on


def news_sample(market: Market) -> dict[str, Any]:
    """What both kinds are given: two new cars, and one that fell."""
    haval = Brand(name="Haval", name_zh="哈弗", slug="haval")
    h2 = VehicleModel(brand=haval, name="H2", name_zh="H2", slug="haval-h2", body_type="suv")
    elite = Trim(vehicle_model=h2, model_year=2014, name="1.5T 6AT 2WD Elite", name_zh="1.5T 自动两驱精英型")
    luxury = Trim(vehicle_model=h2, model_year=2014, name="1.5T 6AT 2WD Luxury", name_zh="1.5T 自动两驱豪华型")
    cheaper = CarLine(elite, Decimal(95_800), Decimal(98_800))
    return {
        "name": "Haval · SUV",
        "appeared": [CarLine(luxury, Decimal(106_800)), CarLine(elite, Decimal(98_800))],
        "appeared_count": 2,
        "fallen": [cheaper],
        "fallen_count": 1,
        "lines": [cheaper],
        "count": 1,
        "left_out": 0,
        "currency": market.currency,
        "url": site_url("/cars/?brand=haval&body=suv"),
        "stop_url": site_url("/alerts/stop/c2VhcmNoLjE6/"),
    }
