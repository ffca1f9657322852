"""The front page and the list of cars."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from catalog.listing import CarCriteria, page_parts, search_cars, show_models
from catalog.places import find_place
from catalog.stores.views import shop_home
from o2o_platform.interface.shops import current_shop


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Search, brands, the newest cars and those in stock nearby; in a shop its own front page."""
    if shop := current_shop():
        return shop_home(request, shop)
    place = find_place(request)
    showcase = show_models(place)
    context = {
        "place": place,
        "city_choices": place.city_names,
        "showcase": showcase,
    }
    return render(request, "catalog/home.html", context)


@require_safe
def car_list(request: HttpRequest) -> HttpResponse:
    """Models with facets; the part that changes alone when htmx asks for it."""
    place = find_place(request)
    criteria = CarCriteria.read(request.GET, market=place.market, city=place.city)
    page = search_cars(criteria)
    context = {"place": place, "city_choices": place.city_names, "page": page, "parts": page_parts(page)}
    is_part = request.htmx and not request.htmx.history_restore_request
    response = render(request, "catalog/list.html#cars" if is_part else "catalog/list.html", context)
    if is_part:
        response["HX-Push-Url"] = request.path + page.query.removesuffix("?")
    patch_vary_headers(response, ["HX-Request"])
    return response
