"""A test drive as a calendar file (RFC 5545, 5546)."""

from __future__ import annotations

import uuid
from datetime import UTC, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress

from .models import Appointment, Membership

# Names a test drive by its number alone, so the UID outlives any change of address.
NAMESPACE = uuid.UUID("6f2c3c1e-5a0c-4f0b-9f5e-6f1d0c8a7b21")
PRODUCT = "-//O2O//Test drives//EN"
FEED_PAST, FEED_LENGTH = timedelta(days=60), 1000
Status = Appointment.Status
STATUSES = {
    Status.REQUESTED: "TENTATIVE",
    Status.PROPOSED: "TENTATIVE",
    Status.DECLINED: "CANCELLED",
    Status.CANCELLED: "CANCELLED",
}


def calendar_file(appointment: Appointment) -> bytes:
    """The invitation: one UID for life, a SEQUENCE that rises with each move, CANCEL once it is called off."""
    status = status_of(appointment)
    calendar = _calendar("CANCEL" if status == "CANCELLED" else "REQUEST")
    calendar.add_component(_invitation(appointment, status))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def calendar_feed(membership: Membership) -> bytes:
    """The test drives of one advisor at one dealership, those called off too.

    Whoever has the address reads it: of the buyer no more than the name and the end of the phone number.
    """
    calendar = _calendar("PUBLISH")
    name = " · ".join((_("Test drives"), membership.dealership.label))
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(minutes=15), parameters={"value": "DURATION"})
    since = timezone.now() - FEED_PAST
    drives = Appointment.objects.filter(
        dealership=membership.dealership_id, advisor=membership.user_id, starts_at__gt=since
    ).select_related("buyer", "trim__vehicle_model__brand", "demo_car")
    for drive in drives.order_by("starts_at")[:FEED_LENGTH]:
        drive.dealership = membership.dealership
        calendar.add_component(_entry(drive))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def status_of(appointment: Appointment) -> str:
    """What a calendar calls it."""
    return STATUSES.get(Status(appointment.status), "CONFIRMED")


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(appointment: Appointment, status: str) -> Event:
    dealership = appointment.dealership
    event = Event()
    event.add("uid", str(uuid.uuid5(NAMESPACE, appointment.reference)))
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", timezone.now().astimezone(UTC))
    event.add("dtstart", appointment.local_start)
    event.add("dtend", appointment.ends_at.astimezone(dealership.zone))
    event.add("status", status)
    return event


def _entry(drive: Appointment) -> Event:
    """One line of an advisor's feed."""
    event = _event(drive, status_of(drive))
    model, buyer = drive.trim.vehicle_model.label, drive.buyer
    who = " ".join(filter(None, [buyer.name, f"…{str(buyer.phone)[-4:]}" if buyer.phone else ""]))
    title = _("Test drive: %(car)s") % {"car": model}
    event.add("summary", " · ".join(filter(None, (title, who))))
    event.add("location", _("At the buyer's home") if drive.is_at_home else drive.dealership.label)
    event.add("description", f"{drive.reference} · {drive.get_status_display()} · {drive.demo_car.plate}")
    return event


def _invitation(appointment: Appointment, status: str) -> Event:
    dealership, buyer = appointment.dealership, appointment.buyer
    event = _event(appointment, status)
    event.add("summary", _("Test drive: %(car)s") % {"car": appointment.trim.vehicle_model.label})
    if appointment.is_at_home:
        event.add("location", appointment.address)
    else:
        event.add("location", ", ".join(filter(None, [dealership.label, dealership.address, dealership.city.label])))
        event.add("geo", (dealership.latitude, dealership.longitude))
    event.add("description", _("Please bring your driving licence."))
    organizer = vCalAddress(f"mailto:{dealership.email or settings.DEFAULT_FROM_EMAIL}")
    organizer.params["cn"] = dealership.label
    event.add("organizer", organizer)
    attendee = vCalAddress(f"mailto:{buyer.email}" if buyer.email else f"tel:{buyer.phone}")
    attendee.params["role"] = "REQ-PARTICIPANT"
    attendee.params["partstat"] = "ACCEPTED" if status == "CONFIRMED" else "NEEDS-ACTION"
    event.add("attendee", attendee)
    return event
