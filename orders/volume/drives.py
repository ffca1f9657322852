"""What moves an invented car: engines, motors and batteries with figures that go together."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from catalog.models import EnergyType

BEV, PHEV, EREV, HEV = EnergyType.BEV.value, EnergyType.PHEV.value, EnergyType.EREV.value, EnergyType.HEV.value
PETROL, DIESEL, MHEV, FCEV = (
    EnergyType.PETROL.value,
    EnergyType.DIESEL.value,
    EnergyType.MHEV.value,
    EnergyType.FCEV.value,
)

# By segment, small to large: displacement (L) with the badge, power in kW, torque in Nm.
_ENGINES = (
    (("1.0", "1.0L", 52, 92), ("1.2", "1.2L", 63, 115), ("1.0", "1.0T", 85, 175)),
    (("1.5", "1.5L", 83, 145), ("1.2", "1.2T", 85, 190), ("1.5", "1.5T", 115, 230)),
    (("1.5", "1.5T", 125, 265), ("1.6", "1.6T", 145, 290), ("2.0", "2.0T", 165, 350)),
    (("1.5", "1.5T", 138, 300), ("2.0", "2.0T", 175, 370), ("2.0", "2.0T", 192, 400)),
    (("2.0", "2.0T", 195, 400), ("3.0", "3.0T", 265, 500), ("4.0", "4.0T", 380, 700)),
)
_DIESELS = (("1.5", "1.5T", 75, 230), ("2.0", "2.0T", 110, 340), ("2.0", "2.0T", 140, 400), ("3.0", "3.0T", 210, 620))
_BATTERIES_KWH = ((17.3, 31.9), (42.2, 53.6), (56.4, 68.8), (66.8, 82.5), (83.0, 100.0, 112.0))
_MOTORS_KW = ((30, 55), (100, 135), (150, 170), (190, 230), (230, 270, 310))
# kWh per 100 km in the Chinese cycle, by segment; the European one and the American are stricter.
_USE_KWH = (9.2, 11.8, 13.0, 14.2, 16.0)
_CYCLE_SHARE = {"CLTC": 1.0, "NEDC": 0.94, "WLTC": 0.84, "WLTP": 0.8, "EPA": 0.71}


class Drive(NamedTuple):
    """One way a model line moves: figures of its first year; kW, Nm, kWh, km and l/100 km."""

    energy: str
    displacement_l: str | None
    badge: str
    power_kw: int
    torque_nm: int
    gearboxes: tuple[str, ...]
    wheels: tuple[str, ...]
    battery_kwh: float | None
    fuel_l: float | None
    cost: float


def range_cycle(market: str, year: int) -> str:
    """The cycle electric range is stated in: China moved to CLTC in 2021, Europe to WLTP in 2018."""
    if market == "CN":
        return "CLTC" if year >= 2021 else "NEDC"
    return "WLTP" if year >= 2018 else "NEDC"


def fuel_cycle(market: str, year: int) -> str:
    """The cycle consumption is stated in: China moved to WLTC in 2021, Europe to WLTP in 2018."""
    if market == "CN":
        return "WLTC" if year >= 2021 else "NEDC"
    return "WLTP" if year >= 2018 else "NEDC"


def range_km(battery_kwh: float, *, segment: int, body_drag: float, cycle: str) -> int:
    """Electric range a battery gives, to the next 5 km."""
    return round(battery_kwh / (_USE_KWH[segment] * body_drag) * 100 * _CYCLE_SHARE[cycle] / 5) * 5


def pick_energies(pick: Random, *, market: str, first_year: int, electric_bias: float) -> tuple[str, ...]:
    """The kinds of drive of a model line: older lines burn, newer ones are plugged in."""
    plug_share = min(0.9, max(0.04, (first_year - 2012) * 0.09)) * electric_bias
    draw = pick.random()
    if draw < plug_share * 0.55:
        return (FCEV, BEV) if pick.random() < 0.01 else (BEV,)
    if draw < plug_share * 0.85:
        return (PHEV, BEV) if pick.random() < 0.4 else (PHEV,)
    if draw < plug_share and first_year >= 2018:
        return (EREV, BEV)
    hybrid = pick.random()
    if first_year >= 2014 and hybrid < 0.3:
        return (PETROL, HEV)
    if first_year >= 2016 and hybrid < 0.42:
        return (MHEV, PETROL)
    return (PETROL, DIESEL) if hybrid > (0.94 if market == "CN" else 0.6) else (PETROL,)


def build_drives(pick: Random, energies: tuple[str, ...], *, segment: int, body: str) -> list[Drive]:
    """Every drive of a line, from the plain one up."""
    return [drive for energy in energies for drive in _BUILDERS[energy](pick, segment, body)]


def _wheels(segment: int, body: str) -> tuple[str, ...]:
    front = "rwd" if segment >= 4 or body in ("coupe", "pickup") else "fwd"
    return (front, "awd") if segment >= 2 and body not in ("city_car", "hatchback") else (front,)


def _build_petrol(pick: Random, segment: int, body: str, *, energy: str = PETROL) -> Iterator[Drive]:
    gears = (("5MT", "4AT"), ("6MT", "CVT", "6AT"), ("6MT", "7DCT", "8AT"), ("7DCT", "8AT"), ("8AT", "9AT"))[segment]
    first = pick.randrange(2)
    for displacement, badge, power, torque in _ENGINES[segment][first:]:
        boxes = gears if power < 130 else gears[1:] or gears
        fuel = 3.6 + 1.45 * float(displacement) + 0.55 * segment
        share, cost = (0.93, 1.05) if energy == MHEV else (1.0, 1.0)
        wheels = _wheels(segment, body)
        yield Drive(energy, displacement, badge, power, torque, boxes, wheels, None, fuel * share, cost)


def _build_mild(pick: Random, segment: int, body: str) -> Iterator[Drive]:
    for drive in _build_petrol(pick, segment, body, energy=MHEV):
        boxes = tuple(box for box in drive.gearboxes if not box.endswith("MT")) or ("7DCT",)
        yield drive._replace(gearboxes=boxes, badge=f"{drive.badge} 48V")


def _build_diesel(pick: Random, segment: int, body: str) -> Iterator[Drive]:
    displacement, badge, power, torque = _DIESELS[max(0, min(3, segment - 1))]
    boxes = ("6MT", "8AT") if segment < 4 else ("8AT",)
    fuel = 3.0 + 1.2 * float(displacement) + 0.45 * segment
    yield Drive(DIESEL, displacement, f"{badge} Diesel", power, torque, boxes, _wheels(segment, body), None, fuel, 1.07)


def _build_hybrid(pick: Random, segment: int, body: str) -> Iterator[Drive]:
    displacement, badge, power, torque = _ENGINES[max(1, segment)][0]
    fuel = (3.3 + 0.7 * float(displacement) + 0.4 * segment) * pick.uniform(0.94, 1.06)
    wheels, power = _wheels(segment, body), round(power * 1.35)
    yield Drive(HEV, displacement, f"{badge} HEV", power, torque + 60, ("E-CVT",), wheels, None, fuel, 1.1)


def _build_plug_in(pick: Random, segment: int, body: str) -> Iterator[Drive]:
    displacement, badge, power, torque = _ENGINES[max(1, segment)][0]
    box = pick.choice(("DHT", "E-CVT", "6DCT"))
    for battery in (9.5 + 2 * segment, 18.4 + 5 * segment):
        yield Drive(
            PHEV,
            displacement,
            f"{badge} DM",
            round(power * (1.45 if battery < 20 else 1.75)),
            torque + 130,
            (box,),
            _wheels(segment, body),
            battery,
            0.9 + 0.25 * segment,
            1.14 if battery < 20 else 1.24,
        )


def _build_extended(pick: Random, segment: int, body: str) -> Iterator[Drive]:
    for battery, power in ((28.4 + 4 * segment, 150 + 25 * segment), (36.8 + 5 * segment, 220 + 35 * segment)):
        wheels = ("rwd",) if power < 240 else ("awd",)
        yield Drive(
            EREV, "1.5", "1.5 EREV", power, round(power * 1.7), ("1-speed",), wheels, battery, 0.5 + 0.2 * segment, 1.25
        )


def _build_electric(pick: Random, segment: int, body: str) -> Iterator[Drive]:
    rear = "rwd" if segment >= 3 or pick.random() < 0.4 else "fwd"
    for battery, power in zip(_BATTERIES_KWH[segment], _MOTORS_KW[segment], strict=True):
        kwh = battery * pick.uniform(0.96, 1.04)
        yield Drive(BEV, None, "", power, round(power * 1.75), ("1-speed",), (rear,), kwh, None, 1.04 + kwh / 450)
    if segment >= 2 and body != "city_car":
        power = round(_MOTORS_KW[segment][-1] * 1.7)
        kwh = _BATTERIES_KWH[segment][-1]
        yield Drive(BEV, None, "", power, round(power * 1.65), ("1-speed",), ("awd",), kwh, None, 1.22 + kwh / 450)


def _build_fuel_cell(pick: Random, segment: int, body: str) -> Iterator[Drive]:
    power = 110 + 15 * segment
    yield Drive(FCEV, None, "Hydrogen", power, power * 2, ("1-speed",), ("rwd",), None, None, 1.9)


_BUILDERS = {
    PETROL: _build_petrol,
    MHEV: _build_mild,
    DIESEL: _build_diesel,
    HEV: _build_hybrid,
    PHEV: _build_plug_in,
    EREV: _build_extended,
    BEV: _build_electric,
    FCEV: _build_fuel_cell,
}
