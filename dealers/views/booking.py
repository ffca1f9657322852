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
from ..exceptions import AddressMissing, DriveRefused, SlotTaken, TooFarFromHouse
from ..forms import BookingForm, HomeBookingForm
from ..models import Appointment, Dealership
from ..places import cities_around, find_city, known_dealerships, visible_dealerships
from ..services import request_test_drive
from ..slots import CarChoice, car_choice
from ..waits import find_wait

TIMES = "times"
Place = Appointment.Place


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest) -> HttpResponse:
    """The step that the address has reached; POST books."""
    trim_name, code = request.GET.get("trim", ""), request.GET.get("dealership", "")
    dealership = get_object_or_404(known_dealerships().select_related("city"), code=code) if code else None
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
    context = _load_times(request, trim, dealership, choice)
    if context["moment"] is None:
        template = "dealers/_times.html" if request.htmx.target == TIMES else "dealers/book_time.html"
        return render(request, template, context)
    if request.method == "POST":
        return _confirm(request, context)
    if context["slot"] is None:
        return _time_refused(request, context, SlotTaken())
    city = find_city(request)
    initial = {"key": uuid.uuid4(), "city": city.slug if city else None}
    form = _form_for(request, context, initial=initial)
    return render(request, "dealers/book_confirm.html", context | {"form": form})


def _load_times(request: HttpRequest, trim: Any, dealership: Dealership, choice: CarChoice) -> dict[str, Any]:
    """Everything the pages of times and of the last step show."""
    is_home = bool(dealership.home_drive_radius_km) and request.GET.get("place") == Place.HOME
    moment = read_moment(request.GET.get("at", ""))
    day = moment.astimezone(dealership.zone).date() if moment else read_day(request.GET)
    at_store = book_url(trim=trim.code, dealership=dealership.code)
    at_home = book_url(trim=trim.code, dealership=dealership.code, place=Place.HOME)
    base = at_home if is_home else at_store
    place = Place.HOME if is_home else Place.STORE
    picker = TimePicker.load(dealership, choice, day, base=base, place=place, buyer_id=request.user.pk)
    return {
        "trim": trim,
        "dealership": dealership,
        "picker": picker,
        "change_url": book_url(trim=trim.code),
        "times_url": base,
        "places": [(at_store, not is_home), (at_home, is_home)] if dealership.home_drive_radius_km else [],
        "is_home": is_home,
        "moment": moment,
        "slot": picker.slot_at(moment) if moment else None,
        "waiting": find_wait(request.user, dealership, picker.chosen),
    }


def _form_for(request: HttpRequest, context: dict[str, Any], *given: Any, **more: Any) -> BookingForm:
    if not context["is_home"]:
        return BookingForm(*given, **more)
    return HomeBookingForm(*given, cities=cities_around(context["dealership"], find_city(request)), **more)


def _confirm(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    form = _form_for(request, context, request.POST)
    if not form.is_valid():
        return render(request, "dealers/book_confirm.html", context | {"form": form}, status=400)
    try:
        appointment = request_test_drive(
            dealership=context["dealership"],
            trim_id=context["trim"].pk,
            buyer=request.user,
            starts_at=context["moment"],
            note=form.cleaned_data["note"],
            home=form.home(),
            actor=Actor.buyer(request.user),
            idempotency_key=str(form.cleaned_data["key"]),
        )
    except (TooFarFromHouse, AddressMissing) as refusal:
        form.add_error("address", str(refusal))
        return render(request, "dealers/book_confirm.html", context | {"form": form}, status=409)
    except DriveRefused as refusal:
        return _time_refused(request, context, refusal)
    tell_booked(request, appointment)
    if appointment.status == Appointment.Status.CONFIRMED:
        messages.success(request, _("Confirmed. See you there."))
    else:
        messages.success(request, _("Your request is with the dealership. It answers within its opening hours."))
    return redirect("dealers:appointment", appointment.reference)


def _time_refused(request: HttpRequest, context: dict[str, Any], refusal: DriveRefused) -> HttpResponse:
    """The times again, with what is still free that day."""
    return render(request, "dealers/book_time.html", context | {"refusal": str(refusal)}, status=409)
