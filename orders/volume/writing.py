"""Generated rows into the database: COPY to temporary tables, then set by set to where they belong.

Rows are told apart by what people see (slugs, codes, VINs); whatever exists is left as it is, so that a
run that was cut off is finished by the next one.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from .cars import NOTE, Car
from .paints import Paint
from .stock import Unit

_CAR_TYPES = {
    "model_year": "smallint",
    "seats": "smallint",
    "doors": "smallint",
    "length_mm": "int",
    "width_mm": "int",
    "height_mm": "int",
    "wheelbase_mm": "int",
    "engine_displacement_l": "numeric",
    "power_kw": "int",
    "torque_nm": "int",
    "battery_kwh": "numeric",
    "electric_range_km": "int",
    "fuel_l_per_100km": "numeric",
    "accel_0_100_s": "numeric",
    "top_speed_kmh": "int",
    "list_price": "numeric",
    "deposit_amount": "numeric",
    "options": "text[]",
}
_TABLES = {
    "volume_makes": "name text, name_zh text, slug text",
    "volume_sellers": "make text, dealership text",
    "volume_lines": "slug text, make text, name text, name_zh text, body_type text",
    "volume_paints": "model text, code text, name text, name_zh text, hex text, surcharge numeric",
    "volume_cars": ", ".join(f"{name} {_CAR_TYPES.get(name, 'text')}" for name in Car._fields),
    "volume_units": "vin text, trim text, model text, colour text, dealership text, stage text, discount numeric,"
    " expected_on date, options text[]",
}

# A model line of that address that somebody else made keeps its name: ours gives way, with all that belongs to it.
_GIVE_WAY = """
DELETE FROM volume_lines l USING catalog_vehiclemodel m WHERE m.slug = l.slug AND NOT EXISTS
    (SELECT FROM catalog_trim t WHERE t.vehicle_model_id = m.id AND t.source_note = %(note)s)
