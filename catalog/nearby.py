"""Cars in stock, by dealership, nearest first: counted by the database, a few rows whatever the number of cars."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, F, When
from django.utils.translation import gettext as _

from catalog.models import Stage, StockUnit
from catalog.places import Place, distance_between
from catalog.rows import IDS, fetch
from o2o_platform.markets.models import local_label, usual_label

UNITS_SHOWN = 200
STAGES = (Stage.IN_STORE, Stage.IN_TRANSIT, Stage.IN_BUILD)
# Of a unit `u`; the closed ones, which are few, are read once for the whole statement.
AT_OPEN_DEALERSHIP = """u.dealership_id IS NOT NULL
  AND u.dealership_id <> ALL(ARRAY(SELECT d.id FROM dealers_dealership d WHERE NOT d.is_active))"""


class StockTrim(NamedTuple):
    """A trim as far as a line of stock names it."""

    pk: int
    code: str
    label: str


class StockColour(NamedTuple):
    """A colour as far as a line of stock shows it."""

    pk: int
    code: str
    label: str
    hex: str


class StockCity(NamedTuple):
    """A city as far as an address names it."""

    label: str
    region: str


class StockPlace(NamedTuple):
    """A dealership as far as its line of stock and its description for search engines name it."""

    code: str
    label: str
    address: str
    phone: str
    latitude: float
    longitude: float
    datum: str
    market_id: str
    city: StockCity


class StockGroup(NamedTuple):
    """Free cars of one trim and colour at one dealership, or in central stock; `discount` is the largest, in the
    market's currency."""

    dealership: StockPlace | None
    trim: StockTrim
    colour: StockColour
    count: int
    in_store: int
    stage: Stage
    expected_on: date | None
    discount: Decimal
    is_discount_equal: bool

    @property
    def reserve_query(self) -> str:
        """Any of these cars; codes are slugs, which need no quoting."""
        car = f"trim={self.trim.code}&colour={self.colour.code}"
        return f"{car}&dealership={self.dealership.code}" if self.dealership else car


@dataclass(slots=True)
class DealershipStock:
    """A dealership, how far it is from the visitor's city in km, and its free cars.

    `groups` may be the first of `choices`; `units` are the cars themselves where they are asked for, and
    `query` is the address that asks for those of this dealership; `html` is all of it as a page shows it.
    """

    dealership: StockPlace
    distance_km: float | None
    count: int
    choices: int
    groups: list[StockGroup] = field(default_factory=list)
    units: list[StockUnit] = field(default_factory=list)
    query: str = ""
    html: str = ""

    @property
    def groups_left(self) -> int:
        return self.choices - len(self.groups)

    @property
    def units_left(self) -> int:
        return self.count - len(self.units)


@dataclass(frozen=True)
class StockAsked:
    """Which part of the stock to read: of some trims, maybe in one colour or at one dealership only."""

    place: Place
    trim_ids: Collection[int]
    colour_id: int | None = None
    dealership_code: str = ""
    skipped: int = 0
    dealerships: int = 4
    groups: int = 4
    with_units: bool = False


@dataclass(frozen=True)
class StockBoard:
    """The dealerships shown, and how many dealerships and cars there are in all."""

    spots: tuple[DealershipStock, ...] = ()
    places_total: int = 0
    units_total: int = 0


# One statement: through the ORM it takes three, which cost more to put together than to run. The haversine of
# the angle, which grows with the distance, orders the dealerships; kilometres are counted for those shown.
# Names and address of a dealership come with its first line alone.
# The maker sells at one price everywhere: a dealership's own discount is not given then.
GIVEN = """CASE WHEN {0} > 0 AND EXISTS (
    SELECT 1 FROM catalog_offer o WHERE o.trim_id = r.trim_id AND o.market_id = %(market)s
      AND o.validity @> %(today)s::date AND o.sales_model = 'agency'
  ) THEN 0 ELSE {0} END"""
