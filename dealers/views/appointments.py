"""The buyer's own test drive: what happened, what is next, and the ways to change it. Others get a 404."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from o2o_platform.interface.shops import in_this_shop
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import WrongState

from .. import services
from ..booking import TimePicker, load_choice, read_day, read_moment
from ..calendar import calendar_file, status_of
from ..exceptions import DriveRefused
from ..forms import ReasonForm
from ..models import Appointment
from ..slots import CarChoice

TIMES = "times"
Status = Appointment.Status


@require_safe
@login_required
@never_cache
def show_appointment(request: HttpRequest, reference: str) -> HttpResponse:
    """Status, timeline and what the buyer may do now."""
    appointment = _own(request, reference)
    context = {
        "appointment": appointment,
        "events": list(appointment.events),
        "may_move": appointment.may_become(Status.REQUESTED),
        "may_cancel": appointment.may_become(Status.CANCELLED),
        "is_ahead": appointment.starts_at > timezone.now(),
        "is_proposed": appointment.status == Status.PROPOSED,
        "has_calendar": appointment.status in Appointment.LIVE,
        "other_car": appointment.demo_car.trim_id != appointment.trim_id,
    }
    return render(request, "dealers/appointment.html", context)


@require_safe
@login_required
@never_cache
def download_calendar(request: HttpRequest, reference: str) -> HttpResponse:
    """The invitation as a file."""
    appointment = _own(request, reference)
    method = "CANCEL" if status_of(appointment) == "CANCELLED" else "REQUEST"
    response = HttpResponse(calendar_file(appointment), content_type=f"text/calendar; charset=utf-8; method={method}")
    response["Content-Disposition"] = f'attachment; filename="{appointment.reference}.ics"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def move_appointment(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose another time; POST takes it."""
    appointment = _own(request, reference)
    choice = load_choice(appointment)
    if choice is None or not appointment.may_become(Status.REQUESTED):
        messages.error(request, str(WrongState(appointment, Status.REQUESTED)))
        return redirect("dealers:appointment", reference)
    moment = read_moment(request.GET.get("at", ""))
    refusal = ""
    if request.method == "POST" and moment:
        try:
            moved = services.reschedule(appointment.pk, starts_at=moment, actor=Actor.buyer(request.user))
        except (DriveRefused, WrongState) as error:
            refusal = str(error)
        else:
            is_confirmed = moved.status == Status.CONFIRMED
            said = _("Moved and confirmed.") if is_confirmed else _("Moved. The dealership will confirm the new time.")
            messages.success(request, said)
            return redirect("dealers:appointment", reference)
    context = _load_other_times(request, appointment, choice, moment)
    template = "dealers/_times.html" if request.htmx.target == TIMES else "dealers/move.html"
    return render(request, template, context | {"refusal": refusal}, status=409 if refusal else 200)


def _load_other_times(
    request: HttpRequest, appointment: Appointment, choice: CarChoice, moment: datetime | None
) -> dict[str, Any]:
    dealership = appointment.dealership
    day = moment or appointment.starts_at
    picker = TimePicker.load(
        dealership,
        choice,
        (None if moment else read_day(request.GET)) or day.astimezone(dealership.zone).date(),
        base=reverse("dealers:move", args=[appointment.reference]) + "?move=1",
        moving_id=appointment.pk,
        place=appointment.place,
        buyer_id=appointment.buyer_id,
    )
    return {
        "appointment": appointment,
        "dealership": dealership,
        "trim": appointment.trim,
        "picker": picker,
        "moment": moment,
        "slot": picker.slot_at(moment) if moment else None,
        "is_home": appointment.is_at_home,
    }


@require_POST
@login_required
def accept_time(request: HttpRequest, reference: str) -> HttpResponse:
    """Take the time the dealership proposed, the one the page showed."""
    text = request.POST.get("sequence", "")
    sequence = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1

    def accept(appointment: Appointment, actor: Actor) -> None:
        services.accept_proposal(appointment.pk, actor=actor, sequence=sequence)

    return _change(request, reference, accept, said=_("Confirmed. See you there."))


@require_POST
@login_required
def cancel_appointment(request: HttpRequest, reference: str) -> HttpResponse:
    """Call it off."""
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""

    def cancel(appointment: Appointment, actor: Actor) -> None:
        services.cancel(appointment.pk, actor=actor, reason=reason)

    return _change(request, reference, cancel, said=_("Your test drive is cancelled."))


def _change(
    request: HttpRequest, reference: str, change: Callable[[Appointment, Actor], None], *, said: str
) -> HttpResponse:
    appointment = _own(request, reference)
    try:
        change(appointment, Actor.buyer(request.user))
    except (DriveRefused, WrongState) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("dealers:appointment", reference)


def _own(request: HttpRequest, reference: str) -> Appointment:
    related = ("dealership__city", "trim__vehicle_model__brand", "demo_car__trim__vehicle_model", "advisor")
    rows = in_this_shop(Appointment.objects.select_related(*related))
    return get_object_or_404(rows, reference=reference, buyer=request.user.pk)
