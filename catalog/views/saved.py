"""Keeping cars and searches: by a form each, and as meant before signing in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.exceptions import NotSaved, SearchTooLong, TooMany
from catalog.listing import CarCriteria
from catalog.messages import read_stop_token
from catalog.models import SavedCar, SavedSearch
from catalog.places import find_place
from catalog.services import saving
from o2o_platform.accounts.models import User
from o2o_platform.interface.shops import in_this_shop

INTENT = "saving"
VALUE_LENGTH = 2000


@require_POST
def save_car(request: HttpRequest) -> HttpResponse:
    """Keep the `trim` posted, or keep the one to `forget` no longer; back to where it was asked."""
    target, unwanted = _target(request), request.POST.get("forget", "")
    if unwanted and request.user.is_authenticated:
        saving.forget_car(request.user, trim_code=unwanted)
        messages.success(request, _("Removed from your saved cars."))
        return HttpResponseRedirect(target)
    return _save_or_sign_in(request, "car", request.POST.get("trim", "")[:VALUE_LENGTH], target)


@require_POST
def save_search(request: HttpRequest) -> HttpResponse:
    """Keep the search of the canonical query posted; back to the list."""
    query = request.POST.get("query", "")[:VALUE_LENGTH]
    return _save_or_sign_in(request, "search", query, _target(request))


@login_required
@never_cache
@require_safe
def resume(request: HttpRequest) -> HttpResponse:
    """Do what was meant before signing in: it was posted from this browser, and waits in its session."""
    intent = request.session.pop(INTENT, None)
    if not intent:
        return HttpResponseRedirect(reverse("accounts:garage"))
    return _save(request, intent["kind"], intent["value"], intent["next"])


@login_required
@require_POST
def change_car(request: HttpRequest, pk: int) -> HttpResponse:
    return _change(
        request, get_object_or_404(in_this_shop(SavedCar.objects.all()), pk=pk, user=request.user), "saved-cars"
    )


@login_required
@require_POST
def change_search(request: HttpRequest, pk: int) -> HttpResponse:
    return _change(request, get_object_or_404(SavedSearch, pk=pk, user=request.user), "saved-searches")


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_alerts(request: HttpRequest, token: str) -> HttpResponse:
    """No more such messages, by the signed link in them and without signing in.

    Opening the link changes nothing, as mail scanners open links too. The button on it and the
    mail program's own (RFC 8058, which knows no cookies and hence no CSRF token) post to it.
    """
    stopped = read_stop_token(token)
    if stopped is None:
        raise Http404
    rows = _stopped_rows(*stopped)
    if request.method == "POST":
        rows.update(alerts_on=False)
    context = {"is_search": stopped[0] == "search", "is_on": rows.filter(alerts_on=True).exists()}
    return render(request, "catalog/stop_alerts.html", context)


def _stopped_rows(what: str, pk: int) -> Any:
    return SavedSearch.objects.filter(pk=pk) if what == "search" else SavedCar.objects.filter(user=pk)


def _save_or_sign_in(request: HttpRequest, kind: str, value: str, target: str) -> HttpResponse:
    if request.user.is_authenticated:
        return _save(request, kind, value, target)
    request.session[INTENT] = {"kind": kind, "value": value, "next": target}
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': reverse('catalog:resume_saving')})}")


def _save(request: HttpRequest, kind: str, value: str, target: str) -> HttpResponse:
    verb: Callable[[HttpRequest, User, str], str] = {"car": _keep_car, "search": _keep_search}[kind]
    try:
        messages.success(request, verb(request, request.user, value))
    except NotSaved as refusal:
        messages.warning(request, explain(refusal))
    return HttpResponseRedirect(target)


def _keep_car(request: HttpRequest, user: User, code: str) -> str:
    _car, is_new = saving.save_car(user, trim_code=code, place=find_place(request))
    return _("Saved. You find it in your garage.") if is_new else _("You saved this car before.")


def _keep_search(request: HttpRequest, user: User, query: str) -> str:
    place = find_place(request)
    criteria = CarCriteria.read(QueryDict(query.removeprefix("?")), market=place.market, city=place.city)
    _search, is_new = saving.save_search(user, criteria=criteria)
    if is_new:
        return _("Saved. We tell you when a car appears or a price falls.")
    return _("You saved this search before.")


def explain(refusal: NotSaved) -> str:
    """What to tell the person, and the way out."""
    if isinstance(refusal, TooMany):
        text = ngettext(
            "You keep %(count)s already. Delete one in your garage first.",
            "You keep %(count)s already. Delete one in your garage first.",
            refusal.limit,
        )
        return text % {"count": refusal.limit}
    if isinstance(refusal, SearchTooLong):
        return _("This search has too many choices to be kept. Drop some of them.")
    return _("This car is no longer on offer.")


def _change(request: HttpRequest, saved: SavedCar | SavedSearch, section: str) -> HttpResponse:
    """Turn alerts `on` or `off`, or `delete`."""
    what = request.POST.get("do", "")
    if what == "delete":
        saved.delete()
        messages.success(request, _("Deleted."))
    elif what in ("on", "off"):
        saving.set_alerts(saved, are_on=what == "on")
        messages.success(request, _("We tell you of changes.") if what == "on" else _("We no longer tell you of it."))
    return HttpResponseRedirect(f"{reverse('accounts:garage')}#{section}")


def _target(request: HttpRequest) -> str:
    """Where to go back to: a page of this site."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_ours and len(target) <= VALUE_LENGTH else reverse("accounts:garage")
