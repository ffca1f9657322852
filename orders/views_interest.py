"""Where a car is offered, and asking to hear when the own city opens."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import Trim
from catalog.offered import cities_offered, named_cities
from catalog.places import Place, find_place
from o2o_platform.accounts.models import User
from o2o_platform.interface.shops import in_this_shop, is_in_shop
from o2o_platform.markets.models import Market
from o2o_platform.operations.errors import too_many_requests

from . import exceptions, limits
from .models import InterestRequest
from .services.interest import ask_interest, withdraw_interest

LONGEST_CODE = 120


def city_of(request: HttpRequest, market: str) -> int | None:
    """The visitor's city, if it is in this market."""
    city = find_place(request).city
    return city.pk if city and city.market_id == market else None


def offered_in(trim: Trim, market: str) -> frozenset[int] | None:
    """The cities of a market a trim is offered in today; None: everywhere."""
    found = Market.objects.filter(pk=market).first()
    if found is None:
        raise Http404
    today = timezone.now().astimezone(found.zone).date()
    return cities_offered(trim.pk, model=trim.vehicle_model, market=market, on=today)


def is_offered_to(request: HttpRequest, trim: Trim, market: str) -> bool:
    """Whether the visitor can order the trim from where they are."""
    place = find_place(request)
    if place.market.code == market and not place.is_limited:
        return True
    cities = offered_in(trim, market)
    return cities is None or city_of(request, market) in cities


def show_offered(
    request: HttpRequest, trim: Trim, *, market: str, problem: str = "", status: int = 200
) -> HttpResponse:
    """The cities it can be ordered in; for the visitor's own the form to hear when it opens."""
    cities = offered_in(trim, market)
    place = find_place(request)
    city = place.city if place.city and place.city.market_id == market else None
    context = {
        "trim": trim,
        "place": place,
        "city_choices": place.city_names,
        "city": city,
        "cities": named_cities(cities) if cities is not None else None,
        "is_here": cities is None or (city is not None and city.pk in cities),
        "is_asked": city is not None and _own(request).filter(trim=trim, city=city).exists(),
        "problem": problem,
        "here": _address(trim),
    }
    return render(request, "orders/offered.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def interest(request: HttpRequest) -> HttpResponse:
    """Where a trim is offered; a post asks to hear when it is in the visitor's city."""
    code = (request.POST if request.method == "POST" else request.GET).get("trim", "")[:LONGEST_CODE]
    found = Trim.objects.select_related("vehicle_model__brand").filter(is_published=True)
    trim = get_object_or_404(found, code=code)
    if not is_in_shop(trim.vehicle_model.brand_id):
        raise Http404
    place = find_place(request)
    if request.method != "POST":
        return show_offered(request, trim, market=place.market.code)
    if not request.user.is_authenticated:
        return redirect_to_login(_address(trim))
    if not limits.is_within(limits.INTERESTS, request.user.pk):
        return too_many_requests(request)
    return _ask(request, trim, place)


def _ask(request: HttpRequest, trim: Trim, place: Place) -> HttpResponse:
    if place.city is None:
        problem = _("Choose your city first.")
        return show_offered(request, trim, market=place.market.code, problem=problem, status=422)
    try:
        ask_interest(buyer=request.user, trim=trim, city=place.city)  # type: ignore[arg-type]
    except exceptions.OrderError as error:
        return show_offered(request, trim, market=place.market.code, problem=str(error), status=409)
    messages.success(request, _("Noted. We write to you as soon as it can be ordered in your city."))
    return HttpResponseRedirect(reverse("accounts:garage"), status=303)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of the visitor's requests."""
    if not withdraw_interest(pk, buyer=request.user):  # type: ignore[arg-type]
        raise Http404
    messages.success(request, _("Withdrawn."))
    return HttpResponseRedirect(reverse("accounts:garage"), status=303)


def interests_of(user: User) -> dict[str, Any]:
    """The garage's section: cars a person waits for, newest first."""
    related = ("trim__vehicle_model__brand", "city", "dealership__city")
    return {"interests": list(in_this_shop(InterestRequest.objects.filter(buyer=user)).select_related(*related)[:50])}


def _own(request: HttpRequest) -> Any:
    return InterestRequest.objects.filter(buyer=request.user.pk, told_at=None)


def _address(trim: Trim) -> str:
    return f"{reverse('orders:interest')}?{urlencode({'trim': trim.code})}"
