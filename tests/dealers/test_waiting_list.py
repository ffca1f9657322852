"""The waiting list of a full day: first come, first offered, once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dealers import services
from dealers.exceptions import DayNotFull, NoDemoCar, NothingToWaitFor, SlotTaken, TooManyWaits
from dealers.models import Appointment, Closure, WaitingEntry
from dealers.services import join_waiting_list, leave_waiting_list, offer_waiting
from o2o_platform.journal.models import SYSTEM
from o2o_platform.outbox.models import Delivery
from tests import factories
from tests.dealers.drives import book, make_place, slots_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def full():
    """A dealership with room for two drives a day, and a day on which both are taken."""
    dealership, trim = make_place(opening_hours="Mo-Su 09:00-11:00")
    slots = slots_of(dealership, trim, 1)
    drives = [book(dealership, trim, slots[0])]
    drives.append(book(dealership, trim, slots_of(dealership, trim, 1)[0])) if slots_of(dealership, trim, 1) else None
    assert not slots_of(dealership, trim, 1)
    return dealership, trim, slots[0].starts_at.date(), drives


def join(full, buyer=None) -> WaitingEntry:
    dealership, trim, day, _drives = full
    return join_waiting_list(dealership=dealership, trim_id=trim.pk, buyer=buyer or factories.make_buyer(), day=day)


def told(entry) -> int:
    return Delivery.objects.about(entry).filter(topic="message.drive_offered").count()


def states(*entries) -> list[str]:
    return [WaitingEntry.objects.get(pk=entry.pk).status for entry in entries]


def test_what_a_cancellation_frees_is_kept_for_the_first_in_line(full):
    dealership, trim, _day, drives = full
    first, second = join(full), join(full)
    services.cancel(drives[0].pk, actor=SYSTEM)
    assert states(first, second) == ["offered", "waiting"]
    assert (told(first), told(second)) == (1, 0)
    with pytest.raises(SlotTaken):
        book(dealership, trim, drives[0].starts_at)
    assert drives[0].starts_at not in {slot.starts_at for slot in slots_of(dealership, trim, 1)}
    drive = book(dealership, trim, drives[0].starts_at, first.buyer)
    assert drive.status == "requested"
    assert states(first, second) == ["booked", "waiting"]


def test_an_offer_not_taken_goes_to_the_next_after_half_an_hour(full):
    first, second = join(full), join(full)
    services.cancel(full[3][0].pk, actor=SYSTEM)
    now = timezone.now()
    assert offer_waiting(now + timedelta(minutes=29)) == 0
    assert offer_waiting(now + timedelta(minutes=31)) == 1
    assert states(first, second) == ["lapsed", "offered"]
    assert (told(first), told(second)) == (1, 1)


def test_decline_move_and_a_closure_removed_offer_too(full):
    dealership, trim, day, drives = full
    entry = join(full)
    services.decline(drives[0].pk, actor=SYSTEM, reason="ill")
    assert states(entry) == ["offered"]
    leave_waiting_list(entry.pk)
    again = book(dealership, trim, drives[0].starts_at)
    entry = join(full)
    services.reschedule(again.pk, starts_at=slots_of(dealership, trim, 3)[-1].starts_at, actor=SYSTEM)
    assert states(entry) == ["offered"]
    leave_waiting_list(entry.pk)
    closure = Closure.objects.create(
        dealership=dealership,
        demo_car=dealership.demo_cars.get(),
        starts_at=timezone.now(),
        ends_at=timezone.now() + timedelta(days=5),
    )
    entry = join(full)
    assert offer_waiting() == 0
    closure.delete()
    assert offer_waiting() == 1
    assert states(entry) == ["offered"]
    assert day == entry.day


def test_leaving_hands_the_offer_on(full):
    first, second = join(full), join(full)
    services.cancel(full[3][0].pk, actor=SYSTEM)
    assert leave_waiting_list(first.pk)
    assert states(first, second) == ["left", "offered"]
    assert not leave_waiting_list(first.pk)


def test_joining_twice_keeps_the_place(full):
    buyer = factories.make_buyer()
    assert join(full, buyer) == join(full, buyer)


def test_only_a_full_day_can_be_waited_for(full):
    dealership, trim, day, _drives = full
    ask = {"dealership": dealership, "trim_id": trim.pk, "buyer": factories.make_buyer()}
    with pytest.raises(DayNotFull):
        join_waiting_list(**ask, day=day + timedelta(days=1))
    with pytest.raises(NothingToWaitFor):
        join_waiting_list(**ask, day=day + timedelta(days=300))
    with pytest.raises(NothingToWaitFor):
        join_waiting_list(**ask, day=day - timedelta(days=30))
    with pytest.raises(NoDemoCar):
        join_waiting_list(**ask | {"trim_id": 0}, day=day)
    Closure.objects.create(dealership=dealership, starts_at=timezone.now(), ends_at=timezone.now() + timedelta(days=5))
    with pytest.raises(NothingToWaitFor):
        join_waiting_list(**ask, day=day)


def test_five_lists_are_enough(full):
    buyer = factories.make_buyer()
    for number in range(5):
        day = full[2] + timedelta(days=number + 1)
        WaitingEntry.objects.create(dealership=full[0], trim=full[1], buyer=buyer, day=day)
    with pytest.raises(TooManyWaits):
        join(full, buyer)


def test_a_day_gone_by_ends_the_wait(full):
    entry = join(full)
    offer_waiting(timezone.now() + timedelta(days=4))
    assert states(entry) == ["lapsed"]


def test_booking_another_time_of_that_day_ends_the_wait_too(full):
    dealership, trim, _day, drives = full
    entry = join(full)
    factories.make_demo_car(dealership, trim)
    book(dealership, trim, drives[0].starts_at, entry.buyer)
    assert states(entry) == ["booked"]


def test_an_offer_still_gives_the_dealership_its_notice(time_machine):
    dealership, trim = make_place(opening_hours="Mo-Su 09:00-10:00", notice_hours=2)
    slot = slots_of(dealership, trim, 1)[0]
    drive = book(dealership, trim, slot)
    buyer = factories.make_buyer()
    entry = join_waiting_list(dealership=dealership, trim_id=trim.pk, buyer=buyer, day=slot.starts_at.date())
    time_machine.move_to(slot.starts_at - timedelta(hours=2, minutes=20), tick=False)
    services.cancel(drive.pk, actor=SYSTEM)
    assert states(entry) == ["waiting"]


def test_the_page_of_a_full_day_leads_into_the_line_and_out(client, full):
    dealership, trim, day, drives = full
    url = f"/test-drives/new/?trim={trim.code}&dealership={dealership.code}&day={day}"
    assert b'action="/test-drives/waiting/"' in client.get(url).content
    form = {"trim": trim.code, "dealership": dealership.code, "day": str(day)}
    assert client.post(reverse("dealers:wait"), form).url.startswith(reverse("account_login"))
    buyer = factories.make_buyer()
    client.force_login(buyer)
    page = client.post(reverse("dealers:wait"), form).url
    assert client.get(page).context["position"] == 1
    assert page in client.get(reverse("accounts:garage")).content.decode()
    assert page in client.get(url).content.decode()
    services.cancel(drives[0].pk, actor=SYSTEM)
    offer = client.get(page).context["offer_url"]
    assert client.get(offer).status_code == 200
    client.post(offer, {"note": "", "key": "7b1c6bd8-3c2b-4b57-8d4a-1d2f3a4b5c6d"})
    assert Appointment.objects.get(buyer=buyer).starts_at == drives[0].starts_at
    assert client.get(page).context["is_booked"]
    client.post(f"{page}leave/")
    assert states(WaitingEntry.objects.get(buyer=buyer)) == ["booked"]


def test_nobody_sees_or_leaves_another_ones_place(client, full):
    entry = join(full)
    client.force_login(factories.make_buyer())
    assert client.get(reverse("dealers:waiting", args=[entry.pk])).status_code == 404
    assert client.post(reverse("dealers:leave", args=[entry.pk])).status_code == 404
    assert client.get(f"/test-drives/waiting/{10**30}/").status_code == 404
    assert states(entry) == ["waiting"]


@pytest.mark.parametrize("fields", [{"day": "x"}, {"day": "2027-02-30"}, {"trim": "none"}, {"dealership": "none"}])
def test_what_is_not_there_cannot_be_waited_for(client, full, fields):
    dealership, trim, day, _drives = full
    form = {"trim": trim.code, "dealership": dealership.code, "day": str(day)} | fields
    assert client.post(reverse("dealers:wait"), form).status_code == 404
