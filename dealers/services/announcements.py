"""Telling the buyer and the dealership's system, in the transaction of the change."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from o2o_platform.notifications.services import notify

from ..calendar import calendar_file
from ..channels import enqueue_handoff
from ..handoffs import HandoffData
from ..models import Appointment, Closure

REQUESTED, CHANGED, CANCELLED = "appointment.requested", "appointment.changed", "appointment.cancelled"


def page_url(appointment: Appointment) -> str:
    """Full address of the buyer's page."""
    return settings.SITE_URL + reverse("dealers:appointment", args=[appointment.reference])


def tell_buyer(appointment: Appointment, kind: str, *, with_calendar: bool = False) -> None:
    """A message to the buyer, once per kind and calendar sequence."""
    attachments = [("test-drive.ics", calendar_file(appointment).decode(), "text/calendar")] if with_calendar else []
    notify(
        appointment.buyer,
        kind,
        subject=appointment,
        context={"appointment": appointment, "url": page_url(appointment)},
        dedupe_key=f"{kind}:{appointment.reference}:{appointment.sequence}",
        attachments=attachments,
    )


def tell_of_closure(drives: list[Appointment], closure: Closure, *, is_in_line: bool) -> None:
    """One message to a buyer whose test drives a closure called off, with a way to another time."""
    first = drives[0]
    codes = {drive.trim.code for drive in drives}
    query = {"dealership": first.dealership.code} | ({"trim": first.trim.code} if len(codes) == 1 else {})
    files = [
        (f"{drive.reference}.ics", calendar_file(drive).decode(), "text/calendar; method=CANCEL") for drive in drives
    ]
    notify(
        first.buyer,
        "drive_closed",
        subject=first,
        context={
            "appointment": first,
            "drives": drives,
            "reason": closure.reason,
            "is_in_line": is_in_line,
            "url": f"{settings.SITE_URL}{reverse('dealers:book')}?{urlencode(query)}",
        },
        dedupe_key=f"drive_closed:{closure.pk}:{first.reference}",
        attachments=files,
    )


def tell_dealership(appointment: Appointment, topic: str) -> None:
    """The handoff to the dealership's system or mailbox, once per status and calendar sequence."""
    enqueue_handoff(
        dealership=appointment.dealership,
        topic=topic,
        subject=appointment,
        payload=handoff_payload(appointment),
        dedupe_key=f"{topic}:{appointment.reference}:{appointment.status}:{appointment.sequence}",
    )


def handoff_payload(appointment: Appointment) -> HandoffData:
    """What a dealer's system is told of a test drive; times in the dealership's zone."""
    trim, buyer, dealership = appointment.trim, appointment.buyer, appointment.dealership
    return {
        "vehicle": {
            "brand": trim.vehicle_model.brand.name,
            "model": trim.vehicle_model.name,
            "trim": trim.name,
            "model_year": trim.model_year,
        },
        "buyer": {"name": buyer.name, "phone": str(buyer.phone or ""), "email": buyer.email or ""},
        "dealership": {"code": dealership.code, "name": dealership.name},
        "appointment": {
            "reference": appointment.reference,
            "status": appointment.status,
            "starts_at": appointment.local_start.isoformat(),
            "ends_at": appointment.ends_at.astimezone(dealership.zone).isoformat(),
            "place": appointment.place,
            "address": appointment.address,
        },
    }
