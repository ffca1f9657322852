"""What the search box offers while one types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from catalog.listing import CarCriteria
from catalog.places import find_place
from catalog.search.offering import render_suggestions
from catalog.search.suggestions import suggest as suggest_cars

KEPT_S = 30


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """Brands, models and lists that answer what is being typed; nothing for nothing."""
    place = find_place(request)
    criteria = CarCriteria.read(request.GET, market=place.market, city=place.city)
    response = HttpResponse(render_suggestions(criteria.query, suggest_cars(criteria)))
    patch_cache_control(response, private=True, max_age=KEPT_S)
    return response
