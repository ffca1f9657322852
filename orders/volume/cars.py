"""Trims of an invented model line: names, figures and prices that go together."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from random import Random
from typing import NamedTuple

from django.utils.translation import gettext_noop

from catalog.imports.names import make_code

from .drives import BEV, EREV, FCEV, HEV, PHEV, Drive, fuel_cycle, range_cycle, range_km
from .lines import COUPE, MPV, PICKUP, SUV, WAGON, Line

NOTE = gettext_noop("Invented, for trying the platform out at volume.")
DEPOSIT = {"CN": 2000, "DE": 500, "PL": 2000}

_GRADES = (
    ("Active", "活力型"),
    ("Comfort", "舒适型"),
    ("Elite", "精英型"),
    ("Luxury", "豪华型"),
    ("Sport", "运动型"),
    ("Premium", "尊贵型"),
    ("Executive", "行政型"),
    ("Flagship", "旗舰型"),
    ("Signature", "典藏型"),
)
_BADGES_ZH = {"Diesel": "柴油", "HEV": "混动", "1.5 EREV": "增程", "Hydrogen": "氢燃料"}
_SEATS_ZH = {2: "两座", 4: "四座", 5: "五座", 6: "六座", 7: "七座", 8: "八座"}
# Price of an ordinary petrol car by segment, CNY.
_BASE_CNY = (46_000, 84_000, 124_000, 198_000, 338_000)
_BODY_PRICE = {SUV: 1.12, MPV: 1.14, COUPE: 1.42, WAGON: 1.07, PICKUP: 0.86}
_BODY_DRAG = {SUV: 1.12, MPV: 1.18, PICKUP: 1.25, COUPE: 0.97}
_CNY_PER = {"CN": 1.0, "DE": 6.1, "PL": 1.45}
_PLUG_IN = frozenset({BEV, PHEV, EREV, FCEV})
_DOORS = {"sedan": 4, "coupe": 2, "pickup": 4, "city_car": 3}
_OPTIONS = ("heated-seats", "panoramic-roof", "premium-audio", "assistance-package", "wheels-19", "tow-bar")


class Car(NamedTuple):
    """A trim as it is stored, with its price in the market; empty figures are None."""

    model: str
    name: str
    name_zh: str
    code: str
    model_year: int
    energy_type: str
    seats: int
    doors: int
    length_mm: int
    width_mm: int
    height_mm: int
    wheelbase_mm: int
    engine_displacement_l: str | None
    power_kw: int
    torque_nm: int
    transmission: str
    drivetrain: str
    battery_kwh: str | None
    electric_range_km: int | None
    range_cycle: str
    fuel_l_per_100km: str | None
    fuel_cycle: str
    accel_0_100_s: str
    top_speed_kmh: int
    list_price: int
    sales_model: str
    deposit_amount: Decimal
    options: str


class Cell(NamedTuple):
    """One choice within a model year."""

    drive: Drive
    gearbox: str
    wheels: str
    grade: int


def generate_cars(line: Line, *, seed: int, market: str) -> list[Car]:
    """The line's trims, newest model year first, each name once per year."""
    pick = Random(f"{seed} cars {line.number}")
    cells = [
        Cell(drive, gearbox, wheels, grade)
        for drive in line.drives
        for gearbox, wheels in product(drive.gearboxes[:2], drive.wheels)
        for grade in range(len(_GRADES))
    ]
    years = line.last_year - line.first_year + 1
    cars: list[Car] = []
    for age in range(years):
        share = line.trims * (age + 1) // years - line.trims * age // years
        cars += _cars_of_year(pick, line, cells, line.last_year - age, share, market)
    return cars


def _cars_of_year(pick: Random, line: Line, cells: list[Cell], year: int, share: int, market: str) -> Iterator[Car]:
    names: set[str] = set()
    for cell in sorted(pick.sample(cells, min(len(cells), share + 4)), key=lambda cell: (cell.drive.cost, cell.grade)):
        seats = line.seats[0] if len(line.seats) == 1 or pick.random() < 0.7 else line.seats[1]
        car = _build_car(pick, line, cell, year, seats, market)
        if len(names) < share and car.name not in names:
            names.add(car.name)
            yield car


def _build_car(pick: Random, line: Line, cell: Cell, year: int, seats: int, market: str) -> Car:
    drive, age = cell.drive, year - line.first_year
    power = round(drive.power_kw * (1 + 0.015 * age))
    battery, electric_km = _measure_range(line, cell, year, market)
    fuel = _measure_fuel(line, cell, year, market)
    name, name_zh = _name(line, cell, seats, electric_km)
    price = _price(pick, line, cell, year, power, market)
    return Car(
        model=line.slug,
        name=name,
        name_zh=name_zh,
        code=make_code(line.slug, year, name),
        model_year=year,
        energy_type=drive.energy,
        seats=seats,
        doors=_DOORS.get(line.body, 5),
        length_mm=line.length + (0 if age < 4 else 18),
        width_mm=line.width,
        height_mm=line.height,
        wheelbase_mm=line.wheelbase,
        engine_displacement_l=drive.displacement_l,
        power_kw=power,
        torque_nm=round(drive.torque_nm * (1 + 0.012 * age)),
        transmission=cell.gearbox,
        drivetrain=cell.wheels,
        battery_kwh=f"{battery:.1f}" if battery else None,
        electric_range_km=electric_km,
        range_cycle=range_cycle(market, year) if electric_km else "",
        fuel_l_per_100km=f"{fuel:.1f}" if fuel else None,
        fuel_cycle=fuel_cycle(market, year) if fuel else "",
        accel_0_100_s=f"{_accelerate(line, drive, power):.1f}",
        top_speed_kmh=_top_speed(line, drive, power),
        list_price=price,
        sales_model=line.make.sales_model,
        deposit_amount=min(Decimal(DEPOSIT[market]), Decimal(price) / 5),
        options="{" + ",".join(pick.sample(_OPTIONS, 3) if year >= 2020 and cell.grade > 5 else ()) + "}",
    )


