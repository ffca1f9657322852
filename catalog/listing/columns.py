"""The trims on sale in a market as columns of numbers, streamed out of the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from psycopg2.extensions import QuotedString

from catalog.models import BodyType, Drivetrain, EnergyType, RangeCycle, StockUnit, Trim
from o2o_platform.markets.models import Market

from .facets import STAGES, gearbox_code

# A table of the block just read; the next one replaces it.
Take = Callable[[np.ndarray], None]
BLOCK_BYTES = 4_000_000
# Name, type, expression; prices in hundredths of the currency, consumption in hundredths of l/100 km, 0 for unknown.
COLUMNS = (
    ("trim_id", np.int64, "t.id"),
    ("model_id", np.int64, "t.vehicle_model_id"),
    ("brand_id", np.int32, "m.brand_id"),
    ("price", np.int64, "(o.list_price * 100)::bigint"),
    ("year", np.int16, "t.model_year"),
    ("body", np.uint8, "coalesce(array_position({bodies}, m.body_type::text), 0)"),
    ("energy", np.uint8, "coalesce(array_position({energies}, t.energy_type::text), 0)"),
    ("seats", np.uint8, "t.seats"),
    ("drive", np.uint8, "coalesce(array_position({drives}, t.drivetrain::text), 0)"),
    ("gearbox", np.int16, "coalesce(array_position({gearboxes}, t.transmission::text), 0)"),
    ("power", np.int16, "least(coalesce(t.power_kw, 0), 32767)"),
    ("length", np.int16, "least(coalesce(t.length_mm, 0), 32767)"),
    ("range_km", np.int16, "least(coalesce(t.electric_range_km, 0), 32767)"),
    ("range_cycle", np.uint8, "coalesce(array_position({cycles}, t.range_cycle::text), 0)"),
    ("fuel", np.int32, "coalesce((t.fuel_l_per_100km * 100)::int, 0)"),
    ("fuel_cycle", np.uint8, "coalesce(array_position({cycles}, t.fuel_cycle::text), 0)"),
)
TRIMS = """
SELECT {expressions} FROM catalog_offer o
JOIN catalog_trim t ON t.id = o.trim_id JOIN catalog_vehiclemodel m ON m.id = t.vehicle_model_id
WHERE o.market_id = {market} AND o.validity @> {day}::date AND t.is_published {only}
ORDER BY m.brand_id, t.vehicle_model_id, t.id"""
STOCK = """
SELECT u.trim_id, coalesce(d.city_id, 0), coalesce(array_position({stages}, u.stage::text), 0), count(*)
FROM catalog_stockunit u LEFT JOIN {dealerships} d ON d.id = u.dealership_id
WHERE u.availability = 'available' AND u.market_id = {market} AND (u.dealership_id IS NULL OR d.is_active) {only}
GROUP BY 1, 2, 3"""
CAMPAIGNS = "SELECT trim_id, campaign_id FROM catalog_campaign_trims u WHERE campaign_id = ANY({campaigns}) {only}"
WORDS = "SELECT u.id, unnest(u.term_ids) FROM catalog_trim u WHERE u.term_ids <> '{{}}' {only}"


@dataclass(frozen=True)
class TrimColumns:
    """One entry per trim in each, ordered by brand, model and trim."""

    trim_id: np.ndarray
    model_id: np.ndarray
    brand_id: np.ndarray
    price: np.ndarray
    year: np.ndarray
    body: np.ndarray
    energy: np.ndarray
    seats: np.ndarray
    drive: np.ndarray
    gearbox: np.ndarray
    power: np.ndarray
    length: np.ndarray
    range_km: np.ndarray
    range_cycle: np.ndarray
    fuel: np.ndarray
    fuel_cycle: np.ndarray

    def __len__(self) -> int:
        return len(self.trim_id)


def read_trims(market: Market, day: dt.date, trim_ids: Sequence[int] | None = None) -> TrimColumns:
    """Published trims with an offer in `market` on a date; only those named, if any are."""
    rows = Trim.objects.order_by() if trim_ids is None else Trim.objects.order_by().filter(pk__in=trim_ids)
    transmissions = sorted(set(rows.values_list("transmission", flat=True).distinct()) - {""})
    names = {
        "bodies": _texts(BodyType.values),
        "energies": _texts(EnergyType.values),
        "drives": _texts(Drivetrain.values),
        "cycles": _texts(RangeCycle.values),
        "gearboxes": _texts(transmissions),
    }
    statement = TRIMS.format(
        expressions=", ".join(expression.format(**names) for _, _, expression in COLUMNS),
        market=_quoted(market.code),
        day=_quoted(day.isoformat()),
        only=_only("t.id", trim_ids),
    )
    pieces: dict[str, list[np.ndarray]] = {name: [np.empty(0, dtype=kind)] for name, kind, _ in COLUMNS}

    def keep(table: np.ndarray) -> None:
        for place, (name, kind, _) in enumerate(COLUMNS):
            pieces[name].append(table[:, place].astype(kind))

    _copy(statement, len(COLUMNS), keep)
    named = {name: np.concatenate(pieces.pop(name)) for name, _, _ in COLUMNS}
    kinds = np.array([0, *map(gearbox_code, transmissions)], dtype=np.uint8)
    return TrimColumns(**named | {"gearbox": kinds[named["gearbox"]]})


def each_stock(market: Market, take: Take, trim_ids: Sequence[int] | None = None) -> None:
    """Free cars of all trims or those named: (trim id, city id or 0, place of the stage in STAGES from 1, cars)."""
    statement = STOCK.format(
        stages=_texts(STAGES),
        dealerships=StockUnit._meta.get_field("dealership").related_model._meta.db_table,
        market=_quoted(market.code),
        only=_only("u.trim_id", trim_ids),
    )
    _copy(statement, 4, take)


def each_campaign(campaign_ids: Iterable[int], take: Take, trim_ids: Sequence[int] | None = None) -> None:
    """Trims of these campaigns: (trim id, campaign id)."""
    _copy(CAMPAIGNS.format(campaigns=_numbers(campaign_ids), only=_only("u.trim_id", trim_ids)), 2, take)


def each_word(take: Take, trim_ids: Sequence[int] | None = None) -> None:
    """The words of trims' names: (trim id, term id)."""
    _copy(WORDS.format(only=_only("u.id", trim_ids)), 2, take)


