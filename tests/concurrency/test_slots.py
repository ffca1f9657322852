"""Two people, one slot; two managers, one advisor: the database lets one through."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain, count
from random import Random

import pytest
from django.db import OperationalError, connection, transaction

from dealers import services
from dealers.checks import count_shared_advisors, count_shared_cars
from dealers.exceptions import AdvisorBusy, SlotTaken
from dealers.models import Appointment, Membership, WaitingEntry
from dealers.occupancy import load_occupancies
from dealers.services import placement
from o2o_platform.accounts.models import User
from o2o_platform.journal.models import SYSTEM
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.outbox.models import Delivery
from tests import factories
from tests.concurrency.racing import race
from tests.dealers.drives import book, make_place, slots_of

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def without_constraint(name: str) -> Iterator[None]:
    """Drop an exclusion constraint while the block runs; put it back over an empty table."""
    constraint = next(each for each in Appointment._meta.constraints if each.name == name)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Appointment, constraint)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE dealers_appointment CASCADE")
        with connection.schema_editor() as editor:
            editor.add_constraint(Appointment, constraint)


def outcomes(results: list) -> Counter:
    return Counter(type(result).__name__ for result in results)


@pytest.fixture
def twenty():
    dealership, trim = make_place(parallel_drives=20)
    slot = slots_of(dealership, trim)[0]
    return [partial(book, dealership, trim, slot, factories.make_buyer()) for _ in range(20)]


@pytest.fixture
def unlocked(monkeypatch):
    """Free cars are looked up without the dealership's lock: check, then write."""

    def read(model, **lookup):
        return model._default_manager.get(**lookup)

    monkeypatch.setattr("dealers.services.bookings.lock", read)


def test_twenty_want_one_slot_and_one_gets_it(twenty):
    assert outcomes(race(twenty)) == {"Appointment": 1, "SlotTaken": 19}
    assert Appointment.objects.count() == 1


def test_the_constraint_alone_holds_without_the_lock(twenty, unlocked):
    assert outcomes(race(twenty)) == {"Appointment": 1, "SlotTaken": 19}


def test_control_without_lock_and_constraint_the_slot_is_booked_again_and_again(twenty, unlocked):
    with without_constraint(placement.CAR_FREE):
        booked = outcomes(race(twenty))["Appointment"]
        shared = count_shared_cars()
    assert booked > 1
    assert shared == booked - 1


def test_no_more_drives_at_once_than_the_dealership_can_run():
    dealership, trim = make_place(cars=10, parallel_drives=3)
    slot = slots_of(dealership, trim)[0]
    calls = [partial(book, dealership, trim, slot, factories.make_buyer()) for _ in range(10)]
    assert outcomes(race(calls)) == {"Appointment": 3, "SlotTaken": 7}


def test_one_buyer_clicking_everywhere_gets_three():
    dealership, trim = make_place(cars=8, parallel_drives=8)
    buyer, slot = factories.make_buyer(), slots_of(dealership, trim)[0]
    assert outcomes(race([partial(book, dealership, trim, slot, buyer)] * 8)) == {"Appointment": 3, "TooManyDrives": 5}


def test_one_request_sent_ten_times_is_one_test_drive():
    dealership, trim = make_place(cars=10, parallel_drives=10)
    buyer, slot = factories.make_buyer(), slots_of(dealership, trim)[0]
    results = race([partial(book, dealership, trim, slot, buyer, idempotency_key="one")] * 10)
    assert len({drive.pk for drive in results}) == 1


@pytest.fixture
def two_requests():
    """Two requests at the same time, at two dealerships with one advisor."""
    advisor = None
    calls = []
    for _ in range(2):
        dealership, trim = make_place()
        if advisor is None:
            advisor = factories.make_member(dealership)
        else:
            Membership.objects.create(user=advisor, dealership=dealership)
        drive = book(dealership, trim, slots_of(dealership, trim)[0])
        calls.append(partial(services.confirm, drive.pk, actor=SYSTEM, advisor=advisor))
    return calls


