"""Reserving a car: one page, three short steps."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog.places import find_place
from o2o_platform.interface.shops import is_in_shop
from o2o_platform.journal.models import Actor
from o2o_platform.operations.errors import too_many_requests
from o2o_platform.waiting.exceptions import NotYourTurn

from . import attribution, exceptions, limits
from .choosing import Choice, Reservation
from .festival.entering import counted_address
from .forms import ReserveForm, new_key
from .models import Order
from .services import place_order
from .views_gate import room_instead
from .views_interest import city_of, is_offered_to, show_offered

SESSION_KEY = "choice"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reserve(request: HttpRequest) -> HttpResponse:
    """The car, the buyer and the terms; a submit holds the car and goes on to the deposit."""
    source = request.POST if request.method == "POST" else request.GET
    choice = Choice.read(source)
    if choice is None:
        kept = Choice.read(request.session.get(SESSION_KEY, {}))
        return redirect(kept.url if kept and request.method != "POST" else "catalog:list")
    if not request.user.is_authenticated and (request.method == "POST" or "sign-in" in request.GET):
        request.session[SESSION_KEY] = choice.values
        return redirect_to_login(choice.url)
    if request.method != "POST" and (room := room_instead(request, choice)):
        return room
    reservation = _load(request, choice)
    if reservation is None:
        raise Http404
    if request.method == "POST":
        return submit(request, reservation)
    if held := _held_by(request, reservation):
        return redirect("orders:detail", held.reference)
    if reservation.is_on_sale and not is_offered_to(request, reservation.trim, reservation.market_code):
        return show_offered(request, reservation.trim, market=reservation.market_code)
    if reservation.choice.campaign and reservation.is_on_sale and reservation.entry is None:
        return show(request, _without_campaign(reservation), problem=exceptions.CampaignClosed.text)
    return show(request, reservation)


def _load(request: HttpRequest, choice: Choice) -> Reservation | None:
    """Where no dealership is named, the one whose code the visitor scanned, if it has such a car."""
    if not (choice.unit or choice.dealership) and (code := attribution.remembered(request)):
        there = Reservation.load(replace(choice, dealership=code.dealership.code))
        if there and there.unit and is_in_shop(there.trim.vehicle_model.brand_id):
            return there
    found = Reservation.load(choice, market=find_place(request).market.code)
    return found if found and is_in_shop(found.trim.vehicle_model.brand_id) else None


def submit(request: HttpRequest, reservation: Reservation) -> HttpResponse:
    """Place the order of a filled-in form, once however often it is sent."""
    form = ReserveForm(request.POST)
    if form.is_tampered:
        return show(request, reservation, form, problem=exceptions.OrderError.text, status=400)
    if earlier := Order.objects.filter(buyer=request.user, idempotency_key=form.key).first():
        return _go_on(request, earlier)
    if not limits.may_reserve(request):
        return too_many_requests(request)
    if not form.is_valid():
        return show(request, reservation, form, status=422)
    if not reservation.is_on_sale or not reservation.order_arguments:
        return show(request, reservation, form, problem=exceptions.NotOnSale.text, status=409)
    return _try_to_place(request, reservation, form)


def _try_to_place(request: HttpRequest, reservation: Reservation, form: ReserveForm) -> HttpResponse:
    """Place the order; what stands in the way is told on the page, with nothing typed lost."""
    data = form.cleaned_data
    try:
        order = place_order(
            buyer=request.user,
            actor=Actor.buyer(request.user),
            market=reservation.market_code,
            terms_id=data["terms_id"],
            buyer_name=data["buyer_name"],
            idempotency_key=data["idempotency_key"],
            expected_total=data["expected_total"],
            city_id=city_of(request, reservation.market_code),
            **attribution.order_arguments(request, reservation.dealership),
            **reservation.order_arguments,
            campaign_id=reservation.campaign_id,
            address=counted_address(request),
        )
    except exceptions.CampaignRefused as error:
        return show(request, _without_campaign(reservation), form, problem=error, status=409)
    except (exceptions.NotOfferedHere, exceptions.CityNeeded):
        return show_offered(request, reservation.trim, market=reservation.market_code, status=409)
    except NotYourTurn:
        return room_instead(request, reservation.choice) or redirect(reservation.url)
    except exceptions.OutOfStock as error:
        return show(request, reservation, form, problem=error, is_taken=True, status=409)
    except exceptions.TermsChanged as error:
        return show(request, reservation, form, problem=error, accepted=False, status=409)
    except exceptions.PriceChanged as error:
        return show(request, reservation, form, problem=error, old_total=data["expected_total"], status=409)
    except exceptions.TooManyHolds as error:
        return show(request, reservation, form, problem=error, too_many=True, status=409)
    except exceptions.KeyReused as error:
        return show(request, reservation, form, problem=error, key=new_key(), status=409)
    except exceptions.OrderError as error:
        return show(request, reservation, form, problem=error, status=409)
    return _go_on(request, order)


def _without_campaign(reservation: Reservation) -> Reservation:
    """The same car at its usual price, with the other campaigns it is in."""
    refused = reservation.choice.campaign
    reservation = replace(reservation, choice=replace(reservation.choice, campaign=""))
    reservation.offered_entries = [each for each in reservation.offered_entries if each.entry.slug != refused]
    return reservation


def _go_on(request: HttpRequest, order: Order) -> HttpResponse:
    request.session.pop(SESSION_KEY, None)
    return HttpResponseRedirect(reverse("payments:pay", args=[order.reference]), status=303)


def _held_by(request: HttpRequest, reservation: Reservation) -> Order | None:
    """The visitor's own live order of this very car."""
    if reservation.unit is None or not reservation.is_taken or not request.user.is_authenticated:
        return None
    claims = reservation.unit.claims.filter(released_at__isnull=True, order__buyer=request.user)
    claim = claims.select_related("order").first()
    return claim.order if claim else None


def show(
    request: HttpRequest,
    reservation: Reservation,
    form: ReserveForm | None = None,
    *,
    problem: object = "",
    is_taken: bool = False,
    accepted: bool = True,
    old_total: Decimal | None = None,
    too_many: bool = False,
    key: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page as things are now: price and terms shown are always the ones the next submit will be checked against."""
    is_gone = is_taken or reservation.is_taken
    user = request.user
    typed: dict[str, Any] = form.data if form else {}
    context = {
        "reservation": reservation,
        "form": form,
        "key": key or (form.key if form else new_key()),
        "buyer_name": typed.get("buyer_name", getattr(user, "name", ""))[:80],
        "accepted": accepted and bool(typed.get("accept")),
        "problem": str(problem),
        "old_total": old_total,
        "opens_terms": not accepted,
        "too_many": too_many,
        "is_taken": is_gone,
        "alternatives": reservation.find_alternatives() if is_gone or not reservation.is_on_sale else [],
        "sign_in_url": f"{reservation.url}&sign-in=1",
    }
    template = "orders/taken.html" if is_gone or not reservation.is_on_sale else "orders/reserve.html"
    return render(request, template, context, status=status)
