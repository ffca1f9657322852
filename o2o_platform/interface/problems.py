"""Errors of the API as problem details (RFC 9457)."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from o2o_platform.journal.services import WrongState

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: gettext_noop("Bad request"),
    401: gettext_noop("Sign in first"),
    403: gettext_noop("Not allowed"),
    404: gettext_noop("Not found"),
    405: gettext_noop("Method not allowed"),
    406: gettext_noop("Not acceptable"),
    409: gettext_noop("Conflict"),
    410: gettext_noop("Gone"),
    412: gettext_noop("Changed meanwhile"),
    413: gettext_noop("Too large"),
    414: gettext_noop("Address too long"),
    415: gettext_noop("Unsupported media type"),
    422: gettext_noop("Cannot be done"),
    429: gettext_noop("Too many requests"),
    500: gettext_noop("Server error"),
    503: gettext_noop("Out of service for a moment"),
}


@dataclass(frozen=True)
class DomainProblem:
    """How a domain exception is told: HTTP status, stable code, and a sentence unless the exception has one."""

    status: int
    code: str
    detail: str = ""


_registry: dict[type[Exception], DomainProblem] = {}


def register(exception: type[Exception], status: int, code: str, detail: str = "") -> None:
    """Declare how a domain exception is answered; `detail` is an English msgid, else str(exception) is shown."""
    _registry[exception] = DomainProblem(status, code, detail)


register(WrongState, 409, "wrong_state")


class ChangedMeanwhile(exceptions.APIException):
    """What the request was made for (`If-Match`, `If-None-Match`) is no longer so."""

    status_code = HTTPStatus.PRECONDITION_FAILED
    default_code = "changed_meanwhile"
    default_detail = gettext_lazy("This has changed since you read it. Read it again.")


class TooLarge(exceptions.APIException):
    """More in one request than is taken at once."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = gettext_lazy("This is more than one request may hold. Send it in parts.")


class KeyReused(exceptions.APIException):
    """An `Idempotency-Key` that was used for another request."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = gettext_lazy("This Idempotency-Key was used for a different request.")


def problem_body(
    *, status: int, instance: str, code: str = "", detail: str = "", errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """The members of a problem: type, title, status, detail, instance, and errors with JSON pointers."""
    slug = code or HTTPStatus(status).name.lower()
    body: dict[str, Any] = {
        "type": f"{settings.SITE_URL}/api/problems/{slug.replace('_', '-')}",
        "title": _(TITLES[status]) if status in TITLES else HTTPStatus(status).phrase,
        "status": status,
        "code": slug,
        "instance": instance,
    }
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    return body


def problem(request: HttpRequest, *, status: int, code: str = "", detail: str = "") -> JsonResponse:
    """A problem from outside the API's own views."""
    body = problem_body(status=status, instance=request.path, code=code, detail=detail)
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE, json_dumps_params={"ensure_ascii": False})


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """The API's exception handler; an unknown exception stays unhandled and becomes a 500."""
    instance = context["request"].path
    if known := _find(error):
        set_rollback()
        detail = _(known.detail) if known.detail else str(error)
        code = getattr(error, "code", known.code)
        return _respond(problem_body(status=known.status, instance=instance, code=code, detail=detail))
    response = exception_handler(error, context)
    if response is None:
        return None
    problem_answer = _respond(_describe(error, response, instance))
    for header in ("Retry-After", "WWW-Authenticate", "Allow"):
        if header in response.headers:
            problem_answer[header] = response[header]
    return problem_answer


def _respond(body: dict[str, Any]) -> Response:
    return Response(body, status=body["status"], content_type=CONTENT_TYPE)


def _find(error: Exception) -> DomainProblem | None:
    for kind in type(error).__mro__:
        if kind in _registry:
            return _registry[kind]
    return None


def _describe(error: Exception, response: Response, instance: str) -> dict[str, Any]:
    status = response.status_code
    if isinstance(error, exceptions.ValidationError):
        errors = list(pointers(response.data, ""))
        return problem_body(
            status=status, instance=instance, code="invalid", detail=_("Some values are not valid."), errors=errors
        )
    if isinstance(error, Http404 | PermissionDenied):
        return problem_body(status=status, instance=instance)
    code = error.detail.code if isinstance(error.detail, exceptions.ErrorDetail) else ""
    return problem_body(status=status, instance=instance, code=code, detail=str(error.detail))


def pointers(detail: Any, path: str) -> Iterator[dict[str, str]]:
    """Each message with the JSON pointer (RFC 6901) of the value it is about."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            step = "" if key == "non_field_errors" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            yield from pointers(value, path + step)
    elif isinstance(detail, list | tuple):
        for index, value in enumerate(detail):
            nested = isinstance(value, dict | list)
            yield from pointers(value, f"{path}/{index}" if nested else path)
    elif isinstance(detail, str | Promise):
        yield {"pointer": path, "detail": str(detail)}
