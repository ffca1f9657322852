"""What the detail pages begin with: a published model or trim by its codes, and a model's photographs."""

from __future__ import annotations

from catalog.models import Brand, Photo, Trim, VehicleModel
from catalog.rows import Columns, fetch

MODEL = Columns(VehicleModel, "m")
BRAND = Columns(Brand, "b")
TRIM = Columns(Trim, "t", skip=("term_ids",))
PHOTO = Columns(Photo, "p")
_MODEL = f"""
SELECT {MODEL.sql}, {BRAND.sql}
FROM catalog_vehiclemodel m JOIN catalog_brand b ON b.id = m.brand_id
WHERE m.slug = %(slug)s AND EXISTS (SELECT 1 FROM catalog_trim t WHERE t.vehicle_model_id = m.id AND t.is_published)
"""  # noqa: S608 - columns of models
_TRIM = f"""
SELECT {MODEL.sql}, {BRAND.sql}, {TRIM.sql}
FROM catalog_trim t JOIN catalog_vehiclemodel m ON m.id = t.vehicle_model_id JOIN catalog_brand b ON b.id = m.brand_id
WHERE t.code = %(code)s AND m.slug = %(slug)s AND t.is_published
"""  # noqa: S608 - columns of models
_PHOTOS = f"""
SELECT {PHOTO.sql} FROM catalog_photo p WHERE p.vehicle_model_id = %(model)s AND p.is_published
ORDER BY p.colour_id IS DISTINCT FROM %(colour)s, p.position, p.id LIMIT %(shown)s
"""  # noqa: S608 - columns of a model


def find_model(slug: str) -> VehicleModel | None:
    """A model with a published trim, and its brand. One query."""
    rows = fetch(_MODEL, {"slug": slug})
    return _model(rows[0]) if rows else None


def find_trim(slug: str, code: str) -> Trim | None:
    """A published trim, its model and brand. One query."""
    rows = fetch(_TRIM, {"slug": slug, "code": code})
    if not rows:
        return None
    trim = TRIM.read(rows[0], len(MODEL) + len(BRAND))
    trim.vehicle_model = _model(rows[0])
    return trim


def read_photos(model_id: int, *, colour_id: int | None, shown: int) -> list[Photo]:
    """Published photographs, those in a colour first. One query."""
    return [PHOTO.read(row) for row in fetch(_PHOTOS, {"model": model_id, "colour": colour_id, "shown": shown})]


def _model(row: tuple[object, ...]) -> VehicleModel:
    model = MODEL.read(row)
    model.brand = BRAND.read(row, len(MODEL))
    return model
