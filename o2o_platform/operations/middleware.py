"""Probes before anything else, input no page can use refused, policies loosened where they must be."""

import json
import re
from collections.abc import Callable

import redis
import structlog
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils import translation
from django_structlog.middlewares import RequestMiddleware

from o2o_platform.operations import errors, probes

LONGEST_QUERY = 8_192
CONTROL_CHARACTERS = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
log = structlog.get_logger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]


class ProbeMiddleware:
    """Answers /healthz, /readyz and /metrics before host checks, redirects, sessions and logs.

    Load balancers probe by address and over plain HTTP.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = probes.PROBES.get(request.path_info)
        return probe(request) if probe else self.get_response(request)


class CleanInputMiddleware:
    """NUL bytes and broken text in path, query or body are a 400, a query over 8 kB a 414.

    PostgreSQL text cannot hold NUL, and neither it nor a file name can hold half a surrogate pair.
    A cookie with control characters is dropped: it must not lock its owner out.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if status := self._refusal(request):
            with translation.override(translation.get_language_from_request(request)):
                return errors.refuse(request, status)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        if request.content_type != "multipart/form-data" or request.method != "POST":
            return None
        if any("\x00" in text for name, values in request.POST.lists() for text in (name, *values)):
            return errors.refuse(request, 400)
        return None

    def _refusal(self, request: HttpRequest) -> int | None:
        for name in [name for name, value in request.COOKIES.items() if has_control_characters(name + value)]:
            del request.COOKIES[name]
        query = request.META.get("QUERY_STRING", "")
        if len(query) > LONGEST_QUERY:
            return 414
        if "\x00" in request.path_info or "%00" in query or "\x00" in query:
            return 400
        return None if self._has_clean_body(request) else 400

    def _has_clean_body(self, request: HttpRequest) -> bool:
        """Look at forms and JSON; multipart forms are looked at once Django has parsed them."""
        if request.method not in WITH_BODY or request.content_type == "multipart/form-data":
            return True
        try:
            body = request.body
        except UnreadablePostError:
            return False
        if request.content_type == "application/x-www-form-urlencoded":
            return b"%00" not in body and b"\x00" not in body
        return b"\x00" not in body and is_storable_json(body)


class LooserContentPolicyMiddleware:
    """Loosens the content policy under the few paths of `LOOSER_CONTENT_POLICIES`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for prefix, policy in settings.LOOSER_CONTENT_POLICIES.items():
            if request.path_info.startswith(prefix):
                response._csp_update = policy
        return response


class OutageMiddleware:
    """Where the cache is needed and down (counting tries, above all) the answer is 503 with a time to come back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, redis.ConnectionError | redis.TimeoutError):
            return None
        log.error("cache_is_down", error=type(exception).__name__)
        response = errors.refuse(request, 503, template="errors/500.html")
        response["Retry-After"] = "30"
        return response


class RequestLogMiddleware(RequestMiddleware):
    """One log line a request. Who asked is read from the session: reading the person would cost a query."""

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        session = getattr(request, "session", None)
        if session is not None and session.session_key and (person := session.get(SESSION_KEY)):
            structlog.contextvars.bind_contextvars(user_id=int(person))


class LogReferenceMiddleware:
    """Every log line of a request about an order or appointment carries its reference."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> None:
        if reference := kwargs.get("reference"):
            key = "order" if request.path_info.startswith(("/orders/", "/pay/")) else "reference"
            structlog.contextvars.bind_contextvars(**{key: str(reference)[:40]})


def has_control_characters(text: str) -> bool:
    return CONTROL_CHARACTERS.search(text) is not None


def is_storable_json(body: bytes) -> bool:
    """Whether the escapes in a JSON text stand for characters PostgreSQL can hold; malformed JSON passes."""
    if b"\\u" not in body:
        return True
    try:
        text = json.dumps(json.loads(body), ensure_ascii=False)
    except (ValueError, RecursionError):
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\\u0000" not in text.replace("\\\\", "")
