from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from o2o_platform.interface.cities import clean_city, write_city


@require_POST
def choose_city(request: HttpRequest) -> HttpResponse:
    """Remember the visitor's city and return to the page they were on."""
    target = request.POST.get("next") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    write_city(response, clean_city(request.POST.get("city", "")))
    return response


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component and car on one page, for looking at; only in development."""
    if not is_development():
        raise Http404
