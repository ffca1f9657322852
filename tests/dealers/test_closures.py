"""A closure shows whom it hits, and one action tells them, once."""

from datetime import timedelta

import pytest

from dealers import services
from dealers.models import Appointment, Closure, WaitingEntry
from dealers.services import clear_closure, drives_hit
from o2o_platform.journal.models import SYSTEM
from o2o_platform.outbox.models import Delivery
from tests import factories
from tests.dealers.drives import book, make_place, slots_of
from tests.desk.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make_place(cars=2)


def close(dealership, slot, **fields) -> Closure:
    day = timedelta(hours=12)
    times = {"starts_at": slot.starts_at - day, "ends_at": slot.starts_at + day}
    return Closure.objects.create(dealership=dealership, reason="Stocktaking", **times | fields)


def letters(kind: str = "drive_closed") -> int:
    return Delivery.objects.filter(topic=f"message.{kind}").count()


def test_a_closed_day_calls_off_and_tells_each_buyer_once(place):
    slots = slots_of(*place, 1)
    buyer = factories.make_buyer()
    drives = [book(*place, slots[0], buyer), book(*place, slots[4], buyer), book(*place, slots[6])]
    elsewhere = book(*place, slots_of(*place, 3)[-1])
    closure = close(place[0], slots[4])
    assert set(drives_hit(closure)) == set(drives)
    cleared = clear_closure(closure.pk, actor=SYSTEM)
    assert (cleared.cancelled, cleared.replaced, cleared.buyers) == (3, 0, 2)
    assert letters() == 2
    assert {each.status for each in Appointment.objects.exclude(pk=elsewhere.pk)} == {"cancelled"}
    assert {drive.events.last().reason for drive in drives} == {"Stocktaking"}
    body = Delivery.objects.filter(topic="message.drive_closed").first().body
    assert "Stocktaking" in body
    assert "/test-drives/new/?dealership=" in body
    again = clear_closure(closure.pk, actor=SYSTEM)
    assert (again.cancelled, again.buyers, letters()) == (0, 0, 2)


def test_who_was_called_off_may_be_put_in_line(place):
    slots = slots_of(*place, 1)
    drive = book(*place, slots[0])
    closure = close(place[0], slots[0], starts_at=slots[0].starts_at, ends_at=slots[0].ends_at)
    clear_closure(closure.pk, actor=SYSTEM, keeps_in_line=True)
    entry = WaitingEntry.objects.get()
    assert (entry.buyer, entry.day) == (drive.buyer, slots[0].starts_at.date())
    assert "waiting list" in Delivery.objects.get(topic="message.drive_closed").body


def test_on_a_day_that_is_closed_altogether_nobody_waits(place):
    slots = slots_of(*place, 1)
    book(*place, slots[0])
    clear_closure(close(place[0], slots[4]).pk, actor=SYSTEM, keeps_in_line=True)
    assert not WaitingEntry.objects.exists()


def test_an_advisor_who_is_ill_is_replaced_where_another_is_free(place):
    ill, well = factories.make_member(place[0]), factories.make_member(place[0])
    slots = slots_of(*place, 1)
    drive = services.confirm(book(*place, slots[0]).pk, actor=SYSTEM, advisor=ill)
    later = services.confirm(book(*place, slots[4]).pk, actor=SYSTEM, advisor=ill)
    both = services.confirm(book(*place, slots[4]).pk, actor=SYSTEM, advisor=well)
    cleared = clear_closure(close(place[0], slots[4], advisor=ill).pk, actor=SYSTEM)
    assert (cleared.cancelled, cleared.replaced) == (1, 1)
    drive.refresh_from_db()
    later.refresh_from_db()
    both.refresh_from_db()
    assert (drive.status, drive.advisor) == ("confirmed", well)
    assert (later.status, both.status) == ("cancelled", "confirmed")


def test_a_car_in_the_workshop_is_replaced_where_another_is_free(place):
    drive = book(*place, slots_of(*place, 1)[0])
    cleared = clear_closure(close(place[0], slots_of(*place, 1)[0], demo_car=drive.demo_car).pk, actor=SYSTEM)
    assert (cleared.cancelled, cleared.replaced, letters()) == (0, 1, 0)
    assert Appointment.objects.get().demo_car != drive.demo_car


def test_the_buffer_after_a_drive_is_no_reason_to_call_it_off(place):
    slot = slots_of(*place, 1)[0]
    book(*place, slot)
    assert not drives_hit(close(place[0], slot, starts_at=slot.ends_at))


def form_for(place, slot, **fields):
    local = slot.starts_at
    return {
        "dealership": place.pk,
        "starts_at_0": f"{local:%Y-%m-%d}",
        "starts_at_1": "00:00:00",
        "ends_at_0": f"{local + timedelta(days=1):%Y-%m-%d}",
        "ends_at_1": "00:00:00",
        "reason": "Stocktaking",
    } | fields


def test_the_manager_closes_a_day_sees_whom_it_hits_and_tells_them(place):
    manager = signed_in(factories.make_member(place[0], role="manager"))
    slot = slots_of(*place, 1)[2]
    drive = book(*place, slot)
    saved = manager.post("/admin/dealers/closure/add/", form_for(place[0], slot))
    closure = Closure.objects.get()
    assert saved.url == f"/admin/dealers/closure/{closure.pk}/change/"
    assert closure.starts_at.astimezone(place[0].zone).hour == 0
    page = manager.get(saved.url).content.decode()
    assert drive.reference in page
    assert "00:00" in page
    manager.post(f"/admin/dealers/closure/{closure.pk}/do/clear/", {})
    drive.refresh_from_db()
    assert drive.status == "cancelled"


def test_an_advisor_closes_nothing(place):
    advisor = signed_in(factories.make_member(place[0]))
    slot = slots_of(*place, 1)[2]
    assert advisor.post("/admin/dealers/closure/add/", form_for(place[0], slot)).status_code == 403
    closure = close(place[0], slot)
    assert advisor.post(f"/admin/dealers/closure/{closure.pk}/do/clear/", {}).status_code == 403


def test_advisors_and_cars_of_other_houses_cannot_be_chosen(place):
    member = factories.make_member(place[0], role="manager")
    stranger = factories.make_member(factories.make_dealership())
    car = factories.make_demo_car(factories.make_dealership())
    slot = slots_of(*place, 1)[2]
    for fields in ({"advisor": stranger.pk}, {"demo_car": car.pk}, {"ends_at_0": "2020-01-01"}):
        answer = signed_in(member).post("/admin/dealers/closure/add/", form_for(place[0], slot, **fields))
        assert answer.status_code == 200
    both = {"advisor": member.pk, "demo_car": place[0].demo_cars.first().pk}
    assert signed_in(member).post("/admin/dealers/closure/add/", form_for(place[0], slot, **both)).status_code == 200
    assert not Closure.objects.exists()