_BOARD = f"""
WITH free AS (
  SELECT u.dealership_id, u.trim_id, u.colour_id, count(*) AS units,
    count(*) FILTER (WHERE u.stage = 'in_store') AS in_store,
    count(*) FILTER (WHERE u.stage = 'in_transit') AS in_transit,
    min(u.expected_on) AS expected_on, max(u.discount) AS discount, min(u.discount) AS least_discount
  FROM catalog_stockunit u
  WHERE u.availability = 'available' AND u.market_id = %(market)s AND u.trim_id = ANY({IDS.format("trims")})
    AND (%(colour)s::bigint IS NULL OR u.colour_id = %(colour)s)
  GROUP BY u.dealership_id, u.trim_id, u.colour_id
), spots AS (
  SELECT d.id, d.name, sum(f.units) AS units, count(*) AS choices,
    count(*) OVER () AS places_total, sum(sum(f.units)) OVER () AS units_total,
    power(sind((d.latitude - %(lat)s) / 2), 2)
      + cosd(d.latitude) * cosd(%(lat)s) * power(sind((d.longitude - %(lon)s) / 2), 2) AS far
  FROM free f JOIN dealers_dealership d ON d.id = f.dealership_id
  WHERE d.is_active AND (%(at)s = '' OR d.code = %(at)s)
  GROUP BY d.id ORDER BY far, d.name, d.id OFFSET %(skipped)s LIMIT %(dealerships)s
), ranked AS MATERIALIZED (
  SELECT f.*, row_number() OVER (
    PARTITION BY f.dealership_id
    ORDER BY f.in_store = 0, f.in_transit = 0, f.expected_on, f.trim_id, f.colour_id
  ) AS place
  FROM free f WHERE f.dealership_id = ANY(ARRAY(SELECT id FROM spots))
)
SELECT s.id, s.units, s.choices, s.places_total, s.units_total, t.id, t.code, t.model_year, t.name, t.name_zh,
  k.id, k.code, k.name, k.name_zh, k.hex,
  r.units, r.in_store, r.in_transit, r.expected_on, {GIVEN.format("r.discount")}, {GIVEN.format("r.least_discount")},
  d.code, d.name, d.name_local, d.address, d.phone, d.latitude, d.longitude, d.datum, d.market_id,
  c.name, c.name_local, c.region
FROM spots s JOIN ranked r ON r.dealership_id = s.id AND r.place <= %(groups)s
  JOIN catalog_trim t ON t.id = r.trim_id JOIN catalog_colour k ON k.id = r.colour_id
  LEFT JOIN dealers_dealership d ON d.id = s.id AND r.place = 1 LEFT JOIN markets_city c ON c.id = d.city_id
ORDER BY s.far, s.name, s.id, r.place
"""  # noqa: S608 - constants
GROUP, DEALER = 15, 21


def read_board(asked: StockAsked) -> StockBoard:
    """Free cars at open dealerships of the visitor's market, nearest to their city first (by name without a city).

    Distance is from the city's centre. Central stock, which has no dealership, is not listed.
    """
    if not asked.trim_ids:
        return StockBoard()
    city = asked.place.city
    rows = fetch(
        _BOARD,
        {
            "market": asked.place.market.code,
            "today": asked.place.today,
            "trims": list(asked.trim_ids),
            "colour": asked.colour_id,
            "at": asked.dealership_code,
            "lat": city.latitude if city else None,
            "lon": city.longitude if city else None,
            "skipped": asked.skipped,
            "dealerships": asked.dealerships,
            "groups": asked.groups,
        },
    )
    spots: dict[int, DealershipStock] = {}
    trims: dict[int, StockTrim] = {}
    colours: dict[int, StockColour] = {}
    for row in rows:
        spot = spots.get(row[0]) or spots.setdefault(row[0], _spot(row, asked.place))
        trim = trims.get(row[5]) or trims.setdefault(row[5], _trim(row[5:10]))
        colour = colours.get(row[10]) or colours.setdefault(row[10], _colour(row[10:GROUP]))
        spot.groups.append(_group(spot.dealership, trim, colour, row[GROUP:DEALER]))
    if asked.with_units and spots:
        _add_units(asked, spots)
    return StockBoard(tuple(spots.values()), rows[0][3], int(rows[0][4])) if rows else StockBoard()


