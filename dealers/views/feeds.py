"""The private calendar feed of an advisor, read by calendar programs without a session."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe

from ..calendar import calendar_feed
from ..services.feeds import find_feed


@require_safe
def show_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The advisor's test drives. Unknown, revoked and ended ones are all not found."""
    if not ratelimit.consume(request, action="calendar_feed"):
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    membership = find_feed(token)
    if membership is None:
        raise Http404
    with translation.override(membership.user.language):
        body = calendar_feed(membership)
    headers = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)
