"""Demo stock: cars with valid VINs at the dealerships that sell their brand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from random import Random
from typing import Any
from zlib import crc32

from django.utils import timezone

from catalog.models import Colour, Stage, StockUnit, Trim
from catalog.vin import build_vin
from dealers.models import Dealership

from .dealerships import trims_on_sale

# World manufacturer identifiers as seen on cars built in China; the rest of each VIN is invented.
_MAKERS = {
    "Haval": "LGW",
    "ORA": "LGW",
    "BMW": "LBV",
    "Mercedes-Benz": "LE4",
    "smart": "WME",
    "BYD": "LGX",
    "Denza": "LC0",
    "Tesla": "LRW",
    "NIO": "LJ1",
    "XPeng": "L1N",
    "Li Auto": "LW4",
    "Zeekr": "L6T",
    "Geely": "L6T",
    "Xiaomi": "LNB",
    "AITO": "LM8",
    "Volkswagen": "LSV",
    "Polestar": "LYV",
}
_IN_CHINA, _ELSEWHERE, _OF_SHOWN_MODEL = 38, 10, 14
_SHOWN_MODEL = "haval-h2"
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def seed_stock(dealerships: Sequence[Dealership]) -> None:
    """About 1,200 cars. VINs depend on the demo files alone, so that a second run adds none."""
    colours = _colours_by_model()
    units: list[StockUnit] = []
    for dealership in dealerships:
        if dealership.market_id in ("CN", "DE"):
            units += _units_of(dealership, colours)
    known = set(StockUnit.objects.filter(vin__in=[unit.vin for unit in units]).values_list("vin", flat=True))
    StockUnit.objects.bulk_create([unit for unit in units if unit.vin not in known], batch_size=500)


def _colours_by_model() -> dict[int, list[Colour]]:
    colours: dict[int, list[Colour]] = {}
    for colour in Colour.objects.order_by("vehicle_model", "pk"):
        colours.setdefault(colour.vehicle_model_id, []).append(colour)
    return colours


def _units_of(dealership: Dealership, colours: dict[int, list[Colour]]) -> Iterator[StockUnit]:
    random = Random(f"stock {dealership.code}")
    total = _IN_CHINA if dealership.market_id == "CN" else _ELSEWHERE
    today = timezone.now().astimezone(dealership.zone).date()
    for number, trim in enumerate(_pick_trims(dealership, total, random), 1):
        palette = colours[trim.vehicle_model_id]
        # The first three paints are common: dealerships share equal cars of them.
        paint = random.choice(palette[:3] if random.random() < 0.7 else palette)
        stage, expected_on = pick_stage(random, today)
        yield StockUnit(
            vin=_vin(trim, dealership, number),
            trim=trim,
            colour=paint,
            market_id=dealership.market_id,
            dealership=dealership,
            stage=stage,
            expected_on=expected_on,
            discount=random.choice((0, 0, 0, 1000, 2000, 3000))
            if trim.model_year >= 2020
            else random.choice((0, 0, 5000)),
        )


def _pick_trims(dealership: Dealership, total: int, random: Random) -> list[Trim]:
    trims = trims_on_sale(dealership)
    if not trims:
        return []
    shown = [trim for trim in trims if trim.vehicle_model.slug == _SHOWN_MODEL]
    first = list(islice(cycle(shown), _OF_SHOWN_MODEL)) if shown else []
    return first + random.choices(trims, k=total - len(first))


def pick_stage(random: Random, today: dt.date) -> tuple[str, dt.date | None]:
    """Where a car is, and the day it is expected in the store, if it is not there yet."""
    draw = random.random()
    if draw < 0.78:
        return Stage.IN_STORE, None
    if draw < 0.93:
        return Stage.IN_TRANSIT, today + dt.timedelta(days=random.randint(3, 20))
    return Stage.IN_BUILD, today + dt.timedelta(days=random.randint(21, 60))


def vin_parts(trim: Trim) -> dict[str, Any]:
    """A VIN's parts but for the serial number: position 4-8 from the trim, plant from the brand."""
    code = crc32(trim.code.encode())
    brand = trim.vehicle_model.brand.name
    return {
        "maker": _MAKERS.get(brand, "LZZ"),
        "descriptor": "".join(_LETTERS[code // len(_LETTERS) ** place % len(_LETTERS)] for place in range(5)),
        "model_year": trim.model_year,
        "plant": _LETTERS[crc32(brand.encode()) % len(_LETTERS)],
    }


def _vin(trim: Trim, dealership: Dealership, number: int) -> str:
    """The serial from the dealership and the number there."""
    return build_vin(**vin_parts(trim), serial=int(dealership.code[-3:]) * 1000 + number)