@pytest.fixture
def blind_to_advisors(monkeypatch):
    """Both managers looked before either wrote."""

    def candidates(appointment, advisor, **when):
        return iter([advisor.pk])

    monkeypatch.setattr("dealers.services.answers.advisor_candidates", candidates)


def test_two_managers_confirm_with_one_advisor_and_one_wins(two_requests):
    results = race(two_requests)
    assert outcomes(results) == {"Appointment": 1, "AdvisorBusy": 1}


def test_the_loser_is_told_even_when_both_saw_the_advisor_free(two_requests, blind_to_advisors):
    results = race(two_requests)
    assert [type(result) for result in results].count(AdvisorBusy) == 1
    assert count_shared_advisors() == 0


def test_control_without_the_constraint_the_advisor_is_in_two_cars(two_requests, blind_to_advisors):
    with without_constraint(placement.ADVISOR_FREE):
        results = race(two_requests)
        shared = count_shared_advisors()
    assert outcomes(results) == {"Appointment": 2}
    assert shared == 1


def test_two_advisors_confirm_one_request_and_one_is_told():
    dealership, trim = make_place()
    first, second = factories.make_member(dealership), factories.make_member(dealership)
    drive = book(dealership, trim, slots_of(dealership, trim)[0])
    calls = [partial(services.confirm, drive.pk, actor=SYSTEM, advisor=each) for each in (first, second)]
    assert outcomes(race(calls)) == {"Appointment": 1, "WrongState": 1}
    assert [event.name for event in drive.events] == ["requested", "confirmed"]


ATTEMPTS, PLACES, SLOTS_EACH = 10_000, 10, 50