def _measure_range(line: Line, cell: Cell, year: int, market: str) -> tuple[float | None, int | None]:
    """Battery in kWh and electric range in km: both grow over the years, driven wheels cost some."""
    if cell.drive.energy == FCEV:
        return None, 480 + 20 * line.segment + 10 * (year - line.first_year)
    if not cell.drive.battery_kwh:
        return None, None
    battery = cell.drive.battery_kwh * min(1.1, 0.5 + 0.05 * (year - 2013) if year < 2023 else 1 + 0.02 * (year - 2023))
    drag = _BODY_DRAG.get(line.body, 1.0) * (1.07 if cell.wheels == "awd" else 1.0)
    drag *= 1.0 if cell.drive.energy == BEV else 1.15
    return battery, range_km(battery, segment=line.segment, body_drag=drag, cycle=range_cycle(market, year))


def _measure_fuel(line: Line, cell: Cell, year: int, market: str) -> float | None:
    """Consumption in l/100 km: less each year, more with four driven wheels, and in the newer cycles."""
    if cell.drive.fuel_l is None:
        return None
    drag = _BODY_DRAG.get(line.body, 1.0) * (1.06 if cell.wheels == "awd" else 1.0)
    strict = 1.0 if fuel_cycle(market, year) == "NEDC" else 1.09
    return max(0.4, cell.drive.fuel_l * drag * strict * (1 - 0.012 * (year - 2012)))


def _name(line: Line, cell: Cell, seats: int, electric_km: int | None) -> tuple[str, str]:
    """`1.5T 7DCT 2WD Elite` and `1.5T 7DCT 两驱精英型`; plug-in cars state their range instead of the gearbox."""
    drive = cell.drive
    is_plug_in = drive.energy in _PLUG_IN
    badge_zh = drive.badge
    for english, chinese in _BADGES_ZH.items():
        badge_zh = badge_zh.replace(english, chinese)
    gearbox = "" if is_plug_in or drive.energy == HEV else cell.gearbox
    wheels, wheels_zh = {
        "fwd": ("FWD", "前驱") if drive.energy == BEV else ("2WD", "两驱"),
        "rwd": ("RWD", "后驱"),
        "awd": ("AWD", "四驱") if is_plug_in else ("4WD", "四驱"),
    }[cell.wheels]
    room, room_zh = ("", "") if seats == line.seats[0] else (f"{seats}-seat", _SEATS_ZH[seats])
    reach, reach_zh = (f"{electric_km} km", f"{electric_km}km") if electric_km else ("", "")
    grade, grade_zh = _GRADES[cell.grade]
    parts = (drive.badge, gearbox, reach, wheels, room, grade)
    parts_zh = (badge_zh, gearbox, reach_zh, f"{wheels_zh}{room_zh}{grade_zh}")
    return " ".join(filter(None, parts)), " ".join(filter(None, parts_zh))


def _price(pick: Random, line: Line, cell: Cell, year: int, power: int, market: str) -> int:
    """List price in the market's currency, ending as prices do; newer years of plug-in cars are cheaper."""
    drive = cell.drive
    price = _BASE_CNY[line.segment] * _BODY_PRICE.get(line.body, 1.0) * line.make.tier * drive.cost
    price *= (power / (55, 95, 135, 175, 235)[line.segment]) ** 0.35 * (0.92 + 0.055 * cell.grade)
    price *= (1.06 if cell.wheels == "awd" else 1.0) * (0.97 if cell.gearbox.endswith("MT") else 1.0)
    price *= 1 - 0.02 * (year - 2018) if drive.energy in _PLUG_IN else 1 + 0.006 * (year - 2018)
    price *= pick.uniform(0.985, 1.015)
    amount = price / _CNY_PER[market]
    if market == "CN":
        return max(29_800, round(amount / 1000) * 1000 - pick.choice((100, 200, 200, 200, 500, 1000)))
    return max(8_990, round(amount / 500) * 500 - 10)


def _accelerate(line: Line, drive: Drive, power: int) -> float:
    """Seconds to 100 km/h from weight and power."""
    weight = 960 + 250 * line.segment + (230 if drive.energy in _PLUG_IN else 0)
    return max(2.4, (1.2 if drive.energy == BEV else 1.36) * (weight / power) ** 0.74)


def _top_speed(line: Line, drive: Drive, power: int) -> int:
    """km/h, with the limits makers set."""
    if drive.energy == BEV:
        return (105, 150, 170, 190, 220)[line.segment]
    return min(250 if line.body != COUPE else 300, round(38.6 * power ** (1 / 3) / 5) * 5)
