"""What load balancers and Prometheus ask: alive, ready, metrics. Never cached, names only."""

import secrets
from collections.abc import Callable

import psycopg2
import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound, JsonResponse
from django.utils.cache import add_never_cache_headers
from django_prometheus.exports import ExportToDjangoView

from o2o_platform.operations import warming

LOOPBACK = frozenset({"127.0.0.1", "::1"})


def database_answers() -> bool:
    """Connect anew within two seconds and query within one."""
    params = connection.get_connection_params() | {"connect_timeout": 2, "options": "-c statement_timeout=1000"}
    params.pop("cursor_factory", None)
    try:
        fresh = psycopg2.connect(**params)
    except psycopg2.Error:
        return False
    try:
        with fresh.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error:
        return False
    finally:
        fresh.close()
    return True


def broker_answers() -> bool:
    """Ping within a second."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database and the broker answer and the worker has read ahead, else 503 naming what is missing."""
    answers = {"database": database_answers(), "broker": broker_answers()}
    if not warming.is_warm():
        answers["memory"] = False
    body = {name: "ok" if answer else "down" for name, answer in answers.items()}
    return JsonResponse(body, status=200 if all(answers.values()) else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text with the token, or from this machine in development; 404 to everybody else."""
    if not may_read_metrics(request):
        return HttpResponseNotFound(content_type="text/plain")
    return ExportToDjangoView(request)


def may_read_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return settings.DEVELOPMENT and request.META.get("REMOTE_ADDR") in LOOPBACK


def probe(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Only GET and HEAD, and no cache may keep the answer."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = view(request) if request.method in ("GET", "HEAD") else HttpResponseNotAllowed(["GET", "HEAD"])
        add_never_cache_headers(response)
        return response

    return answer


PROBES = {"/healthz": probe(healthz), "/readyz": probe(readyz), "/metrics": probe(metrics)}
