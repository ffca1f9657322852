"""Generated rows out of the database again."""

from __future__ import annotations

from django.db import connection, transaction

from .cars import NOTE

_CARS = "SELECT id FROM catalog_trim WHERE source_note = %(note)s"
_UNITS = f"SELECT id FROM catalog_stockunit WHERE trim_id IN ({_CARS})"
_DEALERSHIPS = "SELECT id FROM dealers_dealership WHERE email LIKE 'volume-%%@example.com'"
_LINES = "SELECT id FROM volume_gone"
_BRANDS = "SELECT brand_id FROM volume_gone"
_STEPS = (
    "CREATE TEMP TABLE volume_gone ON COMMIT DROP AS SELECT m.id, m.brand_id FROM catalog_vehiclemodel m"
    " WHERE EXISTS (SELECT FROM catalog_trim t WHERE t.vehicle_model_id = m.id AND t.source_note = %(note)s)"
    " AND NOT EXISTS (SELECT FROM catalog_trim t WHERE t.vehicle_model_id = m.id AND t.source_note <> %(note)s)",
    f"DELETE FROM catalog_stockunit_options WHERE stockunit_id IN ({_UNITS})",
    f"DELETE FROM catalog_stockunit WHERE trim_id IN ({_CARS})",
    f"DELETE FROM catalog_offer WHERE trim_id IN ({_CARS})",
    f"DELETE FROM catalog_trim_options WHERE trim_id IN ({_CARS})",
    f"DELETE FROM catalog_campaign_trims WHERE trim_id IN ({_CARS})",
    "DELETE FROM catalog_trim WHERE source_note = %(note)s",
    f"DELETE FROM catalog_colourprice WHERE colour_id IN"
    f" (SELECT id FROM catalog_colour WHERE vehicle_model_id IN ({_LINES}))",
    f"DELETE FROM catalog_colour WHERE vehicle_model_id IN ({_LINES})",
    f"DELETE FROM catalog_searchterm WHERE vehicle_model_id IN ({_LINES})",
    f"DELETE FROM catalog_vehiclemodel WHERE id IN ({_LINES})",
    f"DELETE FROM dealers_dealership_brands WHERE dealership_id IN ({_DEALERSHIPS})",
    f"DELETE FROM dealers_dealership WHERE id IN ({_DEALERSHIPS})",
    "CREATE TEMP TABLE volume_makes_gone ON COMMIT DROP AS SELECT b.id FROM catalog_brand b"
    f" WHERE b.id IN ({_BRANDS}) AND NOT EXISTS (SELECT FROM catalog_vehiclemodel m WHERE m.brand_id = b.id)"
    " AND NOT EXISTS (SELECT FROM dealers_dealership_brands d WHERE d.brand_id = b.id)",
    "DELETE FROM catalog_searchterm WHERE brand_id IN (SELECT id FROM volume_makes_gone)",
    "DELETE FROM catalog_brand WHERE id IN (SELECT id FROM volume_makes_gone)",
)


def remove_volume() -> int:
    """All generated trims with what belongs to them; how many rows. IntegrityError when orders or people use some."""
    removed = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _STEPS:
            cursor.execute(statement, {"note": NOTE})
            removed += cursor.rowcount if statement.startswith("DELETE") else 0
    return removed
