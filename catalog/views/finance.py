"""Paying for a configured trim over time: the panel by itself, and the page with every instalment."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from catalog.asked import Asked
from catalog.finance.panel import FinancePanel
from catalog.places import find_place
from catalog.presentation import TrimPage

PANEL = "pay-over-time"


@require_safe
def trim_finance(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """What is asked for beyond a plan's limits is shown at the limit, with a message."""
    place = find_place(request)
    page = TrimPage.load(slug, code, place=place, asked=Asked.read(request.GET))
    if page is None:
        raise Http404
    panel = FinancePanel.load(page, request.GET)
    is_part = request.htmx and request.htmx.target == PANEL
    template = "catalog/_finance_part.html" if is_part else "catalog/finance.html"
    response = render(request, template, {"page": page, "panel": panel, "place": place})
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
