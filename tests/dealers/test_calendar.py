"""The calendar file, read back by a calendar library."""

from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from dealers import services
from dealers.calendar import calendar_file
from dealers.models import Appointment
from o2o_platform.journal.models import SYSTEM
from tests import factories
from tests.dealers.drives import book, make_place, slots_of

pytestmark = pytest.mark.django_db


def read(drive):
    fresh = Appointment.objects.get(pk=drive.pk)
    calendar = Calendar.from_ical(calendar_file(fresh))
    return calendar, calendar.walk("VEVENT")[0]


def test_uid_stays_and_sequence_rises_until_the_cancellation():
    dealership, trim = make_place()
    factories.make_member(dealership)
    drive = book(dealership, trim, slots_of(dealership, trim)[0])
    calendar, first = read(drive)
    assert (calendar["METHOD"], first["STATUS"], first["SEQUENCE"]) == ("REQUEST", "TENTATIVE", 0)
    services.reschedule(drive.pk, starts_at=slots_of(dealership, trim)[-1].starts_at, actor=SYSTEM)
    services.confirm(drive.pk, actor=SYSTEM)
    calendar, moved = read(drive)
    assert (calendar["METHOD"], moved["STATUS"], moved["SEQUENCE"]) == ("REQUEST", "CONFIRMED", 1)
    services.cancel(drive.pk, actor=SYSTEM)
    calendar, last = read(drive)
    assert (calendar["METHOD"], last["STATUS"], last["SEQUENCE"]) == ("CANCEL", "CANCELLED", 2)
    assert first["UID"] == moved["UID"] == last["UID"]
    assert str(last["ATTENDEE"]).startswith("tel:+86")
    assert str(last["ORGANIZER"]).startswith("mailto:dealer")


@pytest.mark.parametrize(("month", "day", "utc_hour"), [(3, 27, 8), (3, 28, 7), (10, 30, 7), (10, 31, 8)])
def test_times_carry_their_zone_over_a_time_change(time_machine, month, day, utc_hour):
    time_machine.move_to(datetime(2027, month, day - 3, 8, tzinfo=UTC))
    dealership, trim = make_place(market=factories.make_market("DE"))
    slot = next(slot for slot in slots_of(dealership, trim, 5) if (slot.starts_at.day, slot.starts_at.hour) == (day, 9))
    calendar, event = read(book(dealership, trim, slot))
    assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert event.decoded("DTSTART").astimezone(UTC).hour == utc_hour
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]
