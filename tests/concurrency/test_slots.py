"""Two people, one slot; two managers, one advisor: the database lets one through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction

from dealers import services
from dealers.checks import count_shared_advisors, count_shared_cars
from dealers.exceptions import AdvisorBusy, SlotTaken
from dealers.models import Appointment, Membership
from dealers.services import placement
from o2o_platform.journal.models import SYSTEM
from o2o_platform.journal.retry import retry_on_deadlock
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
