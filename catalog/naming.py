"""Cars in stock by the names of their trim and model: names are read once, not once for each car."""

from __future__ import annotations

from django.db.models import Q

from .models import Colour, Trim, VehicleModel

MOST_NAMES = 5000


def by_trim(word: str) -> Q | None:
    """Cars whose brand, model or trim has this word in its name."""
    named = Q(name__icontains=word) | Q(name_zh__icontains=word)
    of_brand = Q(brand__name__icontains=word) | Q(brand__name_zh__icontains=word)
    lines = list(VehicleModel.objects.filter(named | of_brand).order_by().values_list("pk", flat=True)[:MOST_NAMES])
    trims = Trim.objects.filter(named | Q(vehicle_model__in=lines)).order_by()
    return Q(trim__in=list(trims.values_list("pk", flat=True)[:MOST_NAMES]))


def by_colour(word: str) -> Q | None:
    """Cars in a colour of this name."""
    colours = Colour.objects.filter(Q(name__icontains=word) | Q(name_zh__icontains=word)).order_by()
    return Q(colour__in=list(colours.values_list("pk", flat=True)[:MOST_NAMES]))
