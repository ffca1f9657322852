"""A shop's front page, and the style sheet of its look."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.places import find_place
from o2o_platform.interface.shops import Shop, current_shop

from .shelves import known_shops
from .window import show_window

FOR_EVER = "public, max-age=31536000, immutable"


def shop_home(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Headline, what the brand puts forward, and what stands near the visitor."""
    place = find_place(request)
    context = {"place": place, "city_choices": place.city_names, "window": show_window(shop, place)}
    return render(request, "stores/home.html", context)


@require_safe
def theme(request: HttpRequest, digest: str) -> HttpResponse:
    """The shop's tokens. An earlier page's address still finds the look of today, but not for ever."""
    shop = current_shop()
    if shop is None or not shop.theme:
        raise Http404
    response = HttpResponse(known_shops().sheets[shop.slug], content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOR_EVER if digest == shop.theme else "no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    return response
