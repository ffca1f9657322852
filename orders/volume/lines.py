"""Invented makes and their model lines: body, size, years and how each is sold."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import NamedTuple

from catalog.imports.names import make_code, model_code
from catalog.models import BodyType
from o2o_platform.markets.models import SalesModel

from .drives import Drive, build_drives, pick_energies
from .names import Name, brand_names, model_names

FIRST_YEAR, LAST_YEAR = 2012, 2026
FEWEST_TRIMS, USUAL_TRIMS, MOST_TRIMS = 5, 11, 60
_TRIMS_PER_YEAR, _LONGEST_LIFE = 8, 12
_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"

SUV, SEDAN, HATCHBACK, MPV, COUPE, WAGON, PICKUP, CITY_CAR = (
    BodyType.SUV.value,
    BodyType.SEDAN.value,
    BodyType.HATCHBACK.value,
    BodyType.MPV.value,
    BodyType.COUPE.value,
    BodyType.WAGON.value,
    BodyType.PICKUP.value,
    BodyType.CITY_CAR.value,
)
_BODIES = (
    *((SUV, segment) for segment in (1, 1, 2, 2, 2, 2, 3, 3, 3, 4)),
    *((SEDAN, segment) for segment in (1, 2, 2, 3, 3, 4)),
    *((HATCHBACK, segment) for segment in (0, 1, 1, 2)),
    *((MPV, segment) for segment in (2, 3, 4)),
    *((body, segment) for body, segment in ((CITY_CAR, 0), (CITY_CAR, 0), (WAGON, 2), (WAGON, 3))),
    *((body, segment) for body, segment in ((COUPE, 3), (COUPE, 4), (PICKUP, 3))),
)
# Length of the smallest segment and what each segment adds, width, height, wheelbase less half the length; mm.
_SHAPES = {
    CITY_CAR: (3060, 240, 1510, 1620, 560),
    HATCHBACK: (3780, 260, 1740, 1510, 660),
    SEDAN: (4120, 285, 1730, 1470, 480),
    WAGON: (4180, 270, 1760, 1490, 470),
    SUV: (3880, 290, 1760, 1650, 490),
    COUPE: (3900, 260, 1790, 1370, 430),
    MPV: (4020, 310, 1770, 1720, 520),
    PICKUP: (4480, 300, 1820, 1840, 540),
}
_SEATS = {
    CITY_CAR: ((4,),),
    COUPE: ((4,), (4, 2)),
    MPV: ((7,), (7, 6), (6, 7), (5, 7), (7, 8)),
    PICKUP: ((5,), (5, 2)),
}


class Make(NamedTuple):
    """An invented brand; `tier` multiplies prices, `electric` the share of plug-in lines."""

    name: Name
    slug: str
    tier: float
    electric: float
    sales_model: str
    maker: str


class Line(NamedTuple):
    """A model line with everything its trims have in common; sizes in mm."""

    number: int
    make: Make
    name: Name
    slug: str
    body: str
    segment: int
    first_year: int
    last_year: int
    trims: int
    seats: tuple[int, ...]
    length: int
    width: int
    height: int
    wheelbase: int
    drives: tuple[Drive, ...]


@lru_cache(maxsize=1)
def makes() -> tuple[Make, ...]:
    """All invented makes, those with the most lines first."""
    return tuple(_build_make(number, name) for number, name in enumerate(brand_names()))


def _build_make(number: int, name: Name) -> Make:
    pick = Random(f"make {name.latin}")
    electric = pick.choice((0.4, 0.8, 1.0, 1.0, 1.3, 2.2))
    is_direct = electric > 2 and pick.random() < 0.7
    sales_model = SalesModel.DIRECT if is_direct else pick.choices(list(SalesModel), (90, 10, 0))[0]
    maker = f"L{_VIN_LETTERS[number // 33]}{_VIN_LETTERS[number % 33]}"
    tier = min(2.6, max(0.72, pick.lognormvariate(0.02, 0.32)))
    return Make(name, make_code(name.latin), tier, electric, sales_model.value, maker)


def generate_lines(*, seed: int, market: str) -> Iterator[Line]:
    """Model lines until all names are used up: the n-th depends on the seed, not on how many are taken."""
    weights = list(accumulate(1 / (rank + 12) for rank in range(len(makes()))))
    names: dict[str, Iterator[Name]] = {}
    spent: set[str] = set()
    number = 0
    while len(spent) < len(makes()):
        pick = Random(f"{seed} line {number}")
        make = makes()[bisect(weights, pick.random() * weights[-1])]
        if make.slug not in names:
            names[make.slug] = iter(model_names(make.name.latin))
        name = next(names[make.slug], None)
        if name is None:
            spent.add(make.slug)
        else:
            yield _build_line(pick, number, make, name, market)
        number += 1


def _build_line(pick: Random, number: int, make: Make, name: Name, market: str) -> Line:
    body, segment = pick.choice(_BODIES)
    trims = int(pick.triangular(FEWEST_TRIMS, MOST_TRIMS + 1, USUAL_TRIMS))
    shortest = -(-trims // _TRIMS_PER_YEAR)
    years = pick.randint(shortest, max(shortest, min(_LONGEST_LIFE, trims // 3)))
    last_year = LAST_YEAR if pick.random() < 0.6 else pick.randint(FIRST_YEAR, LAST_YEAR)
    last_year = max(last_year, FIRST_YEAR + years - 1)
    first_year = last_year - years + 1
    energies = pick_energies(pick, market=market, first_year=first_year, electric_bias=make.electric)
    shortest_mm, step, width, height, overhang = _SHAPES[body]
    length = shortest_mm + step * segment + pick.randint(-70, 95)
    roomy = body == SUV and segment >= 3
    return Line(
        number=number,
        make=make,
        name=name,
        slug=model_code(make.name.latin, name.latin),
        body=body,
        segment=segment,
        first_year=first_year,
        last_year=last_year,
        trims=trims,
        seats=pick.choice(((5,), (5, 7), (7, 5), (6, 7), (6,))) if roomy else pick.choice(_SEATS.get(body, ((5,),))),
        length=length,
        width=width + 32 * segment + pick.randint(-20, 20),
        height=height + 12 * segment + pick.randint(-35, 35),
        wheelbase=length // 2 + overhang + pick.randint(-30, 30),
        drives=tuple(build_drives(pick, energies, segment=segment, body=body)),
    )
