"""What crawlers fetch: robots.txt and the sitemaps."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from . import sitemaps
from .addresses import absolute

HOUR = 3600
PRIVATE = (
    *("/admin/", "/api/", "/accounts/", "/garage/", "/orders/", "/documents/", "/pay/", "/reserve/", "/test-drives/"),
    *("/sandbox/", "/dev/", "/i18n/", "/city/", "/cars/suggest/"),
)
# Words, order, sums and pages of a list, and more than three choices at once, make addresses without end.
ENDLESS = ("q", "sort", "page", "view", "near", "price_from", "price_to")
ROBOTS = "\n".join(
    (
        "User-agent: *",
        *(f"Disallow: {path}" for path in PRIVATE),
        *(f"Disallow: /cars/*{mark}{name}=" for name in ENDLESS for mark in "?&"),
        "Disallow: /cars/?*&*&*&",
        "Allow: /",
        "",
        "Sitemap: {sitemap}",
        "",
    )
)


@require_safe
@cache_control(public=True, max_age=HOUR)
def robots(request: HttpRequest) -> HttpResponse:
    """What not to fetch, and where the sitemap is."""
    text = ROBOTS.format(sitemap=absolute(reverse("interface:sitemap")))
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=HOUR)
def sitemap_index(request: HttpRequest) -> HttpResponseBase:
    """Every sitemap file."""
    return _answer(request, sitemaps.index_file())


@require_safe
@cache_control(public=True, max_age=HOUR)
def sitemap_section(request: HttpRequest, section: str, part: int) -> HttpResponseBase:
    """One sitemap file."""
    file = sitemaps.section_file(section, part)
    if file is None:
        raise Http404
    return _answer(request, file)


def _answer(request: HttpRequest, file: bytes) -> HttpResponseBase:
    """The file as it is kept, or unpacked on the way for who takes no gzip."""
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response: HttpResponseBase = HttpResponse(file, content_type="application/xml")
        response["Content-Encoding"] = "gzip"
    else:
        response = StreamingHttpResponse(sitemaps.decompressed(file), content_type="application/xml")
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
