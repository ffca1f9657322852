"""Share pictures as answers: kept on disk by what they show, drawn at most so often, content-addressed."""

from __future__ import annotations

import contextlib
import time

from django.core.cache import cache, caches
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag

from .share_cards import ShareCard, draw_card

VERSION = "v"
DRAWINGS_PER_MINUTE = 120
HOUR, YEAR = 3600, 365 * 24 * 3600


class TooBusy(Exception):
    """More new pictures were asked for in a minute than we draw."""


def answer_picture(request: HttpRequest, card: ShareCard) -> HttpResponse:
    """The picture of a card. Under an address that names its digest it never changes; else it is good for an hour."""
    etag = quote_etag(card.digest)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            response = HttpResponse(find_picture(card), content_type="image/png")
        except TooBusy:
            return HttpResponse(status=503, headers={"Retry-After": "60", "Cache-Control": "no-store"})
    response["ETag"] = etag
    if request.GET.get(VERSION) == card.digest:
        patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    else:
        patch_cache_control(response, public=True, max_age=HOUR)
    return response


def find_picture(card: ShareCard) -> bytes:
    """From disk, else drawn; a disk that is full only costs the drawing. Raises TooBusy."""
    kept = caches["share"]
    picture = kept.get(card.digest)
    if picture is None:
        count_drawing()
        picture = draw_card(card)
        with contextlib.suppress(OSError):
            kept.set(card.digest, picture)
    return picture


def count_drawing() -> None:
    """One more in this minute, over all processes. Raises TooBusy."""
    minute = f"share-drawings:{int(time.time()) // 60}"
    cache.add(minute, 0, timeout=120)
    if cache.incr(minute) > DRAWINGS_PER_MINUTE:
        raise TooBusy