class _Numbers:
    """Takes the text of a COPY piece by piece and hands it on as tables of numbers: no row is ever an object."""

    def __init__(self, width: int, take: Take) -> None:
        self._width, self._take = width, take
        self._rest = b""
        self._waiting: list[bytes] = []
        self._waiting_size = 0

    def write(self, piece: bytes) -> int:
        self._waiting.append(piece)
        self._waiting_size += len(piece)
        if self._waiting_size > BLOCK_BYTES:
            self.hand_on()
        return len(piece)

    def hand_on(self) -> None:
        text = b"".join((self._rest, *self._waiting))
        self._waiting, self._waiting_size = [], 0
        whole, newline, self._rest = text.rpartition(b"\n")
        if newline:
            self._take(np.fromstring(whole.decode("ascii"), dtype=np.int64, sep=" ").reshape(-1, self._width))


def _copy(statement: str, width: int, take: Take) -> None:
    numbers = _Numbers(width, take)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({statement}) TO STDOUT", numbers)
    numbers.hand_on()


def _only(column: str, ids: Sequence[int] | None) -> str:
    return "" if ids is None else f"AND {column} = ANY({_numbers(ids)})"


def _numbers(ids: Iterable[int]) -> str:
    return f"'{{{','.join(str(int(number)) for number in ids)}}}'::bigint[]"


def _texts(texts: Iterable[str]) -> str:
    return f"ARRAY[{','.join(map(_quoted, texts))}]::text[]"


def _quoted(text: str) -> str:
    quoted = QuotedString(text)
    quoted.encoding = "utf8"
    return quoted.getquoted().decode()