"""
_STEPS = {
    "makes": """
        INSERT INTO catalog_brand (name, name_zh, slug, aliases) SELECT name, name_zh, slug, '{}' FROM volume_makes
        ON CONFLICT DO NOTHING""",
    "sellers": """
        INSERT INTO dealers_dealership_brands (dealership_id, brand_id)
        SELECT d.id, b.id FROM volume_sellers s JOIN catalog_brand b ON b.slug = s.make
        JOIN dealers_dealership d ON d.code = s.dealership ON CONFLICT DO NOTHING""",
    "lines": """
        INSERT INTO catalog_vehiclemodel (brand_id, name, name_zh, slug, body_type, aliases)
        SELECT b.id, l.name, l.name_zh, l.slug, l.body_type, '{}' FROM volume_lines l
        JOIN catalog_brand b ON b.slug = l.make ON CONFLICT DO NOTHING""",
    "paints": """
        INSERT INTO catalog_colour (vehicle_model_id, code, name, name_zh, hex)
        SELECT m.id, p.code, p.name, p.name_zh, p.hex FROM volume_paints p JOIN volume_lines l ON l.slug = p.model
        JOIN catalog_vehiclemodel m ON m.slug = p.model ON CONFLICT DO NOTHING""",
    "surcharges": """
        INSERT INTO catalog_colourprice (colour_id, market_id, amount)
        SELECT c.id, %(market)s, p.surcharge FROM volume_paints p JOIN volume_lines l ON l.slug = p.model
        JOIN catalog_vehiclemodel m ON m.slug = p.model
        JOIN catalog_colour c ON c.vehicle_model_id = m.id AND c.code = p.code
        WHERE p.surcharge IS NOT NULL ON CONFLICT DO NOTHING""",
    "cars": """
        INSERT INTO catalog_trim (vehicle_model_id, source_note, is_published, term_ids, name, name_zh, code,
            model_year, energy_type, seats, doors, length_mm, width_mm, height_mm, wheelbase_mm, engine_displacement_l,
            power_kw, torque_nm, transmission, drivetrain, battery_kwh, electric_range_km, range_cycle,
            fuel_l_per_100km, fuel_cycle, accel_0_100_s, top_speed_kmh)
        SELECT m.id, %(note)s, true, '{}', c.name, c.name_zh, c.code, c.model_year, c.energy_type, c.seats, c.doors,
            c.length_mm, c.width_mm, c.height_mm, c.wheelbase_mm, c.engine_displacement_l, c.power_kw, c.torque_nm,
            c.transmission, c.drivetrain, c.battery_kwh, c.electric_range_km, c.range_cycle, c.fuel_l_per_100km,
            c.fuel_cycle, c.accel_0_100_s, c.top_speed_kmh
        FROM volume_cars c JOIN volume_lines l ON l.slug = c.model JOIN catalog_vehiclemodel m ON m.slug = c.model
        ON CONFLICT DO NOTHING""",
    "offers": """
        INSERT INTO catalog_offer (trim_id, market_id, validity, list_price, sales_model, deposit_kind, deposit_amount,
            cooling_hours)
        SELECT t.id, %(market)s, daterange('2024-01-01', NULL), c.list_price, c.sales_model, 'refundable',
            c.deposit_amount, 72
        FROM volume_cars c JOIN catalog_trim t ON t.code = c.code AND t.source_note = %(note)s
        ON CONFLICT DO NOTHING""",
    "car options": """
        INSERT INTO catalog_trim_options (trim_id, option_id)
        SELECT t.id, o.id FROM volume_cars c CROSS JOIN unnest(c.options) AS wanted (code)
        JOIN catalog_trim t ON t.code = c.code AND t.source_note = %(note)s
        JOIN catalog_option o ON o.code = wanted.code ON CONFLICT DO NOTHING""",
    "units": """
        INSERT INTO catalog_stockunit (vin, trim_id, colour_id, market_id, dealership_id, stage, availability, discount,
            expected_on)
        SELECT u.vin, t.id, c.id, %(market)s, d.id, u.stage, 'available', u.discount, u.expected_on
        FROM volume_units u JOIN catalog_trim t ON t.code = u.trim AND t.source_note = %(note)s
        JOIN catalog_colour c ON c.vehicle_model_id = t.vehicle_model_id AND c.code = u.colour
        JOIN dealers_dealership d ON d.code = u.dealership ON CONFLICT DO NOTHING""",
    "unit options": """
        INSERT INTO catalog_stockunit_options (stockunit_id, option_id)
        SELECT s.id, o.id FROM volume_units u CROSS JOIN unnest(u.options) AS wanted (code)
        JOIN catalog_stockunit s ON s.vin = u.vin JOIN catalog_option o ON o.code = wanted.code
        ON CONFLICT DO NOTHING""",
}


@dataclass
class Batch:
    """Rows of some model lines, as the temporary tables hold them."""

    makes: list[tuple[str, ...]] = field(default_factory=list)
    sellers: list[tuple[str, ...]] = field(default_factory=list)
    lines: list[tuple[str, ...]] = field(default_factory=list)
    paints: list[Paint] = field(default_factory=list)
    cars: list[Car] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)


def create_tables() -> None:
    """The temporary tables of this connection."""
    with connection.cursor() as cursor:
        for table, columns in _TABLES.items():
            cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} ({columns})")


def write_batch(batch: Batch, *, market: str) -> dict[str, int]:
    """One transaction; how many rows each step added."""
    parameters = {"market": market, "note": NOTE}
    with transaction.atomic(), connection.cursor() as cursor:
        for table in _TABLES:
            copy_rows(cursor, table, getattr(batch, table.removeprefix("volume_")))
        # Each temporary row looks its partner up by index, however large the catalogue has grown.
        cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
        cursor.execute(_GIVE_WAY, parameters)
        added = {}
        for step, statement in _STEPS.items():
            cursor.execute(statement, parameters)
            added[step] = cursor.rowcount
    return added


def copy_rows(cursor: CursorWrapper, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    """COPY of values that hold neither tabs nor backslashes; None is NULL."""
    text = "".join("\t".join(r"\N" if value is None else str(value) for value in row) + "\n" for row in rows)
    cursor.execute(f"TRUNCATE {table}")
    cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(text))
    cursor.execute(f"ANALYZE {table}")
