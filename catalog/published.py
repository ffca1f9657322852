"""What the detail pages begin with: a published model or trim by its codes, and a model's photographs."""

from __future__ import annotations

from catalog.models import Brand, Offer, Photo, Trim, VehicleModel
from catalog.places import Place
from catalog.rows import Columns, fetch

MODEL = Columns(VehicleModel, "m")
BRAND = Columns(Brand, "b")
TRIM = Columns(Trim, "t", skip=("term_ids",))
OFFER = Columns(Offer, "o")
PHOTO = Columns(Photo, "p")
_HAS_PHOTOS = "EXISTS(SELECT 1 FROM catalog_photo p WHERE p.vehicle_model_id = m.id AND p.is_published)"
_MODEL = f"""
SELECT {_HAS_PHOTOS}, {MODEL.sql}, {BRAND.sql}
FROM catalog_vehiclemodel m JOIN catalog_brand b ON b.id = m.brand_id
WHERE m.slug = %(slug)s AND EXISTS (SELECT 1 FROM catalog_trim t WHERE t.vehicle_model_id = m.id AND t.is_published)
"""  # noqa: S608 - columns of models
_TRIM = f"""
SELECT {_HAS_PHOTOS}, {MODEL.sql}, {BRAND.sql}, {TRIM.sql}, {OFFER.sql}
FROM catalog_trim t JOIN catalog_vehiclemodel m ON m.id = t.vehicle_model_id JOIN catalog_brand b ON b.id = m.brand_id
  LEFT JOIN catalog_offer o ON o.trim_id = t.id AND o.market_id = %(market)s AND o.validity @> %(today)s::date
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


def find_offered(slug: str, code: str, place: Place) -> tuple[Trim, Offer | None] | tuple[None, None]:
    """A published trim with its model and brand, and its offer of today in the visitor's market. One query."""
    values = {"slug": slug, "code": code, "market": place.market.code, "today": place.today}
    rows = fetch(_TRIM, values)
    if not rows:
        return None, None
    start = 1 + len(MODEL) + len(BRAND)
    trim, offer = TRIM.read(rows[0], start), OFFER.read(rows[0], start + len(TRIM))
    trim.vehicle_model = _model(rows[0])
    if offer.pk is None:
        return trim, None
    offer.trim, offer.market = trim, place.market
    return trim, offer


def read_photos(model: VehicleModel, *, colour_id: int | None, shown: int) -> list[Photo]:
    """Published photographs, those in a colour first. One query; none for a model found here without any."""
    if not getattr(model, "has_photos", True):
        return []
    return [PHOTO.read(row) for row in fetch(_PHOTOS, {"model": model.pk, "colour": colour_id, "shown": shown})]


def _model(row: tuple[object, ...]) -> VehicleModel:
    model = MODEL.read(row, 1)
    model.has_photos, model.brand = row[0], BRAND.read(row, 1 + len(MODEL))
    return model
