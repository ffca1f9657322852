"""The life of a test drive: asked for, answered, moved, done."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from dealers import services
from dealers.exceptions import (
    AdvisorBusy,
    KeyReused,
    LicenceNotChecked,
    NoDemoCar,
    NotASlot,
    NotTheirAdvisor,
    OutsideHours,
    OutsideWindow,
    SlotTaken,
    TooEarly,
    TooManyDrives,
    TooManyRequests,
)
from dealers.models import Appointment, Endpoint
from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.journal.services import WrongState
from o2o_platform.outbox.models import Delivery
from tests import factories
from tests.dealers.drives import book, make_place, slots_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    dealership, trim = make_place()
    factories.make_member(dealership)
    return dealership, trim


@pytest.fixture
def drive(place):
    return book(*place, slots_of(*place)[4])


def topics(appointment: Appointment) -> list[str]:
    return list(Delivery.objects.about(appointment).order_by("pk").values_list("topic", flat=True))


def test_a_request_blocks_the_car_with_its_buffer_and_tells_both_sides(place):
    Endpoint.objects.create(dealership=place[0], kind=Endpoint.Kind.ADF_EMAIL, email="crm@example.com")
    slot = slots_of(*place)[0]
    drive = book(*place, slot, note="child seat")
    assert drive.blocked.upper - drive.blocked.lower == timedelta(minutes=60)
    assert (drive.status, drive.sequence, drive.note) == ("requested", 0, "child seat")
    assert [event.name for event in drive.events] == ["requested"]
    assert topics(drive) == ["message.drive_requested", "appointment.requested"]


def test_the_dealership_is_asked_to_answer_a_request_and_only_told_of_the_rest(place):
    dealership, _trim = place
    Endpoint.objects.create(dealership=dealership, kind=Endpoint.Kind.ADF_EMAIL, email="crm@example.com")
    drive = book(*place, slots_of(*place)[0])
    services.cancel(drive.pk, actor=SYSTEM)
    asked, told = Delivery.objects.about(drive).filter(channel="adf_email").order_by("pk")
    assert 'status="new"' in str(json.loads(asked.body))
    assert 'status="resend"' in str(json.loads(told.body))


def test_the_number_cannot_be_guessed(drive):
    assert len(drive.reference) == 13
    assert not set(drive.reference[1:]) & set("ILOU")


def test_a_taken_slot_is_refused(place):
    slot = slots_of(*place)[0]
    book(*place, slot)
    with pytest.raises(SlotTaken):
        book(*place, slot)


@pytest.mark.parametrize("shift", [timedelta(minutes=-45), timedelta(minutes=45)])
def test_the_buffer_is_enforced_on_writing(place, shift):
    slot = slots_of(*place)[4]
    book(*place, slot)
    with pytest.raises(SlotTaken):
        book(*place, slot.starts_at + shift)


def test_the_limit_of_parallel_drives_holds_on_writing():
    dealership, trim = make_place(cars=2, parallel_drives=1)
    slot = slots_of(dealership, trim)[0]
    book(dealership, trim, slot)
    with pytest.raises(SlotTaken):
        book(dealership, trim, slot)


def test_times_that_are_no_slots_are_refused(place):
    first = slots_of(*place)[0].starts_at
    now = timezone.now()
    with pytest.raises(NotASlot):
        book(*place, first + timedelta(minutes=5))
    with pytest.raises(OutsideHours):
        book(*place, first - timedelta(minutes=45))
    with pytest.raises(OutsideWindow):
        book(*place, now + timedelta(minutes=1))
    with pytest.raises(OutsideWindow):
        book(*place, first + timedelta(days=60))
    with pytest.raises(NoDemoCar):
        book(place[0], factories.make_trim(factories.make_model(factories.make_brand("ora"), "R1")), first)


def test_the_same_key_books_once(place):
    buyer, key = factories.make_buyer(), str(uuid.uuid4())
    slots = slots_of(*place)
    first = book(*place, slots[0], buyer, idempotency_key=key)
    assert book(*place, slots[0], buyer, idempotency_key=key) == first
    other = make_place()
    with pytest.raises(KeyReused):
        book(*other, slots_of(*other)[0], buyer, idempotency_key=key)


def test_a_buyer_has_at_most_three_open_test_drives(place):
    buyer = factories.make_buyer()
    for slot in slots_of(*place)[0:6:2]:
        book(*place, slot, buyer)
    with pytest.raises(TooManyDrives):
        book(*place, slots_of(*place)[0], buyer)


def test_booking_and_cancelling_all_day_comes_to_an_end(place):
    buyer = factories.make_buyer()
    slot = slots_of(*place)[0]
    for _ in range(10):
        services.cancel(book(*place, slot, buyer).pk, actor=Actor.buyer(buyer))
    with pytest.raises(TooManyRequests):
        book(*place, slot, buyer)


def test_confirming_takes_the_first_free_advisor(place, drive):
    services.confirm(drive.pk, actor=SYSTEM)
    drive.refresh_from_db()
    assert drive.status == "confirmed"
    assert drive.advisor.memberships.get().dealership == place[0]
    with pytest.raises(WrongState):
        services.confirm(drive.pk, actor=SYSTEM)


def test_an_advisor_cannot_be_in_two_cars():
    dealership, trim = make_place(cars=2)
    advisor, _other = factories.make_member(dealership), factories.make_member(dealership)
    slot = slots_of(dealership, trim)[0]
    first, second = book(dealership, trim, slot), book(dealership, trim, slot)
    services.confirm(first.pk, actor=SYSTEM, advisor=advisor)
    with pytest.raises(AdvisorBusy):
        services.confirm(second.pk, actor=SYSTEM, advisor=advisor)
    with pytest.raises(NotTheirAdvisor):
        services.confirm(second.pk, actor=SYSTEM, advisor=factories.make_member(factories.make_dealership()))


def test_a_decline_needs_a_reason_and_frees_the_slot(place, drive):
    with pytest.raises(ValueError, match="reason"):
        services.decline(drive.pk, actor=SYSTEM, reason=" ")
    services.decline(drive.pk, actor=SYSTEM, reason="The car is being repaired")
    assert drive.starts_at in [slot.starts_at for slot in slots_of(*place)]
    assert drive.events.last().reason == "The car is being repaired"


def test_a_proposal_keeps_the_new_time_and_the_yes_confirms_it(place, drive):
    old, new = drive.starts_at, drive.starts_at + timedelta(days=1, minutes=20)
    services.propose(drive.pk, starts_at=new, actor=SYSTEM)
    drive.refresh_from_db()
    assert (drive.status, drive.starts_at, drive.sequence) == ("proposed", new, 1)
    book(*place, old)
    with pytest.raises(WrongState):
        services.accept_proposal(drive.pk, actor=SYSTEM, sequence=0)
    services.accept_proposal(drive.pk, actor=Actor.buyer(drive.buyer), sequence=1)
    drive.refresh_from_db()
    assert drive.status == "confirmed"
    assert [event.name for event in drive.events] == ["requested", "proposed", "accepted"]


def test_a_proposal_must_be_possible(drive):
    with pytest.raises(OutsideHours):
        services.propose(drive.pk, starts_at=drive.starts_at.replace(hour=20), actor=SYSTEM)
    with pytest.raises(OutsideWindow):
        services.propose(drive.pk, starts_at=timezone.now() - timedelta(hours=1), actor=SYSTEM)


def test_moving_frees_the_old_time_at_once_and_asks_anew(place, drive):
    services.confirm(drive.pk, actor=SYSTEM)
    old, new = drive.starts_at, slots_of(*place)[-1].starts_at
    services.reschedule(drive.pk, starts_at=new, actor=Actor.buyer(drive.buyer))
    drive.refresh_from_db()
    assert (drive.status, drive.sequence, drive.advisor, drive.starts_at) == ("requested", 1, None, new)
    book(*place, old)


def test_a_drive_may_move_into_its_own_buffer(place, drive):
    services.reschedule(drive.pk, starts_at=drive.starts_at + timedelta(minutes=45), actor=SYSTEM)
    drive.refresh_from_db()
    assert drive.sequence == 1
    services.reschedule(drive.pk, starts_at=drive.starts_at, actor=SYSTEM)
    drive.refresh_from_db()
    assert drive.sequence == 1


def test_moving_to_a_taken_time_changes_nothing(place, drive):
    other = book(*place, slots_of(*place)[-1])
    with pytest.raises(SlotTaken):
        services.reschedule(drive.pk, starts_at=other.starts_at, actor=SYSTEM)
    drive.refresh_from_db()
    assert (drive.sequence, drive.status) == (0, "requested")


def test_cancelling_frees_car_and_slot_and_is_final(place, drive):
    services.cancel(drive.pk, actor=Actor.buyer(drive.buyer), reason="Rain")
    assert drive.starts_at in [slot.starts_at for slot in slots_of(*place)]
    for change in (services.cancel, services.confirm, services.complete):
        with pytest.raises(WrongState):
            change(drive.pk, actor=SYSTEM)


def test_the_day_itself(place, drive, time_machine):
    services.confirm(drive.pk, actor=SYSTEM)
    with pytest.raises(TooEarly):
        services.mark_no_show(drive.pk, actor=SYSTEM)
    with pytest.raises(TooEarly):
        services.check_in(drive.pk, actor=SYSTEM, licence_checked=True)
    time_machine.move_to(drive.starts_at + timedelta(minutes=1), tick=False)
    with pytest.raises(LicenceNotChecked):
        services.check_in(drive.pk, actor=SYSTEM, licence_checked=False)
    services.check_in(drive.pk, actor=SYSTEM, licence_checked=True)
    services.complete(drive.pk, actor=SYSTEM, outcome="quoted", note="Wants the blue one")
    drive.refresh_from_db()
    assert (drive.status, drive.outcome) == ("done", "quoted")
    assert drive.licence_checked_at == drive.starts_at + timedelta(minutes=1)
    assert drive.events.last().data == {"outcome": "quoted", "note": "Wants the blue one"}


def test_a_buyer_who_stays_away_is_a_no_show(drive, time_machine):
    services.confirm(drive.pk, actor=SYSTEM)
    time_machine.move_to(drive.ends_at)
    services.mark_no_show(drive.pk, actor=SYSTEM)
    drive.refresh_from_db()
    assert drive.status == "no_show"


def test_a_time_that_has_passed_cannot_be_confirmed(drive, time_machine):
    time_machine.move_to(drive.starts_at + timedelta(minutes=1))
    with pytest.raises(OutsideWindow):
        services.confirm(drive.pk, actor=SYSTEM)


@pytest.mark.parametrize("moment", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)])
def test_absurd_moments_are_outside_the_window(place, moment):
    with pytest.raises(OutsideWindow):
        book(*place, moment)
