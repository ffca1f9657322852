"""The colours of a model as swatches, with what they cost and how many such cars are free."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from catalog.models import Colour, ColourPrice, StockUnit
from catalog.places import Place


@dataclass(frozen=True, slots=True)
class Paint:
    """A colour with its surcharge in the market (0 when it costs nothing) and the free cars at dealerships in it."""

    colour: Colour
    surcharge: Decimal
    free: int
    is_chosen: bool = False


def read_paints(model_id: int, place: Place, trim_ids: Collection[int]) -> list[Paint]:
    """The model's colours in the catalogue's order; cars are counted of the given trims. One query."""
    price = ColourPrice.objects.filter(colour=OuterRef("pk"), market=place.market.code).values("amount")[:1]
    colours = (
        Colour.objects.filter(vehicle_model=model_id)
        .annotate(surcharge=Subquery(price), free=Coalesce(_free_units(place, trim_ids), 0))
        .order_by("id")
    )
    return [Paint(colour, colour.surcharge or Decimal(0), colour.free) for colour in colours]


def _free_units(place: Place, trim_ids: Collection[int]) -> Subquery:
    units: QuerySet[StockUnit] = (
        StockUnit.objects.available()
        .filter(colour=OuterRef("pk"), trim__in=trim_ids, market=place.market.code, dealership__is_active=True)
        .order_by()
        .values("colour")
    )
    return Subquery(units.annotate(units=Count("pk")).values("units"), output_field=IntegerField())