@pytest.fixture
def crowd():
    """Ten dealerships with fifty slots each, half of them confirming at once; ten thousand people, each after one."""
    calls, number = [], count()
    factories.make_buyer()
    buyers = User.objects.bulk_create(
        User(phone=f"+86139{next(number):08d}", name="Buyer", language="en", phone_verified=True)
        for _ in range(ATTEMPTS)
    )
    for place in range(PLACES):
        dealership, trim = make_place(cars=1, buffer_minutes=0, parallel_drives=2, confirms_at_once=bool(place % 2))
        factories.make_member(dealership)
        slots = slots_of(dealership, trim, 6)[:SLOTS_EACH]
        assert len(slots) == SLOTS_EACH
        for slot in slots:
            its_buyers = [buyers.pop() for _ in range(ATTEMPTS // PLACES // SLOTS_EACH)]
            calls += [partial(book, dealership, trim, slot.starts_at, buyer) for buyer in its_buyers]
    Random(4).shuffle(calls)
    return calls


def in_turn(calls) -> list:
    """What the calls of one thread came to, all over one connection."""
    results = []
    for call in calls:
        try:
            results.append(call())
        except SlotTaken as taken:
            results.append(taken)
    return results


def test_ten_thousand_attempts_on_five_hundred_slots(crowd):
    results = list(chain.from_iterable(race([partial(in_turn, crowd[number::20]) for number in range(20)])))
    assert outcomes(results) == {"Appointment": 500, "SlotTaken": 9500}
    assert (count_shared_cars(), count_shared_advisors()) == (0, 0)
    assert Appointment.objects.values("dealership", "starts_at").distinct().count() == 500
    assert Appointment.objects.filter(status="confirmed").count() == 250


@pytest.fixture
def meeting(monkeypatch):
    """Whoever looks for free times waits, for a while, until somebody else has looked too."""
    both_looked = threading.Barrier(2)

    def load(*args, **kwargs):
        found = load_occupancies(*args, **kwargs)
        with suppress(threading.BrokenBarrierError):
            both_looked.wait(timeout=1)
        return found

    return lambda: (
        monkeypatch.setattr("dealers.slots.load_occupancies", load)
        or monkeypatch.setattr("dealers.services.placement.load_occupancies", load)
    )


@pytest.fixture
def queue():
    """A slot that is free, two who wait for that day, and a passer-by who wants it too."""
    dealership, trim = make_place(opening_hours="Mo-Su 09:00-10:00")
    slot = slots_of(dealership, trim)[0]
    line = [
        WaitingEntry.objects.create(
            dealership=dealership, trim=trim, buyer=factories.make_buyer(), day=slot.starts_at.date()
        )
        for _ in range(2)
    ]
    return partial(book, dealership, trim, slot.starts_at, factories.make_buyer()), line


def kept_and_booked() -> tuple[int, int]:
    return WaitingEntry.objects.filter(status="offered").count(), Appointment.objects.count()


def test_a_slot_is_offered_or_booked_but_not_both(queue, meeting):
    booking, _line = queue
    meeting()
    results = race([booking, services.offer_waiting])
    assert not [each for each in results if isinstance(each, Exception) and not isinstance(each, SlotTaken)]
    assert kept_and_booked() in ((1, 0), (0, 1))


def test_control_without_the_lock_it_is_both(queue, meeting, unlocked, monkeypatch):
    booking, _line = queue
    monkeypatch.setattr("dealers.services.waiting.lock", lambda model, **lookup: model._default_manager.get(**lookup))
    meeting()
    race([booking, services.offer_waiting])
    assert kept_and_booked() == (1, 1)


def test_two_workers_offer_one_slot_once(queue, meeting):
    meeting()
    assert sorted(race([services.offer_waiting, services.offer_waiting])) == [0, 1]
    assert kept_and_booked() == (1, 0)
    assert Delivery.objects.filter(topic="message.drive_offered").count() == 1


def test_control_without_the_lock_two_workers_offer_it_twice(queue, meeting, monkeypatch):
    monkeypatch.setattr("dealers.services.waiting.lock", lambda model, **lookup: model._default_manager.get(**lookup))
    meeting()
    results = race([services.offer_waiting, services.offer_waiting])
    assert sum(each for each in results if isinstance(each, int)) > 1


def test_the_offered_slot_and_its_buyer_against_the_rest(queue):
    booking, line = queue
    services.offer_waiting()
    mine = partial(booking.func, *booking.args[:3], line[0].buyer)
    others = [partial(booking.func, *booking.args[:3], factories.make_buyer()) for _ in range(10)]
    results = race([*others, mine])
    assert outcomes(results) == {"Appointment": 1, "SlotTaken": 10}
    assert Appointment.objects.get().buyer == line[0].buyer


def test_two_who_move_into_each_others_slots_never_share_one():
    dealership, trim = make_place()
    first, second = slots_of(dealership, trim)[0], slots_of(dealership, trim)[-1]
    a, b = book(dealership, trim, first), book(dealership, trim, second)
    moves = [
        partial(services.reschedule, a.pk, starts_at=second.starts_at, actor=SYSTEM),
        partial(services.reschedule, b.pk, starts_at=first.starts_at, actor=SYSTEM),
    ]
    assert all(isinstance(result, SlotTaken) for result in race(moves))


def test_a_deadlock_is_tried_again():
    drives = [book(*place, slots_of(*place)[0]) for place in (make_place(), make_place())]
    tries = Counter()

    def touch(order):
        @retry_on_deadlock
        @transaction.atomic
        def write():
            tries["all"] += 1
            for drive in order:
                Appointment.objects.filter(pk=drive.pk).update(note="touched")
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.2)")
            return "done"

        return write

    assert race([touch(drives), touch(drives[::-1])]) == ["done", "done"]
    assert tries["all"] == 3


def test_other_errors_are_not_tried_again():
    tries = []

    @retry_on_deadlock
    @transaction.atomic
    def write():
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1")
            cursor.execute("SELECT pg_sleep(1)")

    with pytest.raises(OperationalError):
        write()
    assert len(tries) == 1