_CENTRAL = f"""
SELECT t.id, t.code, t.model_year, t.name, t.name_zh, k.id, k.code, k.name, k.name_zh, k.hex,
  count(*), count(*) FILTER (WHERE u.stage = 'in_store'), count(*) FILTER (WHERE u.stage = 'in_transit'),
  min(u.expected_on), max(u.discount), min(u.discount)
FROM catalog_stockunit u JOIN catalog_trim t ON t.id = u.trim_id JOIN catalog_colour k ON k.id = u.colour_id
WHERE u.availability = 'available' AND u.market_id = %(market)s AND u.dealership_id IS NULL
  AND u.trim_id = ANY({IDS.format("trims")}) AND (%(colour)s::bigint IS NULL OR u.colour_id = %(colour)s)
GROUP BY t.id, k.id
ORDER BY count(*) FILTER (WHERE u.stage = 'in_store') = 0, min(u.expected_on), t.id, k.id
"""  # noqa: S608 - constants


def read_central(asked: StockAsked) -> list[StockGroup]:
    """Free cars of central stock by trim and colour, those there at once in front: what is sold directly."""
    values = {"market": asked.place.market.code, "trims": list(asked.trim_ids), "colour": asked.colour_id}
    rows = fetch(_CENTRAL, values) if asked.trim_ids else []
    return [_group(None, _trim(row[:5]), _colour(row[5:10]), row[10:]) for row in rows]


def _add_units(asked: StockAsked, spots: Mapping[int, DealershipStock]) -> None:
    """The cars themselves, nearest dealership first, `UNITS_SHOWN` at most; those in store first."""
    shown = StockUnit.objects.on_show(asked.place.market).with_discount_given(asked.place.today)
    units = shown.filter(trim__in=asked.trim_ids, dealership__in=spots)
    if asked.colour_id:
        units = units.filter(colour=asked.colour_id)
    nearest = Case(*(When(dealership=pk, then=place) for place, pk in enumerate(spots)))
    stage = Case(*(When(stage=stage, then=place) for place, stage in enumerate(STAGES)))
    for unit in units.order_by(nearest, stage, F("expected_on").asc(nulls_last=True), "trim_id", "colour_id", "id")[
        :UNITS_SHOWN
    ]:
        spots[unit.dealership_id].units.append(unit)


def _spot(row: tuple[Any, ...], place: Place) -> DealershipStock:
    code, name, name_local, address, phone, latitude, longitude, datum, market, *city = row[DEALER:]
    language = "zh" if market == "CN" else ""
    city_name, city_local, region = city
    dealership = StockPlace(
        code=code,
        label=local_label(name, name_local, language),
        address=address,
        phone=phone,
        latitude=latitude,
        longitude=longitude,
        datum=datum,
        market_id=market,
        city=StockCity(local_label(city_name, city_local, language), region),
    )
    far = distance_between(place.city, dealership) if place.city else None
    return DealershipStock(dealership, far, count=int(row[1]), choices=row[2])


def year_label(year: int, name: str, name_zh: str) -> str:
    """The name of a trim with its model year, as each language puts it."""
    return _("%(year)s %(trim)s") % {"year": year, "trim": local_label(name, name_zh, "zh")}


def _trim(row: tuple[Any, ...]) -> StockTrim:
    pk, code, year, name, name_zh = row
    return StockTrim(pk, code, year_label(year, name, name_zh))


def _colour(row: tuple[Any, ...]) -> StockColour:
    pk, code, name, name_zh, paint = row
    return StockColour(pk, code, usual_label(name, name_zh), paint)


def _group(dealership: StockPlace | None, trim: StockTrim, colour: StockColour, row: tuple[Any, ...]) -> StockGroup:
    count, in_store, in_transit, expected_on, discount, least = row
    return StockGroup(
        dealership=dealership,
        trim=trim,
        colour=colour,
        count=count,
        in_store=in_store,
        stage=Stage.IN_STORE if in_store else Stage.IN_TRANSIT if in_transit else Stage.IN_BUILD,
        expected_on=None if in_store else expected_on,
        discount=discount,
        is_discount_equal=discount == least,
    )
