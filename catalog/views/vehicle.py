"""One model, and one trim with its price."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from catalog.asked import Asked
from catalog.presentation import ModelPage, TrimPage
from catalog.preview import place_of, previewable

# What the name of a target begins with, and the part of the template that goes there.
STOCK = {"stock": "stock", "spot-": "stock"}


@require_safe
@previewable
def model_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One model: colours, trims side by side, stock by dealership."""
    place = place_of(request)
    page = ModelPage.load(slug, place=place, asked=Asked.read(request.GET))
    if page is None:
        raise Http404
    return render_part(request, "catalog/model.html", page, {"trims": "trims", **STOCK})


@require_safe
@previewable
def trim_detail(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """One trim: colour and options, the price line by line, figures, stock by dealership."""
    place = place_of(request)
    page = TrimPage.load(slug, code, place=place, asked=Asked.read(request.GET))
    if page is None:
        raise Http404
    return render_part(request, "catalog/trim.html", page, STOCK, default="configurator")


def render_part(
    request: HttpRequest,
    template: str,
    page: ModelPage | TrimPage,
    parts: dict[str, str],
    *,
    default: str = "",
    more: dict[str, object] | None = None,
) -> HttpResponse:
    """The page, or for htmx the part that its target names; only what is shown is read."""
    if getattr(request, "preview", None):
        page.has_stock = False
    is_part = bool(request.htmx and not request.htmx.history_restore_request)
    target = request.htmx.target or ""
    fitting = (part for start, part in parts.items() if target.startswith(start))
    part = next(fitting, default) if is_part else ""
    context = {
        "place": page.place,
        "city_choices": page.place.city_names,
        "page": page,
        "is_part": bool(part) and part == default,
    }
    response = render(request, f"{template}#{part}" if part else template, context | (more or {}))
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
