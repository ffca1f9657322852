"""One model, and one trim with its price."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from catalog.places import find_place
from catalog.presentation import ModelPage, TrimPage


@require_safe
def model_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One model: colours, trims side by side, stock by dealership."""
    place = find_place(request)
    page = ModelPage.load(slug, place=place, colour_code=request.GET.get("colour", ""))
    if page is None:
        raise Http404
    show_all = "all" in request.GET
    context = {"place": place, "city_choices": place.city_names, "page": page, "show_all": show_all}
    return render(request, "catalog/model.html", context)


@require_safe
def trim_detail(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """One trim: colour and options, the price line by line, figures, stock by dealership."""
    place = find_place(request)
    page = TrimPage.load(
        slug,
        code,
        place=place,
        colour_code=request.GET.get("colour", ""),
        option_codes=set(request.GET.getlist("option")[:100]),
    )
    if page is None:
        raise Http404
    is_part = request.htmx and not request.htmx.history_restore_request
    context = {
        "place": place,
        "city_choices": place.city_names,
        "page": page,
        "show_all": "all" in request.GET,
        "is_part": is_part,
    }
    response = render(request, "catalog/trim.html#configurator" if is_part else "catalog/trim.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
