"""The colours of a model as swatches, with what they cost and how many such cars are free."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from catalog.models import Colour
from catalog.nearby import AT_OPEN_DEALERSHIP
from catalog.places import Place
from catalog.rows import IDS, Columns, fetch

COLOUR = Columns(Colour, "k")
_PAINTS = f"""
SELECT {COLOUR.sql}, coalesce(p.amount, 0), coalesce(f.units, 0)
FROM catalog_colour k
  LEFT JOIN catalog_colourprice p ON p.colour_id = k.id AND p.market_id = %(market)s
  LEFT JOIN (
    SELECT u.colour_id, count(*) AS units
    FROM catalog_stockunit u
    WHERE u.trim_id = ANY({IDS.format("trims")}) AND u.market_id = %(market)s AND u.availability = 'available'
      AND (({AT_OPEN_DEALERSHIP}) OR (u.dealership_id IS NULL AND %(central)s))
    GROUP BY u.colour_id
  ) f ON f.colour_id = k.id
WHERE k.vehicle_model_id = %(model)s ORDER BY k.id
"""  # noqa: S608 - columns of a model


@dataclass(frozen=True, slots=True)
class Paint:
    """A colour with its surcharge in the market (0 when it costs nothing) and its free cars that can be ordered."""

    colour: Colour
    surcharge: Decimal
    free: int
    is_chosen: bool = False


def read_paints(model_id: int, place: Place, trim_ids: Collection[int], *, with_central: bool = False) -> list[Paint]:
    """The model's colours in the catalogue's order; cars are counted of the given trims. One query.

    Cars at open dealerships, and in central stock where that is on sale.
    """
    values = {
        "model": model_id,
        "market": place.market.code,
        "trims": list(trim_ids),
        "central": with_central,
    }
    return [Paint(COLOUR.read(row), *row[len(COLOUR) :]) for row in fetch(_PAINTS, values)]
