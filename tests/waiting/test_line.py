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
    assert services.find_pass(gate.pk, person_id=buyers[1].pk)
    assert services.find_pass(gate.pk, person_id=buyers[2].pk) is None
    with pytest.raises(NotYourTurn):
        services.use_pass(gate.pk, person_id=buyers[2].pk)
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
    services.use_pass(gate.pk, person_id=buyers[0].pk)
    assert services.call_next(gate.pk) == 1
    Place.objects.filter(person=buyers[1]).update(pass_until=timezone.now())
    assert services.call_next(gate.pk) == 1
    with pytest.raises(NotYourTurn):
        services.use_pass(gate.pk, person_id=buyers[0].pk)
    # Who was inside can't join for a second place.
    assert services.join(gate, person_id=buyers[0].pk).called_at


def test_sold_out_lets_nobody_in_until_something_comes_back():
    gate = make_gate()
    services.call_next(gate.pk)
    stand(gate, 1)
    assert services.close_sold_out(gate.pk)
    assert services.call_next(gate.pk) == services.call_everywhere() == 0
    assert services.reopen(gate.pk)
    assert services.call_everywhere() == 1


def test_whose_turn_is_over_may_wait_again_at_the_end():
    gate = make_gate(capacity=1)
    services.call_next(gate.pk)
    first, second, third = stand(gate, 3)
    services.call_next(gate.pk)
    # Neither while inside nor while waiting.
    assert services.join_again(gate, person_id=first.pk).number == 1
    assert services.join_again(gate, person_id=third.pk).number == 3
    services.use_pass(gate.pk, person_id=first.pk)
    again = services.join_again(gate, person_id=first.pk)
    assert (again.number, again.called_at) == (4, None)
    assert services.join_again(gate, person_id=first.pk).number == 4
    services.call_next(gate.pk)
    assert services.find_pass(gate.pk, person_id=second.pk)
    assert services.find_pass(gate.pk, person_id=first.pk) is None


def test_from_its_closing_nobody_is_called_and_nobody_needs_a_pass():
    gate = make_gate(closes_at=timezone.now() + timedelta(minutes=1))
    stand(gate, 1)
    assert gate.is_guarding(timezone.now())
    assert not gate.is_guarding(gate.closes_at)
    Gate.objects.update(closes_at=timezone.now())
    assert services.call_next(gate.pk) == services.call_everywhere() == 0


def test_who_asks_is_let_in_when_the_worker_stopped():
    gate = make_gate(capacity=1)
    stand(gate, 2)
    line.pace_of("festival")
    assert Place.objects.filter(called_at__isnull=False).count() == 1
    Place.objects.filter(called_at__isnull=False).update(pass_until=timezone.now())
    line.pace_of("festival")
    # A round was made just now: not again.
    assert Place.objects.filter(called_at__isnull=False).count() == 1
    Gate.objects.update(looked_at=timezone.now() - services.LATE * 2)
    line.pace_of("festival")
    assert Place.objects.filter(called_at__isnull=False).count() == 2


def test_position_and_estimate():
    gate = make_gate(capacity=2, pass_minutes=1)
    services.call_next(gate.pk)
    buyers = stand(gate, 7)
    services.call_next(gate.pk)
    pace = line.pace_of("festival")
    last = line.standing_of(pace, Place.objects.get(person=buyers[-1]))
    assert (last.turn, last.position) == (Turn.WAITING, 5)
    # Two a minute go in and out; that two were let in this second says nothing.
    assert 120 <= last.wait_s <= 180
    assert line.standing_of(pace, Place.objects.get(person=buyers[0])).turn is Turn.INSIDE


def test_the_estimate_follows_how_fast_people_are_done():
    gate = make_gate(capacity=60, pass_minutes=10)
    stand(gate, 60)
    services.call_next(gate.pk)
    gate.refresh_from_db()
    slow = line.rate_of(gate)
    Gate.objects.update(drawn_at=timezone.now() - timedelta(minutes=2))
    Place.objects.update(pass_until=timezone.now() - timedelta(seconds=10))
    gate.refresh_from_db()
    # Sixty in two minutes, with a plan of six a minute counting for one.
    assert slow == pytest.approx(0.1, rel=0.05)
    assert line.rate_of(gate) == pytest.approx(66 / 180, rel=0.05)


def test_a_signed_place_is_its_sessions_alone():
    gate = make_gate()
    services.call_next(gate.pk)
    buyers = stand(gate, 2)
    signed = line.sign_place(Place.objects.get(person=buyers[1]), session_key="own")
    assert line.read_signed(signed, gate=gate, session_key="own") == 2
    assert line.read_signed(signed, gate=gate, session_key="other") is None
    assert line.read_signed(signed[:-1] + "x", gate=gate, session_key="own") is None
    other = Gate.objects.create(name="other", opens_at=timezone.now())
    assert line.read_signed(signed, gate=other, session_key="own") is None
