"""Error pages in the reader's language; under /api/ the same errors as problem details."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.cache import add_never_cache_headers

from o2o_platform.interface.problems import problem


def refuse(request: HttpRequest, status: int, *, template: str | None = None) -> HttpResponse:
    """The page (or problem) for a status."""
    if request.path_info.startswith("/api/"):
        response: HttpResponse = problem(request, status=status)
    else:
        names = [template or f"errors/{status}.html", "errors/400.html"]
        response = render(request, [name for name in names if name], status=status)
    add_never_cache_headers(response)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, 404)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """allauth looks this up as `handler429` in the root URL configuration."""
    return refuse(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    """Renders without request context: what broke may be one of its parts."""
    if request.path_info.startswith("/api/"):
        return problem(request, status=500)
    return HttpResponse(loader.render_to_string("errors/500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from an old tab, or cookies switched off."""
    return refuse(request, 403, template="errors/403_csrf.html")
