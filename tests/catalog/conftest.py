"""A small showroom that the page tests walk through."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import Trim
from catalog.services.terms import refresh_terms
from o2o_platform.markets.models import City
from tests import factories as make


@dataclass
class Showroom:
    """Haval H2 (two petrol trims) and H6 (one plug-in), BYD Han (electric sedan), in Beijing and Shanghai."""

    beijing: City
    shanghai: City
    h2_manual: Trim
    h2_auto: Trim
    h6: Trim
    han: Trim


@pytest.fixture
def showroom(db: None) -> Showroom:
    beijing = make.make_city("beijing", name="Beijing", name_local="北京", latitude=39.9042, longitude=116.4074)
    shanghai = make.make_city("shanghai", name="Shanghai", name_local="上海", latitude=31.2304, longitude=121.4737)
    haval = make.make_brand("haval")
    byd = make.make_brand("byd", name="BYD", name_zh="比亚迪")
    h2, h6 = make.make_model(haval, "H2"), make.make_model(haval, "H6")
    han = make.make_model(byd, "Han", name_zh="汉", body_type="sedan")
    room = Showroom(
        beijing=beijing,
        shanghai=shanghai,
        h2_manual=make.make_trim(h2, code="h2-manual", name="1.5T 6MT Comfort", name_zh="1.5T 6MT 舒适型"),
        h2_auto=make.make_trim(h2, code="h2-auto", name="1.5T 6AT Elite", name_zh="1.5T 6AT 精英型", power_kw=110),
        h6=make.make_trim(h6, code="h6-phev", model_year=2025, energy_type="phev", seats=7, power_kw=240),
        han=make.make_trim(
            han, code="han-ev", model_year=2026, energy_type="bev", electric_range_km=605, range_cycle="CLTC"
        ),
    )
    prices = {room.h2_manual: 98_800, room.h2_auto: 112_800, room.h6: 165_800, room.han: 219_800}
    for trim, price in prices.items():
        make.make_offer(trim, list_price=Decimal(price))
    refresh_terms()
    return room


@pytest.fixture
def english(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client
