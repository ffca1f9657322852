"""Demo car, advisor and house: a slot is free when all three are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dealers import services
from dealers.exceptions import AdvisorBusy, NotTheirAdvisor, OutsideHours, SlotTaken
from dealers.models import Closure, Membership
from dealers.slots import car_choice, free_slots_at
from o2o_platform.journal.models import SYSTEM
from tests import factories
from tests.dealers.drives import book, make_place, only_car, slots_of

pytestmark = pytest.mark.django_db


def moments(place) -> set:
    return {slot.starts_at for slot in slots_of(*place)}


def close(dealership, slot, **who) -> Closure:
    return Closure.objects.create(dealership=dealership, starts_at=slot.starts_at, ends_at=slot.ends_at, **who)


def test_with_one_advisor_one_drive_at_a_time_however_many_cars():
    place = make_place(cars=3, parallel_drives=3)
    factories.make_member(place[0])
    slot = slots_of(*place)[4]
    book(*place, slot)
    assert slot.starts_at not in moments(place)
    with pytest.raises(SlotTaken):
        book(*place, slot)
    factories.make_member(place[0], role=Membership.Role.MANAGER)
    book(*place, slot)


def test_a_house_without_members_counts_cars_and_parallel_drives_alone():
    place = make_place(cars=3, parallel_drives=2)
    slot = slots_of(*place)[4]
    book(*place, slot)
    book(*place, slot)
    assert slot.starts_at not in moments(place)


@pytest.mark.parametrize("role", [Membership.Role.FINANCE, Membership.Role.READ_ONLY])
def test_finance_and_readers_drive_with_nobody(role):
    place = make_place()
    factories.make_member(place[0])
    other = factories.make_member(place[0], role=role)
    drive = book(*place, slots_of(*place)[4])
    with pytest.raises(NotTheirAdvisor):
        services.confirm(drive.pk, actor=SYSTEM, advisor=other)


def test_an_advisor_booked_at_another_dealership_is_not_free_here():
    here, there = make_place(), make_place()
    advisor = factories.make_member(here[0])
    Membership.objects.create(user=advisor, dealership=there[0])
    slot = slots_of(*there)[4]
    services.confirm(book(*there, slot).pk, actor=SYSTEM)
    assert slot.starts_at not in moments(here)
    with pytest.raises(SlotTaken):
        book(*here, slot)


def test_closures_of_house_advisor_and_car():
    place = make_place(cars=1)
    advisor = factories.make_member(place[0])
    slot = slots_of(*place)[4]
    for who in ({}, {"advisor": advisor}, {"demo_car": only_car(place[0])}):
        closure = close(place[0], slot, **who)
        assert slot.starts_at not in moments(place)
        with pytest.raises(SlotTaken):
            book(*place, slot)
        closure.delete()
        assert slot.starts_at in moments(place)


def test_a_closure_may_begin_while_the_buffer_runs():
    place = make_place()
    slots = slots_of(*place)
    Closure.objects.create(
        dealership=place[0], starts_at=slots[4].ends_at, ends_at=slots[4].ends_at + timedelta(hours=9)
    )
    assert slots[4].starts_at in moments(place)
    assert slots[5].starts_at not in moments(place)


def test_another_house_closing_closes_nothing_here():
    place = make_place()
    slot = slots_of(*place)[4]
    close(factories.make_dealership(), slot)
    assert slot.starts_at in moments(place)


def test_an_absent_advisor_cannot_be_named_for_a_drive():
    place = make_place()
    away, here = factories.make_member(place[0]), factories.make_member(place[0])
    slot = slots_of(*place)[4]
    close(place[0], slot, advisor=away)
    drive = book(*place, slot)
    with pytest.raises(AdvisorBusy):
        services.confirm(drive.pk, actor=SYSTEM, advisor=away)
    assert services.confirm(drive.pk, actor=SYSTEM).advisor_id == here.pk


def test_many_dealerships_cost_as_many_queries_as_one(django_assert_num_queries):
    choices = {}
    for _ in range(5):
        dealership, trim = make_place(cars=2)
        factories.make_member(dealership)
        choices[dealership] = car_choice(dealership, trim)
    today = timezone.now().date()
    with django_assert_num_queries(2):
        found = free_slots_at(choices, today, 30)
    assert all(len(slots) > 100 for slots in found.values())


def test_the_desk_moves_a_confirmed_drive_and_it_stays_confirmed():
    place = make_place()
    advisor = factories.make_member(place[0])
    drive = services.confirm(book(*place, slots_of(*place)[4]).pk, actor=SYSTEM)
    old, new = drive.starts_at, slots_of(*place)[-1].starts_at
    services.move_to(drive.pk, starts_at=new, actor=SYSTEM, reason="as agreed by phone")
    drive.refresh_from_db()
    assert (drive.status, drive.starts_at, drive.sequence, drive.advisor_id) == ("confirmed", new, 1, advisor.pk)
    assert old in moments(place)
    services.move_to(drive.pk, starts_at=new, actor=SYSTEM)
    drive.refresh_from_db()
    assert drive.sequence == 1
    with pytest.raises(OutsideHours):
        services.move_to(drive.pk, starts_at=new.replace(hour=23), actor=SYSTEM)
