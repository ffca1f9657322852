"""What the search box offers while one types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.listing import CarCriteria, suggest_models
from catalog.places import find_place


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """Models whose names answer what is being typed."""
    place = find_place(request)
    criteria = CarCriteria.read(request.GET, market=place.market, city=place.city)
    return render(request, "catalog/_suggestions.html", {"suggestions": suggest_models(criteria)})
