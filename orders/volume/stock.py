"""Where generated cars stand: dealerships in every city of a market, and cars with valid VINs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import product
from random import Random
from typing import NamedTuple
from zlib import crc32

from catalog.models import Stage
from catalog.vin import build_vin
from dealers.models import Dealership
from o2o_platform.markets.models import City, Market, SalesModel

from .cars import Car
from .lines import Line, Make
from .names import HALLS, HOUSES

MOST_DEALERSHIPS, FEWEST_DEALERSHIPS, CARS_PER_DEALERSHIP = 400, 8, 750
MOST_PER_CITY, DEALERSHIPS_PER_MAKE = 60, 10
EMAIL = "volume-{code}@example.com"
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_DESCRIPTORS = len(_LETTERS) ** 5
# Coprime to the number of descriptors and of serial numbers: every number is met once.
_DESCRIPTOR_STEP, _SERIAL_STEP, _SERIALS = 7_368_787, 7_919, 1_000_000
_DISCOUNTS = {"CN": (0, 0, 0, 0, 1000, 2000, 3000, 5000), "DE": (0, 0, 0, 300, 500, 900), "PL": (0, 0, 0, 1000, 2500)}
_HOLIDAYS = {"CN": "CN", "DE": "DE", "PL": "PL"}
_COMMON_PAINTS = 3


class Unit(NamedTuple):
    """A physical car as it is stored."""

    vin: str
    trim: str
    model: str
    colour: str
    dealership: str
    stage: str
    discount: int
    expected_on: dt.date | None
    options: str


class Places:
    """The generated dealerships of a market and the makes each sells."""

    def __init__(self, codes: Sequence[str], *, seed: int, market: str) -> None:
        self._codes = codes
        self._seed = f"{seed} {market} sells"

    def of(self, make: Make) -> list[str]:
        """Codes of the dealerships that sell a make."""
        pick = Random(f"{self._seed} {make.slug}")
        return pick.sample(self._codes, min(len(self._codes), DEALERSHIPS_PER_MAKE))


def generate_dealerships(count: int, *, seed: int, market: Market) -> Iterator[Dealership]:
    """Unsaved dealerships over the market's cities, more in the first; nothing is sent to them."""
    pick = Random(f"{seed} {market.code} dealerships")
    cities = list(City.objects.filter(market=market).order_by("pk"))
    signs = {city.pk: iter(pick.sample(tuple(product(HOUSES, HALLS)), len(HOUSES) * len(HALLS))) for city in cities}
    weights = [1 / (rank + 15) for rank in range(len(cities))]
    for number in range(1, count + 1):
        city = pick.choices(cities, weights)[0]
        (house, house_zh), (hall, hall_zh) = next(signs[city.pk])
        code = f"{market.code}-{city.slug[:3].upper()}-V{number:03d}"
        yield Dealership(
            code=code,
            name=f"{house} {hall} {city.name}",
            name_local=f"{city.name_local}{house_zh}{hall_zh}" if market.code == "CN" else "",
            market=market,
            city=city,
            latitude=round(city.latitude + pick.uniform(-0.14, 0.14), 4),
            longitude=round(city.longitude + pick.uniform(-0.17, 0.17), 4),
            time_zone=market.time_zone,
            email=EMAIL.format(code=code.lower()),
            opening_hours="Mo-Su 09:00-18:00" if market.code == "CN" else "Mo-Fr 09:00-18:00; Sa 10:00-16:00",
            holiday_calendar=_HOLIDAYS.get(market.code, ""),
            sales_model=SalesModel.DEALER,
        )


def count_dealerships(units: int, *, cities: int) -> int:
    """A few hundred for 300,000 cars, fewer where there are few cities; none where there are no cars."""
    most = min(MOST_DEALERSHIPS, MOST_PER_CITY * cities)
    return min(most, max(FEWEST_DEALERSHIPS, units // CARS_PER_DEALERSHIP)) if units else 0


def generate_units(
    line: Line,
    cars: Sequence[Car],
    count: int,
    *,
    first_car: int,
    paints: Sequence[str],
    places: Places,
    seed: int,
    market: str,
    on: dt.date,
) -> Iterator[Unit]:
    """`count` cars of a line, most of the newest years; the n-th does not depend on the count."""
    pick = Random(f"{seed} {market} stock {line.number}")
    sellers = places.of(line.make)
    weights = [_weight(car.model_year) for car in cars]
    plant = _LETTERS[crc32(f"{seed} {market}".encode()) % len(_LETTERS)]
    made = [0] * len(cars)
    for _ in range(count):
        place = pick.choices(range(len(cars)), weights)[0]
        car, number = cars[place], made[place]
        made[place] += 1
        stage, expected_on = _pick_stage(pick, car, on)
        common = paints[:_COMMON_PAINTS] if pick.random() < 0.6 else paints
        options = car.options[1:-1].split(",") if car.options != "{}" and pick.random() < 0.4 else ()
        yield Unit(
            vin=_vin(line.make.maker, car, first_car + place, number, plant, f"{seed} {market}"),
            trim=car.code,
            model=car.model,
            colour=pick.choice(common),
            dealership=pick.choice(sellers),
            stage=stage,
            discount=min(pick.choice(_DISCOUNTS[market]) * (1 if car.model_year > 2023 else 4), car.list_price // 5),
            expected_on=expected_on,
            options="{" + ",".join(options[:2]) + "}",
        )


def _weight(year: int) -> float:
    """New years stand on the lots; of the old ones a few remain."""
    return 8.0 if year >= 2025 else 3.0 if year == 2024 else 0.6 if year >= 2020 else 0.15


def _pick_stage(pick: Random, car: Car, on: dt.date) -> tuple[str, dt.date | None]:
    draw, days = pick.random(), pick.random()
    if draw < 0.72 or car.model_year < 2024:
        return Stage.IN_STORE.value, None
    if draw < 0.9:
        return Stage.IN_TRANSIT.value, on + dt.timedelta(days=3 + int(18 * days))
    return Stage.IN_BUILD.value, on + dt.timedelta(days=21 + int(55 * days))


def _vin(maker: str, car: Car, car_number: int, unit_number: int, plant: str, series: str) -> str:
    """Descriptor from the car's number in the run, serial from the unit's; both are spread, neither repeats."""
    code = (car_number * _DESCRIPTOR_STEP + crc32(series.encode())) % _DESCRIPTORS
    descriptor = ""
    for _ in range(5):
        code, digit = divmod(code, len(_LETTERS))
        descriptor += _LETTERS[digit]
    serial = (unit_number * _SERIAL_STEP + car_number * 31) % _SERIALS
    return build_vin(maker=maker, descriptor=descriptor, model_year=car.model_year, plant=plant, serial=serial)
