"""Thousands ask every few seconds where they stand: that is answered before sessions, logs and queries."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

from .line import pace_of, read_signed, standing_by_number
from .views import answer, cookie_name

POLL = re.compile(r"/queue/([-\w]{1,50})/standing/")
GetResponse = Callable[[HttpRequest], HttpResponse]


class StandingMiddleware:
    """Answers somebody who waits from the signed place in their cookie; everything else goes on to the view.

    The signature names the session it was given to. A gate is read once a second by each process.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        poll = POLL.fullmatch(request.path_info) if request.method == "GET" else None
        return (poll and self._answer(request, poll[1])) or self.get_response(request)

    def _answer(self, request: HttpRequest, name: str) -> HttpResponse | None:
        session_key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        pace = pace_of(name) if session_key else None
        if pace is None or not session_key:
            return None
        number = read_signed(request.COOKIES.get(cookie_name(pace), ""), gate=pace.gate, session_key=session_key)
        standing = standing_by_number(pace, number) if number else None
        if standing is None:
            return None
        response = answer(pace, standing)
        add_never_cache_headers(response)
        response["Content-Length"] = str(len(response.content))
        return response
