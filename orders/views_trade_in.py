"""Trading in the own car: asking for an estimate, and the page of one request."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dealers.places import Nearby, by_distance, find_city, visible_dealerships
from o2o_platform.interface.access import EVERYONE, Access
from o2o_platform.interface.formats import format_kilometres
from o2o_platform.interface.pictures import sibling
from o2o_platform.interface.shops import in_this_shop
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import WrongState
from o2o_platform.operations.errors import too_many_requests

from . import exceptions, limits
from .forms_trade_in import WIDTHS, TradeInForm
from .models import TradeIn, TradeInPhoto
from .services import request_trade_in, withdraw_trade_in
from .services.trading import photo_storage

SESSION_KEY = "trade_in"
KEPT = ("vin", "car", "first_registered_on", "mileage_km", "condition", "dealership")
LONGEST_KEPT = 2000
PLACES_SHOWN = 60
BRANDS = "dealership__brands"
# Chinese law wants a check digit in the VIN (GB 16735); Europe's does not.
WITH_CHECK_DIGIT = frozenset({"CN"})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def trade_in(request: HttpRequest) -> HttpResponse:
    """The form. What was typed is kept over signing in; photographs are added after it."""
    places = _places(request)
    if request.method == "POST":
        return _ask(request, places)
    kept = request.session.get(SESSION_KEY, {})
    nearest = places[0].dealership.code if places and places[0].distance_km is not None else ""
    initial = {"dealership": nearest} | kept
    if "dealership" in request.GET:
        initial["dealership"] = request.GET["dealership"]
    return _show(request, places, _form(request, places, initial=initial))


def _ask(request: HttpRequest, places: list[Nearby]) -> HttpResponse:
    if not request.user.is_authenticated:
        request.session[SESSION_KEY] = {name: request.POST.get(name, "")[:LONGEST_KEPT] for name in KEPT}
        return redirect_to_login(reverse("orders:trade_ins"))
    if not limits.is_within(limits.TRADE_INS, request.user.pk):
        return too_many_requests(request)
    form = _form(request, places, data=request.POST, files=request.FILES)
    if not form.is_valid():
        return _show(request, places, form, status=422)
    code = form.cleaned_data["dealership"]
    dealership = next(each.dealership for each in places if each.dealership.code == code)
    try:
        made = request_trade_in(
            buyer=request.user,  # type: ignore[arg-type]
            dealership=dealership,
            car=form.own_car,
            photos=form.cleaned_data.get("photos", ()),
            actor=Actor.buyer(request.user),
        )
    except exceptions.TooManyTradeIns as error:
        return _show(request, places, form, problem=str(error), status=409)
    request.session.pop(SESSION_KEY, None)
    return HttpResponseRedirect(reverse("orders:trade_in", args=[made.reference]), status=303)


def _places(request: HttpRequest) -> list[Nearby]:
    """Dealerships to choose from, nearest first; the one asked for in the address or the form is among them."""
    city = find_city(request)
    found = visible_dealerships(city).select_related("city", "market").order_by("city__name", "name")
    ranked = by_distance(found, city)
    asked = {request.GET.get("dealership", ""), request.POST.get("dealership", "")}
    asked.add(request.session.get(SESSION_KEY, {}).get("dealership", ""))
    return [each for number, each in enumerate(ranked) if number < PLACES_SHOWN or each.dealership.code in asked]


def _form(request: HttpRequest, places: list[Nearby], **kwargs: Any) -> TradeInForm:
    market = places[0].dealership.market if places else None
    zone = market.zone if market else timezone.get_default_timezone()
    return TradeInForm(
        dealerships=[("", _("Choose")), *((each.dealership.code, _place_label(each)) for each in places)],
        requires_check_digit=(market.pk if market else settings.DEFAULT_MARKET) in WITH_CHECK_DIGIT,
        today=timezone.now().astimezone(zone).date(),
        has_photos=request.user.is_authenticated,
        **kwargs,
    )


def _place_label(nearby: Nearby) -> str:
    place = nearby.dealership
    away = "" if nearby.distance_km is None else f" · {format_kilometres(nearby.distance_km, decimals=1)}"
    return f"{place.label} · {place.city.label}{away}"


def _show(
    request: HttpRequest, places: list[Nearby], form: TradeInForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {"form": form, "problem": problem, "has_places": bool(places)}
    return render(request, "orders/trade_in_form.html", context, status=status)


@never_cache
@login_required
@require_safe
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """One request of the buyer's: the estimate or what it waits for, the car as described, photographs."""
    return render(request, "orders/trade_in.html", {"trade_in": _own(request, reference), "now": timezone.now()})


@never_cache
@login_required
@require_POST
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Take the request back; one that is over stays as it is, and the page says so."""
    found = _own(request, reference)
    try:
        withdraw_trade_in(found.pk, actor=Actor.buyer(request.user))
        messages.success(request, _("Your request is withdrawn."))
    except WrongState as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("orders:trade_in", args=[reference]), status=303)


@never_cache
@require_safe
def photo(request: HttpRequest, reference: str, position: int) -> HttpResponse:
    """A photograph, to its owner and to the staff of the dealership asked; to everybody else there is none."""
    found = get_object_or_404(
        TradeInPhoto.objects.select_related("trade_in"), trade_in__reference=reference, position=position
    )
    if not _may_see(request, found.trade_in):
        raise Http404
    name = sibling(found.name, min(WIDTHS)) if "small" in request.GET and found.width > min(WIDTHS) else found.name
    try:
        with photo_storage().open(name) as file:
            response = HttpResponse(file.read(), content_type="image/webp")
    except FileNotFoundError as missing:
        raise Http404 from missing
    response["X-Content-Type-Options"] = "nosniff"
    # WebP is compressed already: the site's compression would only cost time.
    request.META.pop("HTTP_ACCEPT_ENCODING", None)
    return response


def _may_see(request: HttpRequest, trade_in: TradeIn) -> bool:
    if not request.user.is_authenticated:
        return False
    return trade_in.buyer_id == request.user.pk or Access.of(request).plays_at(EVERYONE, trade_in.dealership_id)


def _own(request: HttpRequest, reference: str) -> TradeIn:
    rows = TradeIn.objects.select_related("dealership__city", "market").prefetch_related("photos")
    return get_object_or_404(in_this_shop(rows, BRANDS), reference=reference, buyer=request.user)


def trade_ins_of(user: Any) -> dict[str, Any]:
    """The garage's section: a person's requests, newest first; in a shop those asked of houses that sell its brand."""
    rows = in_this_shop(TradeIn.objects.filter(buyer=user), BRANDS).select_related("dealership")
    return {"trade_ins": list(rows.order_by("-pk")[:20])}
