"""Counting visitors without knowing them.

A visitor of a day is a keyed digest of network address and browser; the key changes with the day, so no
two days can be linked. Redis keeps one sketch (HyperLogLog) per step, day and market, never the digests.
A page costs one command at most, and none where this process has counted the visitor already. Where
Redis is away nobody is counted for a while, and no page fails or waits twice. Who asks not to be tracked
(Do Not Track, Global Privacy Control) and programs are left out.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
import time
from collections.abc import Callable
from datetime import date, timedelta

import redis
import structlog
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from o2o_platform.markets.models import Market

from ..models import FunnelDay

Step = FunnelDay.Step
# Where buyers look around. A trim's page is configuring once something is chosen on it.
VISITED = frozenset({"catalog", "dealers", "orders"})
CONFIGURED = frozenset({"catalog:configuration"})
CONFIGURED_BY = ("colour", "option")
BEGUN = frozenset({"orders:reserve"})
PROGRAM = re.compile(
    r"bot|crawl|spider|slurp|preview|scan|monitor|probe|headless|curl|wget|python|java/|go-http|httpclient|axios", re.I
)
TIMEOUT_S = 0.25
REST_S = 30.0
REMEMBERED = 100_000
# Later than both days a flush looks at.
KEPT_S = 3 * 86_400
log = structlog.get_logger(__name__)

# A step's visitors are those of the later ones as well: each page adds to one sketch only.
REACHED_BY: dict[Step, tuple[Step, ...]] = {
    Step.VISIT: (Step.VISIT, Step.CONFIGURE, Step.RESERVE),
    Step.CONFIGURE: (Step.CONFIGURE, Step.RESERVE),
    Step.RESERVE: (Step.RESERVE,),
}
_KEEP = """
INSERT INTO orders_funnelday (market_id, day, step, visitors) VALUES (%s, %s, %s, %s)
ON CONFLICT (market_id, day, step) DO UPDATE SET visitors = EXCLUDED.visitors
WHERE orders_funnelday.visitors < EXCLUDED.visitors
"""


class FunnelMiddleware:
    """Counts who was shown a page, once it is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        step = step_of(request, response)
        place = getattr(request, "place", None)
        if step and place is not None and not wants_privacy(request):
            count(request, step, place.market)
        return response


def step_of(request: HttpRequest, response: HttpResponse) -> Step | None:
    """How far the page shown is; None where it is not a page for buyers."""
    match = request.resolver_match
    if match is None or request.method != "GET" or response.status_code != 200:
        return None
    if match.namespace not in VISITED or not response.headers.get("Content-Type", "").startswith("text/html"):
        return None
    if match.view_name in BEGUN:
        return Step.RESERVE
    is_chosen = match.view_name == "catalog:trim" and any(name in request.GET for name in CONFIGURED_BY)
    return Step.CONFIGURE if is_chosen or match.view_name in CONFIGURED else Step.VISIT


def wants_privacy(request: HttpRequest) -> bool:
    """Whether the visitor is not to be counted: asked for it, a program, or a page fetched ahead."""
    headers = request.headers
    if headers.get("DNT") == "1" or headers.get("Sec-GPC") == "1" or "prefetch" in headers.get("Sec-Purpose", ""):
        return True
    agent = headers.get("User-Agent", "")
    return not agent or PROGRAM.search(agent) is not None


def count(request: HttpRequest, step: Step, market: Market) -> None:
    """Count the visitor for today at the market. Never raises for want of Redis."""
    try:
        address = get_adapter().get_client_ip(request)
    except PermissionDenied:  # the proxies do not say whose request it is
        return
    day = timezone.now().astimezone(market.zone).date()
    counter.add(_key(market.pk, day, step), digest(day, address, request.headers.get("User-Agent", "")))


def digest(day: date, address: str, agent: str) -> bytes:
    """Who it is today; the same visitor is someone else tomorrow."""
    key = hmac.digest(settings.SECRET_KEY.encode(), f"funnel {day}".encode(), hashlib.sha256)
    return hmac.digest(key, f"{address}\n{agent}".encode(errors="replace"), hashlib.sha256)[:16]


class Counter:
    """The way to Redis: short timeouts, and a rest after a failure."""

    def __init__(self) -> None:
        self._rests_until = 0.0
        self._known: set[tuple[str, bytes]] = set()

    def add(self, key: str, who: bytes) -> None:
        now = time.monotonic()
        if (key, who) in self._known or now < self._rests_until:
            return
        try:
            _redis(settings.CACHES["default"]["LOCATION"]).pfadd(key, who)
        except redis.RedisError as error:
            self._rests_until = now + REST_S
            log.warning("visitors_not_counted", error=type(error).__name__)
            return
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known.add((key, who))

    def forget(self) -> None:
        """As at the start of the process; for tests."""
        self._rests_until = 0.0
        self._known = set()


counter = Counter()


def flush_funnel() -> int:
    """Write the counts of today and yesterday where they grew; how many did. What Redis lost stays as it was."""
    written = 0
    for market in Market.objects.filter(is_open=True):
        today = timezone.now().astimezone(market.zone).date()
        for day in (today - timedelta(days=1), today):
            written += _flush_day(market.pk, day)
    return written


def _flush_day(market: str, day: date) -> int:
    try:
        found = _counts(market, day)
    except redis.RedisError as error:
        log.warning("visitors_not_flushed", error=type(error).__name__)
        return 0
    written = 0
    with connection.cursor() as cursor:
        for step, visitors in found.items():
            if visitors:
                cursor.execute(_KEEP, [market, day, step.value, visitors])
                written += cursor.rowcount
    return written


def _counts(market: str, day: date) -> dict[Step, int]:
    """Visitors by step; never more at a later one, though sketches are about 1 % exact."""
    pipeline = _redis(settings.CACHES["default"]["LOCATION"]).pipeline(transaction=False)
    for steps in REACHED_BY.values():
        pipeline.pfcount(*(_key(market, day, step) for step in steps))
    for step in Step:
        pipeline.expire(_key(market, day, step), KEPT_S)
    counts = dict(zip(REACHED_BY, pipeline.execute(), strict=False))
    most = counts[Step.VISIT]
    for step in counts:
        counts[step] = most = min(most, counts[step])
    return counts


def _key(market: str, day: date, step: Step) -> str:
    prefix = settings.CACHES["default"].get("KEY_PREFIX", "")
    return f"{prefix}:funnel:{market}:{day}:{step.value}"


@functools.cache
def _redis(location: str) -> redis.Redis:
    return redis.Redis.from_url(location, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
