"""Times at the desk are read on the reader's clock: the dealership's, or the default market's for platform staff."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from o2o_platform.markets.models import Market

from .access import Access


class DeskTimeMiddleware:
    """One place for all of the admin: lists, forms, histories and filters follow the active time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(reverse("admin:index")) or not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(desk_zone(Access.of(request))):
            return self.get_response(request)


def desk_zone(access: Access) -> ZoneInfo:
    """The zone of the reader's dealership; of the default market for who has none or all."""
    return ZoneInfo(access.time_zone or _market_zone())


def _market_zone() -> str:
    zones = Market.objects.filter(pk=settings.DEFAULT_MARKET).values_list("time_zone", flat=True)
    return zones.first() or settings.TIME_ZONE
