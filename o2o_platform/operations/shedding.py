"""More requests than a process can serve in time are turned away at once, in the paths a rush goes for.

A busy process that takes everything serves everybody late, and then nobody: browsers give up and ask
again. So each class of path has as many places as leave a thread for all other pages; and while the
queue before the threads is longer than can be worked off in time, the paths of a rush are not taken
in at all. What is turned away costs no session, no query and no template: a page made once per language.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from prometheus_client import Counter

from o2o_platform.interface.problems import problem

GetResponse = Callable[[HttpRequest], HttpResponse]

RESERVING = re.compile(r"/(reserve|quotes/[^/]+/reserve|api/v1/orders)/")
QUEUEING = re.compile(r"/queue/[^/]+/(again/)?")
# A short queue for a place is a burst; whoever finds a place taken for longer than this is turned away.
PATIENCE_S = 1.0
# Where the server does not say how many threads it has.
PLACES = 32
RETRY_AFTER_S = (3, 8)

shed = Counter("requests_shed_total", "Requests turned away to keep the others fast", ["lane"])


class Lane:
    """A class of path, and how many of it may be served at a time."""

    def __init__(self, name: str, pattern: re.Pattern[str], *, places: int = PLACES) -> None:
        self.name, self.pattern = name, pattern
        self._since: dict[int, float] = {}
        self.resize(places)

    def resize(self, places: int) -> None:
        """Before the first request."""
        self._free = threading.Semaphore(places)

    @contextmanager
    def place(self) -> Iterator[bool]:
        """Whether there is a place; it is free again after the block."""
        got = self._take()
        try:
            yield got
        finally:
            if got:
                self._since.pop(threading.get_ident(), None)
                self._free.release()

    def _take(self) -> bool:
        """Wait for a place only while those who have one are quick: a stuck database must not stick all threads."""
        got = self._free.acquire(blocking=False)
        if not got and self._longest_s() < PATIENCE_S:
            got = self._free.acquire(timeout=PATIENCE_S)
        if got:
            self._since[threading.get_ident()] = time.monotonic()
        return got

    def _longest_s(self) -> float:
        return time.monotonic() - min(list(self._since.values()), default=time.monotonic())


class Backlog:
    """How long the requests that wait for a thread of this process will take, from what the last ones took."""

    def __init__(self) -> None:
        self._waiting: Callable[[], int] = lambda: 0
        self._threads = 1
        self._average_s = 0.0

    def watch(self, waiting: Callable[[], int], *, threads: int) -> None:
        """Learn from the server how many requests wait and how many are served at a time."""
        self._waiting, self._threads = waiting, max(threads, 1)

    def note(self, seconds: float) -> None:
        self._average_s += (seconds - self._average_s) / 32

    @property
    def seconds(self) -> float:
        return self._waiting() * self._average_s / self._threads


backlog = Backlog()
lanes = (Lane("reserving", RESERVING), Lane("queueing", QUEUEING))


def start(waiting: Callable[[], int], *, threads: int) -> None:
    """Begin in a process whose server has so many threads, and so many requests before them as `waiting` says."""
    backlog.watch(waiting, threads=threads)
    for lane in lanes:
        lane.resize(max(threads - 1, 1))


class SheddingMiddleware:
    """Turns away what could not be served in time, before sessions and queries."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        lane = next((each for each in lanes if each.pattern.fullmatch(request.path_info)), None)
        try:
            return self._serve(request, lane) if lane else self.get_response(request)
        finally:
            backlog.note(time.monotonic() - began)

    def _serve(self, request: HttpRequest, lane: Lane) -> HttpResponse:
        if backlog.seconds <= settings.SHED_AFTER_S:
            with lane.place() as got:
                if got:
                    return self.get_response(request)
        shed.labels(lane.name).inc()
        return busy(request)


def busy(request: HttpRequest) -> HttpResponse:
    """503 with a time to come back, in the reader's language; the times differ, or all would come back at once."""
    after = random.randint(*RETRY_AFTER_S)
    language = translation.get_language_from_request(request)
    if request.path_info.startswith("/api/"):
        with translation.override(language):
            response: HttpResponse = problem(request, status=503, code="busy", detail=translation.gettext(DETAIL))
    else:
        response = HttpResponse(_page(language, is_read=request.method == "GET"), status=503)
        response["Content-Language"] = language
        if request.method == "GET":
            response["Refresh"] = str(after)
    response["Retry-After"] = str(after)
    response["Content-Length"] = str(len(response.content))
    add_never_cache_headers(response)
    return response


DETAIL = translation.gettext_noop("Very many people are here just now. Try again in a moment: nothing was lost.")


@cache
def _page(language: str, *, is_read: bool) -> str:
    with translation.override(language):
        return loader.render_to_string("errors/503.html", {"is_read": is_read})
