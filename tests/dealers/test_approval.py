"""Confirmed at once where the dealership does that; never for somebody who missed two."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dealers import services
from dealers.exceptions import ApprovalNeeded
from dealers.models import Appointment
from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.outbox.models import Delivery
from tests import factories
from tests.dealers.drives import book, make_place, slots_of
from tests.desk.conftest import make_drive, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    dealership, trim = make_place(cars=2, confirms_at_once=True)
    factories.make_member(dealership)
    return dealership, trim


def miss(buyer, *, days_ago: int) -> None:
    make_drive(
        factories.make_dealership(), starts_at=timezone.now() - timedelta(days=days_ago), status="no_show", buyer=buyer
    )


@pytest.fixture
def unreliable():
    buyer = factories.make_buyer()
    miss(buyer, days_ago=10)
    miss(buyer, days_ago=300)
    return buyer


def topics(drive) -> list[str]:
    return [each.topic for each in Delivery.objects.about(drive).filter(channel__in=("email", "sms")).order_by("pk")]


def test_a_free_slot_is_confirmed_with_an_advisor_in_the_request(place):
    drive = book(*place, slots_of(*place)[4])
    assert (drive.status, drive.advisor.memberships.get().dealership) == ("confirmed", place[0])
    assert [event.name for event in drive.events] == ["requested", "confirmed"]
    assert topics(drive) == ["message.drive_confirmed"]


def test_moving_is_confirmed_at_once_too(place):
    drive = book(*place, slots_of(*place)[4])
    services.reschedule(drive.pk, starts_at=slots_of(*place)[-1].starts_at, actor=Actor.buyer(drive.buyer))
    drive.refresh_from_db()
    assert (drive.status, drive.sequence) == ("confirmed", 1)
    assert drive.advisor is not None


def test_a_house_without_members_is_asked():
    place = make_place(confirms_at_once=True)
    assert book(*place, slots_of(*place)[4]).status == "requested"


def test_who_missed_two_in_a_year_is_not_confirmed_at_once(place, unreliable):
    drive = book(*place, slots_of(*place)[4], unreliable)
    assert (drive.status, drive.needs_approval) == ("requested", True)


def test_one_missed_or_long_ago_is_forgiven(place):
    buyer = factories.make_buyer()
    miss(buyer, days_ago=10)
    miss(buyer, days_ago=400)
    assert book(*place, slots_of(*place)[4], buyer).status == "confirmed"


def test_only_a_manager_confirms_it(place, unreliable):
    drive = book(*place, slots_of(*place)[4], unreliable)
    for change in (
        lambda: services.confirm(drive.pk, actor=SYSTEM),
        lambda: services.propose(drive.pk, starts_at=slots_of(*place)[-1].starts_at, actor=SYSTEM),
        lambda: services.move_to(drive.pk, starts_at=slots_of(*place)[-1].starts_at, actor=SYSTEM),
    ):
        with pytest.raises(ApprovalNeeded):
            change()
    advisor, manager = (signed_in(factories.make_member(place[0], role=role)) for role in ("advisor", "manager"))
    url = f"/admin/dealers/appointment/{drive.pk}/do"
    advisor.post(f"{url}/confirm/", {})
    assert advisor.post(f"{url}/approve/", {}).status_code == 403
    assert Appointment.objects.get(pk=drive.pk).status == "requested"
    assert "needs approval" in manager.get("/admin/dealers/appointment/").content.decode()
    manager.post(f"{url}/approve/", {})
    drive.refresh_from_db()
    assert (drive.status, drive.needs_approval) == ("confirmed", False)


def test_the_second_miss_flags_what_is_still_asked_for(time_machine):
    dealership, trim = make_place()
    factories.make_member(dealership)
    buyer = factories.make_buyer()
    miss(buyer, days_ago=10)
    slots = slots_of(dealership, trim)
    first, second = book(dealership, trim, slots[0], buyer), book(dealership, trim, slots[-1], buyer)
    assert not second.needs_approval
    services.confirm(first.pk, actor=SYSTEM)
    time_machine.move_to(first.ends_at)
    services.mark_no_show(first.pk, actor=SYSTEM)
    second.refresh_from_db()
    assert second.needs_approval


def test_the_desk_checks_in_moves_and_records_the_outcome(place, time_machine):
    advisor = signed_in(factories.make_member(place[0]))
    drive = book(*place, slots_of(*place)[4])
    url = f"/admin/dealers/appointment/{drive.pk}/do"
    choices = advisor.get(f"{url}/move/").content.decode()
    new = slots_of(*place)[-1]
    assert f"{new.starts_at:%H:%M}" in choices
    from dealers.booking import format_moment

    advisor.post(f"{url}/move/", {"starts_at": format_moment(new.starts_at), "reason": ""})
    drive.refresh_from_db()
    assert (drive.status, drive.starts_at) == ("confirmed", new.starts_at)
    time_machine.move_to(drive.starts_at)
    assert advisor.post(f"{url}/check-in/", {}).status_code == 422
    advisor.post(f"{url}/check-in/", {"licence_checked": "on"})
    assert advisor.post(f"{url}/done/", {"outcome": "stolen"}).status_code == 422
    advisor.post(f"{url}/done/", {"outcome": "ordered", "note": "the blue one"})
    drive.refresh_from_db()
    assert (drive.status, drive.outcome) == ("done", "ordered")
