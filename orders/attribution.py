"""Which showroom a visitor comes from: a signed cookie that holds the code scanned last, and nothing about them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from dealers.models import Appointment, Dealership, Membership
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import record_event
from o2o_platform.markets.models import Channel

from .models import ShowroomCode
from .services.scanning import find_code

COOKIE, SALT = "showroom", "orders.showroom"
KEPT_FOR = timedelta(days=30)
# Set on the way to the booking pages: the dealership and the advisor whose offer the buyer has.
DRIVE_WITH = "drive_with"


def remember(request: HttpRequest, response: HttpResponse, code: ShowroomCode) -> None:
    """Keep the code for 30 days. A car's code without an advisor leaves the advisor met there before."""
    if not code.is_active:
        return
    earlier = remembered(request) if code.advisor_id is None else None
    kept = earlier if earlier and earlier.advisor_id and earlier.dealership_id == code.dealership_id else code
    response.set_signed_cookie(
        COOKIE,
        kept.code,
        salt=SALT,
        max_age=int(KEPT_FOR.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def remembered(request: HttpRequest) -> ShowroomCode | None:
    """The code scanned in the last 30 days; a visitor without one costs no query."""
    text = request.get_signed_cookie(COOKIE, default=None, salt=SALT, max_age=KEPT_FOR)
    return find_code(text) if text else None


def order_arguments(request: HttpRequest, dealership: Dealership | None) -> dict[str, Any]:
    """Channel and advisor of an order that goes to the dealership whose code was scanned; empty for all others."""
    code = remembered(request)
    if code is None or dealership is None or code.dealership_id != dealership.pk:
        return {}
    return {"channel": Channel.OFFLINE_TO_ONLINE, "advisor_id": _advisor_there(dealership.pk, code.advisor_id)}


def _advisor_there(dealership_id: int, advisor_id: int | None) -> int | None:
    """The advisor, as long as they work there."""
    members = Membership.objects.filter(dealership=dealership_id, user=advisor_id, is_active=True)
    return advisor_id if advisor_id and members.exists() else None


def name_advisor(request: HttpRequest, appointment: Appointment) -> None:
    """After a booking: the test drive is with the advisor the buyer knows, if they are free at that time."""
    place_id, advisor_id = request.session.pop(DRIVE_WITH, (None, None))
    if advisor_id is None and (code := remembered(request)):
        place_id, advisor_id = code.dealership_id, code.advisor_id
    if place_id != appointment.dealership_id or not _advisor_there(place_id, advisor_id):
        return
    rows = Appointment.objects.filter(pk=appointment.pk, advisor=None, status__in=Appointment.LIVE)
    try:
        with transaction.atomic():
            if rows.update(advisor=advisor_id):
                record_event(appointment, "advisor_asked_for", actor=Actor.buyer(request.user))
    except IntegrityError:
        # Busy at that time (the exclusion constraint says so): the dealership chooses another one.
        return
