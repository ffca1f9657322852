"""The columns of a table of cars."""

from __future__ import annotations

from o2o_platform.imports.columns import Column, choice, moment, names, number, text, whole_number, yes_or_no
from o2o_platform.markets.models import DepositKind, SalesModel

from ..models import BodyType, Drivetrain, EnergyType, RangeCycle, Trim
from .cells import read_colours, read_offers, read_slug
from .names import make_code

PRICE = number("1", "999999999", places=2)
MILLIMETRES = whole_number(500, 20_000)
PRICE_COLUMNS = {"CN": "msrp_cny", "DE": "msrp_eur_de", "PL": "msrp_pln"}
BODY_NAMES = {"estate": "wagon", "van": "mpv", "minivan": "mpv", "liftback": "hatchback", "saloon": "sedan"}
DRIVES = {"4wd": "awd", "2wd": "fwd"}


def _code(cell: str) -> str:
    """A trim's code; other text becomes one."""
    name = text(300)(cell)
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else make_code(name)


COLUMNS = (
    Column("code", _code, empty=""),
    Column("make", text(120), required=True),
    Column("make_zh", text(120), empty=""),
    Column("make_code", lambda cell: read_slug(cell, 50), empty=""),
    Column("model", text(120), required=True),
    Column("model_zh", text(120), empty=""),
    Column("model_code", lambda cell: read_slug(cell, 80), empty=""),
    Column("model_year", whole_number(1990, 2100), required=True),
    Column("trim", text(120), required=True),
    Column("trim_zh", text(120), empty=""),
    Column("market", names, empty=(), aliases=("markets",)),
    Column("body_type", choice(BodyType, BODY_NAMES), required=True),
    Column("energy_type", choice(EnergyType), required=True),
    Column("seats", whole_number(1, 9), required=True),
    Column("doors", whole_number(1, 7)),
    *(Column(name, PRICE) for name in PRICE_COLUMNS.values()),
    Column("list_price", PRICE),
    Column("length_mm", MILLIMETRES),
    Column("width_mm", MILLIMETRES),
    Column("height_mm", MILLIMETRES),
    Column("wheelbase_mm", MILLIMETRES),
    Column("engine_displacement_l", number("0.05", "20", places=2, is_exact=False)),
    Column("power_kw", whole_number(1, 3000)),
    Column("torque_nm", whole_number(1, 10_000)),
    Column("transmission", text(20), empty=""),
    Column("drivetrain", choice(Drivetrain, DRIVES), empty=""),
    Column("battery_kwh", number("0.1", "1000", places=2, is_exact=False)),
    Column("electric_range_km", whole_number(1, 3000)),
    Column("range_cycle", choice(RangeCycle), empty=""),
    Column("fuel_l_per_100km", number("0", "99", places=2, is_exact=False)),
    Column("fuel_cycle", choice(RangeCycle), empty=""),
    Column("co2_g_per_km", whole_number(0, 999)),
    Column("co2_depleted_g_per_km", whole_number(0, 999)),
    Column("accel_0_100_s", number("0.5", "99", places=1, is_exact=False)),
    Column("top_speed_kmh", whole_number(10, 600)),
    Column("source_note", text(300), empty=""),
    Column("published", yes_or_no),
    Column("publish_at", moment),
    Column("options", names, empty=()),
    Column("colours", read_colours, empty=(), aliases=("colors",)),
    Column("offers", read_offers, empty=()),
    Column("sales_model", choice(SalesModel), empty=""),
    Column("deposit_kind", choice(DepositKind), empty=""),
    Column("deposit_amount", PRICE),
    Column("cooling_hours", whole_number(0, 2000)),
)
TRIM_FIELDS = {column.name for column in COLUMNS} & {field.name for field in Trim._meta.concrete_fields} - {"code"}
CYCLES = {"electric_range_km": "range_cycle", "fuel_l_per_100km": "fuel_cycle"}
