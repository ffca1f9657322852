"""Finds the shop a request is for, by address or host name, and keeps what it may reach to that shop's pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import split_domain_port
from django.urls import get_script_prefix, set_script_prefix

from o2o_platform.interface.shops import Shop, in_shop

from .shelves import Shops, known_shops

ADDRESS = re.compile(r"/stores/([-\w]{1,50})(/.*)?\Z", re.ASCII | re.DOTALL)
# What the pages of a shop are made of, by the first part of the address. The rest is the platform's alone.
WITHIN = frozenset(
    {
        "",
        "accounts",
        "c",
        "cars",
        "city",
        "compare",
        "dealerships",
        "documents",
        "garage",
        "i18n",
        "interest",
        "media",
        "my-vouchers",
        "orders",
        "pay",
        "queue",
        "quotes",
        "reserve",
        "robots.txt",
        "sandbox",
        "saved",
        "share",
        "static",
        "test-drives",
        "theme",
        "trade-in",
    }
)
# Links of the desk and of the API that were put together in a shop lead out of it.
OUTSIDE = frozenset({"admin", "api"})
GetResponse = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Entry:
    """The shop, the path within it, what its addresses begin with, and the root of its own host."""

    shop: Shop
    path: str
    prefix: str = ""
    root: str = ""


class ShopMiddleware:
    """Sets `request.shop`. In a shop below `/stores/` addresses are read and written with that beginning.

    Requests to the platform's own hosts outside `/stores/` cost nothing here. A host name is let in because a
    published shop names exactly it, and for that request alone; every other is refused as ever.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        entry = _find_by_host(request) or _find_by_address(request)
        request.shop = entry.shop if entry else None  # type: ignore[attr-defined]
        if entry is None:
            return self.get_response(request)
        before = get_script_prefix()
        set_script_prefix(before.rstrip("/") + entry.prefix + "/")
        try:
            with in_shop(entry.shop, root=entry.root):
                return self._answer(request, entry)
        finally:
            set_script_prefix(before)

    def _answer(self, request: HttpRequest, entry: _Entry) -> HttpResponse:
        first = entry.path.lstrip("/").partition("/")[0]
        if not entry.path:
            return HttpResponseRedirect(f"{request.path}/")
        if first in OUTSIDE and request.method in ("GET", "HEAD") and entry.path.startswith(f"/{first}"):
            query = request.META.get("QUERY_STRING", "")
            return HttpResponseRedirect(f"{settings.SITE_URL}{entry.path}{'?' if query else ''}{query}")
        if first not in WITHIN or entry.path.startswith("//"):
            raise Http404
        request.path_info = entry.path
        return self.get_response(request)


def _find_by_host(request: HttpRequest) -> _Entry | None:
    raw = request._get_raw_host()
    name = split_domain_port(raw)[0]
    if not name or name in settings.ALLOWED_HOSTS:
        return None
    shop = _shops().by_host.get(name)
    if shop is None:
        return None
    request.get_host = lambda: raw  # type: ignore[method-assign]
    return _Entry(shop, request.path_info, root=f"{request.scheme}://{raw}")


def _find_by_address(request: HttpRequest) -> _Entry | None:
    match = ADDRESS.match(request.path_info)
    if match is None:
        return None
    shop = _shops().by_slug.get(match[1])
    return _Entry(shop, match[2] or "", prefix=f"/stores/{match[1]}") if shop else None


def _shops() -> Shops:
    """None while the database is away: what needs it says so itself."""
    try:
        return known_shops()
    except Error as error:
        log.warning("shops_not_read", error=type(error).__name__)
        return Shops({}, {}, {})
