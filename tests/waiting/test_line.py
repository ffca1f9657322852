"""The line before a gate: drawn, first come first served after that, one place a person, so many inside."""

from datetime import timedelta

import pytest
from django.utils import timezone

from o2o_platform.waiting import line, services
from o2o_platform.waiting.exceptions import NotYourTurn
from o2o_platform.waiting.line import Turn
from o2o_platform.waiting.models import Gate, Place
from tests.factories import make_buyer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_paces():
    line.forget_paces()


def make_gate(*, opens_in: float = -1, capacity: int = 2, **fields) -> Gate:
    opens_at = timezone.now() + timedelta(minutes=opens_in)
    return Gate.objects.create(name="festival", opens_at=opens_at, capacity=capacity, **fields)


def open_doors(gate: Gate) -> None:
    Gate.objects.filter(pk=gate.pk).update(opens_at=timezone.now() - timedelta(seconds=1))
    gate.refresh_from_db()


def stand(gate: Gate, people: int) -> list:
    buyers = [make_buyer() for _ in range(people)]
    for buyer in buyers:
        services.join(gate, person_id=buyer.pk)
    return buyers


def test_who_comes_after_opening_stands_behind():
    gate = make_gate()
    services.call_next(gate.pk)
    buyers = stand(gate, 4)
    assert list(Place.objects.order_by("pk").values_list("number", flat=True)) == [1, 2, 3, 4]
    assert services.call_next(gate.pk) == 2
    services.require_pass(gate, person_id=buyers[1].pk)
    with pytest.raises(NotYourTurn):
        services.require_pass(gate, person_id=buyers[2].pk)
    assert services.call_next(gate.pk) == 0


def test_early_places_are_drawn_and_later_ones_follow():
    gate = make_gate(opens_in=10)
    early = stand(gate, 40)
    assert services.call_next(gate.pk) == 0
    assert set(Place.objects.values_list("number", flat=True)) == {None}
    open_doors(gate)
    assert services.call_next(gate.pk) == 2
    numbers = list(Place.objects.order_by("pk").values_list("number", flat=True))
    assert sorted(numbers) == list(range(1, 41))
    # One order in 40! is that of coming.
    assert numbers != sorted(numbers)
    late = services.join(gate, person_id=make_buyer().pk)
    assert (late.number, len(early)) == (41, 40)


def test_who_came_between_opening_and_the_draw_is_in_the_draw():
    gate = make_gate(opens_in=10)
    stand(gate, 3)
    open_doors(gate)
    assert services.join(gate, person_id=make_buyer().pk).number is None
    services.call_next(gate.pk)
    assert sorted(Place.objects.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_joining_again_is_the_same_place():
    gate = make_gate()
    services.call_next(gate.pk)
    (buyer,) = stand(gate, 1)
    assert services.join(gate, person_id=buyer.pk) == Place.objects.get()
    gate.refresh_from_db()
    assert gate.last_number == 1


def test_leaving_and_passes_that_run_out_make_room():
    gate = make_gate(capacity=2)
    services.call_next(gate.pk)
    buyers = stand(gate, 5)
    services.call_next(gate.pk)
    services.leave(gate, person_id=buyers[0].pk)
    assert services.call_next(gate.pk) == 1
    Place.objects.filter(person=buyers[1]).update(pass_until=timezone.now())
    assert services.call_next(gate.pk) == 1
    with pytest.raises(NotYourTurn):
        services.require_pass(gate, person_id=buyers[0].pk)
    # Who was inside can't join for a second place.
    assert services.join(gate, person_id=buyers[0].pk).called_at


def test_sold_out_lets_nobody_in_until_something_comes_back():
    gate = make_gate()
    services.call_next(gate.pk)
    stand(gate, 1)
    services.close_sold_out(gate)
    assert services.call_next(gate.pk) == services.call_everywhere() == 0
    services.reopen(gate)
    assert services.call_everywhere() == 1


def test_position_and_estimate():
    gate = make_gate(capacity=2, pass_minutes=1)
    services.call_next(gate.pk)
    buyers = stand(gate, 7)
    services.call_next(gate.pk)
    pace = line.pace_of("festival")
    last = line.standing_of(pace, Place.objects.get(person=buyers[-1]))
    assert (last.turn, last.position) == (Turn.WAITING, 5)
    # Two a minute at the slowest.
    assert 0 < last.wait_s <= 150
    assert line.standing_of(pace, Place.objects.get(person=buyers[0])).turn is Turn.INSIDE


def test_a_signed_place_is_its_owners_alone():
    gate = make_gate()
    services.call_next(gate.pk)
    buyers = stand(gate, 2)
    place = Place.objects.get(person=buyers[1])
    signed = line.sign_place(place)
    assert line.read_signed(signed, gate=gate, person_id=buyers[1].pk) == 2
    assert line.read_signed(signed, gate=gate, person_id=buyers[0].pk) is None
    assert line.read_signed(signed[:-1] + "x", gate=gate, person_id=buyers[1].pk) is None
    other = Gate.objects.create(name="other", opens_at=timezone.now())
    assert line.read_signed(signed, gate=other, person_id=buyers[1].pk) is None
