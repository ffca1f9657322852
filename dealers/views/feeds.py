"""The private calendar feed of an advisor, read by calendar programs without a session."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe
from rest_framework.throttling import SimpleRateThrottle

from ..calendar import calendar_feed
from ..services.feeds import find_feed


class FeedThrottle(SimpleRateThrottle):
    """By address. Calendar programs ask every few minutes; nobody guesses 256 bits at this rate."""

    scope = "calendar_feed"
    rate = "60/min"

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


@require_safe
def show_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The advisor's test drives. Unknown, revoked and ended ones are all not found."""
    if not FeedThrottle().allow_request(request, None):
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    membership = find_feed(token)
    if membership is None:
        raise Http404
    with translation.override(membership.user.language):
        body = calendar_feed(membership)
    headers = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)
