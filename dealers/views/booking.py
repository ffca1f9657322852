"""Booking: choose the car, the dealership, the time; sign in only to confirm."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from o2o_platform.journal.models import Actor

from ..booked import tell_booked
from ..booking import TimePicker, book_url, demo_trims, find_candidates, find_trim_named, read_day, read_moment
from ..exceptions import DriveRefused, SlotTaken
from ..forms import BookingForm
from ..models import Dealership
from ..places import find_city, visible_dealerships
from ..services import request_test_drive
from ..slots import car_choice

TIMES = "times"


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest) -> HttpResponse:
    """The step that the address has reached; POST books."""
    trim_name, code = request.GET.get("trim", ""), request.GET.get("dealership", "")
    dealership = get_object_or_404(Dealership.objects.active().select_related("city"), code=code) if code else None
    if not trim_name:
        return _choose_car(request, dealership)
    trim = find_trim_named(trim_name)
    if trim is None:
        raise Http404
    if dealership is None:
        return _choose_dealership(request, trim)
    return _choose_time(request, trim, dealership)


def _choose_car(request: HttpRequest, dealership: Dealership | None) -> HttpResponse:
    places = [dealership] if dealership else visible_dealerships(find_city(request))
    code = dealership.code if dealership else ""
    cars = [(trim, book_url(trim=trim.code, dealership=code)) for trim in demo_trims(places)]
    return render(request, "dealers/book_car.html", {"cars": cars, "dealership": dealership})


def _choose_dealership(request: HttpRequest, trim: Any) -> HttpResponse:
    city = find_city(request)
    context = {"trim": trim, "city": city, "candidates": find_candidates(trim, city)}
    return render(request, "dealers/book_dealership.html", context)


def _choose_time(request: HttpRequest, trim: Any, dealership: Dealership) -> HttpResponse:
    choice = car_choice(dealership, trim)
    if choice is None:
        return _choose_dealership(request, trim)
    moment = read_moment(request.GET.get("at", ""))
    day = moment.astimezone(dealership.zone).date() if moment else read_day(request.GET)
    base = book_url(trim=trim.code, dealership=dealership.code)
    picker = TimePicker.load(dealership, choice, day, base=base)
    context = {"trim": trim, "dealership": dealership, "picker": picker, "change_url": book_url(trim=trim.code)}
    if moment is None:
        template = "dealers/_times.html" if request.htmx.target == TIMES else "dealers/book_time.html"
        return render(request, template, context)
    context |= {"slot": picker.slot_at(moment), "moment": moment}
    if request.method == "POST":
        return _confirm(request, context)
    if context["slot"] is None:
        return _time_refused(request, context, SlotTaken())
    form = BookingForm(initial={"key": uuid.uuid4()})
    return render(request, "dealers/book_confirm.html", context | {"form": form})


def _confirm(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    form = BookingForm(request.POST)
    if not form.is_valid():
        return render(request, "dealers/book_confirm.html", context | {"form": form}, status=400)
    try:
        appointment = request_test_drive(
            dealership=context["dealership"],
            trim_id=context["trim"].pk,
            buyer=request.user,
            starts_at=context["moment"],
            note=form.cleaned_data["note"],
            actor=Actor.buyer(request.user),
            idempotency_key=str(form.cleaned_data["key"]),
        )
    except DriveRefused as refusal:
        return _time_refused(request, context, refusal)
    tell_booked(request, appointment)
    messages.success(request, _("Your request is with the dealership. It answers within its opening hours."))
    return redirect("dealers:appointment", appointment.reference)


def _time_refused(request: HttpRequest, context: dict[str, Any], refusal: DriveRefused) -> HttpResponse:
    """The times again, with what is still free that day."""
    return render(request, "dealers/book_time.html", context | {"refusal": str(refusal)}, status=409)
