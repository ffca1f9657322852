"""Many join and are called at once: numbers are unique, and never more inside than there is room."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from o2o_platform.waiting import services
from o2o_platform.waiting.models import Gate, Place
from tests.concurrency.racing import race
from tests.factories import make_buyer

pytestmark = pytest.mark.django_db(transaction=True)
ROOM = 10


@pytest.fixture
def gate() -> Gate:
    gate = Gate.objects.create(name="rush", opens_at=timezone.now() - timedelta(minutes=1), capacity=ROOM)
    services.call_next(gate.pk)
    return gate


def rush(gate: Gate) -> list:
    """A hundred join, everyone twice, while eight workers call."""
    people = [make_buyer().pk for _ in range(100)]
    joins = [lambda person=person: services.join(gate, person_id=person) for person in people * 2]
    calls = [lambda: services.call_next(gate.pk)] * 40
    mixed = [
        each
        for group in zip(joins[::5], joins[1::5], joins[2::5], joins[3::5], joins[4::5], calls, strict=True)
        for each in group
    ]
    return race(mixed, threads=16)


def test_unique_numbers_and_a_full_room(gate):
    results = rush(gate)
    assert [each for each in results if isinstance(each, Exception)] == []
    assert sorted(Place.objects.values_list("number", flat=True)) == list(range(1, 101))
    services.call_next(gate.pk)
    assert Place.objects.filter(pass_until__gt=timezone.now()).count() == ROOM


def test_control_without_the_gates_lock_the_room_overflows(gate):
    def call_unlocked(gate_id: int) -> int:
        gate = Gate.objects.get(pk=gate_id)
        inside = Place.objects.filter(gate=gate, pass_until__gt=timezone.now()).count()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.02)")
        free = list(Place.objects.filter(gate=gate, called_at=None).order_by("?")[: ROOM - inside])
        until = timezone.now() + timedelta(minutes=10)
        Place.objects.filter(pk__in=[each.pk for each in free]).update(called_at=timezone.now(), pass_until=until)
        return len(free)

    for _ in range(100):
        services.join(gate, person_id=make_buyer().pk)
    race([lambda: call_unlocked(gate.pk)] * 16, threads=16)
    assert Place.objects.filter(pass_until__gt=timezone.now()).count() > ROOM
