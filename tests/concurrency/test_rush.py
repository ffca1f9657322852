"""A rush behind a waiting room: one pass is one order, nobody gets two cars, nobody pays without one."""

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import CampaignQuota, StockUnit
from o2o_platform.waiting import line
from o2o_platform.waiting import services as waiting
from o2o_platform.waiting.exceptions import NotYourTurn
from o2o_platform.waiting.models import Gate, Place
from orders.models import Claim, Order
from orders.services import expire_holds, gating, tend_gates
from payments.models import Payment, Refund
from tests.concurrency.racing import race
from tests.factories import make_buyer, make_order, make_terms, make_unit
from tests.orders.pages import pay_deposit
from tests.rush.builders import let_in, make_rush

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh():
    gating.forget_gates()
    line.forget_paces()
    make_terms()
    yield
    gating.forget_gates()
    line.forget_paces()


@pytest.fixture
def units() -> list[StockUnit]:
    first = make_unit()
    return [first, *(make_unit(trim=first.trim, dealership=first.dealership) for _ in range(9))]


def orders_of(buyers: list, units: list) -> list[Callable]:
    """An order each, of the cars in turn."""
    pairs = zip(buyers, itertools.cycle(units), strict=False)
    return [lambda buyer=buyer, unit=unit: make_order(unit, buyer) for buyer, unit in pairs]


def names(outcomes: list) -> Counter:
    return Counter(type(each).__name__ for each in outcomes)


def test_one_pass_used_ten_times_at_once_is_one_order(units):
    gate = make_rush(units[0], limit_per_person=10).gate
    buyer = make_buyer()
    let_in(gate, buyer)
    outcomes = race([lambda unit=unit: make_order(unit, buyer) for unit in units], threads=10)
    assert names(outcomes) == {"Order": 1, "NotYourTurn": 9}


def test_control_a_pass_that_is_read_and_not_used_up_is_many_orders(units, monkeypatch, settings):
    def look(gate_id: int, *, person_id: int) -> None:
        if waiting.find_pass(gate_id, person_id=person_id) is None:
            raise NotYourTurn

    settings.HOLDS_PER_BUYER = 10
    monkeypatch.setattr("orders.services.placing.use_pass", look)
    gate = make_rush(units[0], limit_per_person=10).gate
    buyer = make_buyer()
    let_in(gate, buyer)
    outcomes = race([lambda unit=unit: make_order(unit, buyer) for unit in units], threads=10)
    assert names(outcomes)["Order"] > 1


def test_sixty_with_and_without_passes_want_ten_cars(units):
    """Whatever happens, ten cars have ten owners, and all of them had a pass."""
    gate = make_rush(units[0], quota=8).gate
    Gate.objects.update(capacity=30)
    insiders, others = [make_buyer() for _ in range(30)], [make_buyer() for _ in range(30)]
    let_in(gate, *insiders)
    tries = zip(orders_of(insiders, units), orders_of(others, units), strict=True)
    outcomes = race([each for pair in tries for each in pair], threads=20)
    assert names(outcomes)["Order"] == 10
    assert set(names(outcomes)) <= {"Order", "OutOfStock", "NotYourTurn"}
    owners = Order.objects.values_list("buyer", flat=True)
    assert set(owners) <= {each.pk for each in insiders}
    assert Claim.objects.filter(released_at__isnull=True).values("stock_unit").distinct().count() == 10


def test_orders_paid_while_their_holds_run_out_never_take_money_without_a_car(units):
    """Ten pay late for cars of which the next ten buyers want the same: a car each, or the money back."""
    gate = make_rush(units[0]).gate
    Gate.objects.update(capacity=40)
    first, second = [make_buyer() for _ in range(10)], [make_buyer() for _ in range(10)]
    let_in(gate, *first, *second)
    placed = [make_order(unit, buyer) for unit, buyer in zip(units, first, strict=True)]
    payments = [lambda order=order: pay_deposit(order) for order in placed]
    Order.objects.update(hold_expires_at=timezone.now() + timedelta(milliseconds=150))
    sweeps = [expire_holds] * 10
    mixed = [each for group in zip(payments, sweeps, orders_of(second, units), strict=True) for each in group]
    race(mixed, threads=15)
    expire_holds()
    race([lambda order=order: make_order(order.stock_unit, make_buyer()) for order in placed], threads=5)
    live = Claim.objects.filter(released_at__isnull=True)
    assert live.values("stock_unit").distinct().count() == live.count()
    for order in Order.objects.filter(payments__status=Payment.Status.SUCCEEDED).distinct():
        has_car = order.claims.filter(released_at__isnull=True).exists()
        is_refunded = Refund.objects.filter(payment__order=order).exists() or order.refund_due
        assert has_car or is_refunded, order.status


def test_the_line_closes_once_and_opens_once_however_many_look(units):
    campaign = make_rush(units[0], quota=1)
    buyer = make_buyer()
    let_in(campaign.gate, buyer)
    CampaignQuota.objects.update(used=1)
    assert sum(race([tend_gates] * 8, threads=8)) == 1
    CampaignQuota.objects.update(used=0)
    assert sum(race([tend_gates] * 8, threads=8)) == 1


def test_waiting_again_while_people_are_called_gives_one_place_each():
    gate = Gate.objects.create(name="rush", opens_at=timezone.now() - timedelta(minutes=1), capacity=5)
    people = [make_buyer().pk for _ in range(20)]
    for person in people:
        waiting.join(gate, person_id=person)
    waiting.call_next(gate.pk)

    def leave_and_wait_again(person: int) -> None:
        Place.objects.filter(person=person, pass_until__isnull=False).update(pass_until=timezone.now())
        waiting.join_again(gate, person_id=person)

    calls = [lambda: waiting.call_next(gate.pk)] * 20
    again = [lambda person=person: leave_and_wait_again(person) for person in people]
    outcomes = race([each for pair in zip(again, calls, strict=True) for each in pair], threads=16)
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    places = list(Place.objects.values_list("person", "number"))
    assert len({person for person, _ in places}) == len({number for _, number in places}) == 20
    assert Place.objects.filter(pass_until__gt=timezone.now()).count() <= 5
