"""Generated rows out of the database again."""

from __future__ import annotations

from django.db import connection, transaction

from .cars import NOTE

# What goes: the trims that say they are invented, lines that have no others, dealerships by their address.
_MARK = (
    "CREATE TEMP TABLE gone_cars ON COMMIT DROP AS SELECT id, vehicle_model_id FROM catalog_trim"
    " WHERE source_note = %(note)s",
    "CREATE TEMP TABLE gone_lines ON COMMIT DROP AS SELECT id, brand_id FROM catalog_vehiclemodel m"
    " WHERE id IN (SELECT vehicle_model_id FROM gone_cars)"
    " AND NOT EXISTS (SELECT FROM catalog_trim t WHERE t.vehicle_model_id = m.id AND t.source_note <> %(note)s)",
    "CREATE TEMP TABLE gone_colours ON COMMIT DROP AS SELECT id FROM catalog_colour"
    " WHERE vehicle_model_id IN (SELECT id FROM gone_lines)",
    "CREATE TEMP TABLE gone_units ON COMMIT DROP AS SELECT id FROM catalog_stockunit"
    " WHERE trim_id IN (SELECT id FROM gone_cars)",
    "CREATE TEMP TABLE gone_dealerships ON COMMIT DROP AS SELECT id FROM dealers_dealership"
    " WHERE email LIKE 'volume-%%@example.com'",
    "CREATE TEMP TABLE gone_makes ON COMMIT DROP AS SELECT DISTINCT brand_id AS id FROM gone_lines l"
    " WHERE NOT EXISTS (SELECT FROM catalog_vehiclemodel m WHERE m.brand_id = l.brand_id"
    " AND m.id NOT IN (SELECT id FROM gone_lines)) AND NOT EXISTS (SELECT FROM dealers_dealership_brands d"
    " WHERE d.brand_id = l.brand_id AND d.dealership_id NOT IN (SELECT id FROM gone_dealerships))",
)
_REMOVE = (
    "DELETE FROM catalog_stockunit_options WHERE stockunit_id IN (SELECT id FROM gone_units)",
    "DELETE FROM catalog_stockunit WHERE id IN (SELECT id FROM gone_units)",
    "DELETE FROM catalog_offer WHERE trim_id IN (SELECT id FROM gone_cars)",
    "DELETE FROM catalog_trim_options WHERE trim_id IN (SELECT id FROM gone_cars)",
    "DELETE FROM catalog_campaign_trims WHERE trim_id IN (SELECT id FROM gone_cars)",
    "DELETE FROM catalog_trim WHERE id IN (SELECT id FROM gone_cars)",
    "DELETE FROM catalog_colourprice WHERE colour_id IN (SELECT id FROM gone_colours)",
    "DELETE FROM catalog_colour WHERE id IN (SELECT id FROM gone_colours)",
    "DELETE FROM catalog_searchterm WHERE vehicle_model_id IN (SELECT id FROM gone_lines)",
    "DELETE FROM catalog_vehiclemodel WHERE id IN (SELECT id FROM gone_lines)",
    "DELETE FROM dealers_dealership_brands WHERE dealership_id IN (SELECT id FROM gone_dealerships)",
    "DELETE FROM dealers_dealership WHERE id IN (SELECT id FROM gone_dealerships)",
    "DELETE FROM catalog_searchterm WHERE brand_id IN (SELECT id FROM gone_makes)",
    "DELETE FROM catalog_brand WHERE id IN (SELECT id FROM gone_makes)",
)


def remove_volume() -> int:
    """All generated trims with what belongs to them; how many rows. IntegrityError when orders or people use some."""
    removed = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _MARK:
            cursor.execute(statement, {"note": NOTE})
        for statement in _REMOVE:
            cursor.execute(statement)
            removed += cursor.rowcount
    return removed
