"""A test drive as a calendar file (RFC 5545, 5546)."""

from __future__ import annotations

import uuid
from datetime import UTC

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress

from .models import Appointment

# Names a test drive by its number alone, so the UID outlives any change of address.
NAMESPACE = uuid.UUID("6f2c3c1e-5a0c-4f0b-9f5e-6f1d0c8a7b21")
PRODUCT = "-//O2O//Test drives//EN"
Status = Appointment.Status
STATUSES = {
    Status.REQUESTED: "TENTATIVE",
    Status.PROPOSED: "TENTATIVE",
    Status.DECLINED: "CANCELLED",
    Status.CANCELLED: "CANCELLED",
    Status.NO_SHOW: "CANCELLED",
}


def calendar_file(appointment: Appointment) -> bytes:
    """The invitation: one UID for life, a SEQUENCE that rises with each move, CANCEL once it is called off."""
    status = STATUSES.get(Status(appointment.status), "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if status == "CANCELLED" else "REQUEST")
    calendar.add_component(_event(appointment, status))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(appointment: Appointment, status: str) -> Event:
    dealership = appointment.dealership
    event = Event()
    event.add("uid", str(uuid.uuid5(NAMESPACE, appointment.reference)))
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", timezone.now().astimezone(UTC))
    event.add("dtstart", appointment.local_start)
    event.add("dtend", appointment.ends_at.astimezone(dealership.zone))
    event.add("status", status)
    event.add("summary", _("Test drive: %(car)s") % {"car": appointment.trim.vehicle_model.label})
    event.add("location", ", ".join(filter(None, [dealership.label, dealership.address, dealership.city.label])))
    event.add("geo", (dealership.latitude, dealership.longitude))
    event.add("description", _("Please bring your driving licence."))
    organizer = vCalAddress(f"mailto:{dealership.email or settings.DEFAULT_FROM_EMAIL}")
    organizer.params["cn"] = dealership.label
    event.add("organizer", organizer)
    buyer = appointment.buyer
    event.add("attendee", vCalAddress(f"mailto:{buyer.email}" if buyer.email else f"tel:{buyer.phone}"))
    return event
