"""Cars side by side."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.compare_page import Candidate, Choice, ComparePage, find_candidates
from catalog.listing import CarCriteria, matching_trims
from catalog.places import find_place

CANDIDATES_SHOWN = 12


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Up to four cars by their codes; with search words also cars to add or to put in another's place."""
    place = find_place(request)
    page = ComparePage.load(Choice.read(request.GET), place=place)
    context = {
        "place": place,
        "city_choices": place.city_names,
        "page": page,
        "address": request.build_absolute_uri(request.path + page.query),
        "candidates": _search(page) if page.choice.words else [],
    }
    return render(request, "catalog/compare.html", context)


def _search(page: ComparePage) -> list[Candidate]:
    place = page.place
    criteria = CarCriteria(market=place.market, city=place.city, query=page.choice.words)
    return find_candidates(page, matching_trims(criteria, CANDIDATES_SHOWN))
