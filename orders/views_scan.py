"""Scanning a showroom code: the car or the dealership it stands for, and who made the visitor come."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.models import Offer, StockUnit
from dealers.models import Dealership

from . import attribution
from .choosing import Choice, Reservation
from .models import ShowroomCode
from .services.scanning import count_scan, find_code

CARS_A_PAGE = 12


@never_cache
@require_safe
def scan(request: HttpRequest, code: str) -> HttpResponse:
    """Count the scan, remember the code, go on to its page. One that is switched off opens the page all the same."""
    found = _code_or_404(code)
    if request.method == "GET":
        count_scan(found)
    response = redirect("orders:showroom", found.code)
    attribution.remember(request, response, found)
    return response


@never_cache
@require_safe
def showroom(request: HttpRequest, code: str) -> HttpResponse:
    """The car at its dealership, or the cars of the dealership."""
    found = _code_or_404(code)
    advisor = found.advisor if found.is_active else None
    context: dict[str, Any] = {"code": found, "place": found.dealership, "advisor": advisor}
    if found.stock_unit_id is not None:
        return render(request, "orders/showroom_car.html", context | _car(found))
    return render(request, "orders/showroom.html", context | _cars(request, found.dealership))


def _car(code: ShowroomCode) -> dict[str, Any]:
    """The car as it is now; what is like it when it is gone or stands elsewhere."""
    reservation = Reservation.load(Choice(unit=str(code.stock_unit_id)))
    if reservation is None:
        raise Http404
    is_here = reservation.unit is not None and reservation.unit.dealership_id == code.dealership_id
    is_gone = reservation.is_taken or not reservation.is_on_sale or not is_here
    alternatives = reservation.find_alternatives() if is_gone else []
    return {"reservation": reservation, "is_gone": is_gone, "alternatives": alternatives}


def _cars(request: HttpRequest, place: Dealership) -> dict[str, Any]:
    """Free cars of the dealership with list prices; a fixed number of queries."""
    today = timezone.now().astimezone(place.zone).date()
    units = StockUnit.objects.available().filter(dealership=place, dealership__is_active=True)
    units = units.with_discount_given(today).select_related("trim__vehicle_model__brand", "colour", "market")
    order = ("trim__vehicle_model__brand__name", "trim__vehicle_model__name", "trim_id", "pk")
    page = Paginator(units.order_by(*order), CARS_A_PAGE).get_page(request.GET.get("page"))
    today = timezone.now().astimezone(place.zone).date()
    trims = {unit.trim_id for unit in page}
    offers = Offer.objects.valid(place.market_id, today).filter(trim__in=trims)
    prices = dict(offers.values_list("trim_id", "list_price"))
    cars = [(unit, prices[unit.trim_id]) for unit in page if unit.trim_id in prices]
    return {"page": page, "cars": cars, "currency": place.market.currency}


def _code_or_404(text: str) -> ShowroomCode:
    code = find_code(text)
    if code is None:
        raise Http404
    return code
