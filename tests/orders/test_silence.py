"""A dealership that does not answer: reminded at half time, passed over at the end, with the buyer's word where due."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from catalog.models import Availability, StockUnit
from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.outbox.models import Delivery
from orders import exceptions
from orders.integrity import count_availability_mismatches, count_lost_handoffs, count_unclaimed_live_orders
from orders.models import Assignment, Order
from orders.services import (
    accept_order,
    apply_deposit,
    cancel_order,
    choose_alternative,
    give_consent,
    lapse_consents,
    nearest_equal_units,
    reassign_overdue,
    remind_silent,
    wait_for_dealership,
)
from orders.services.escalating import next_units
from tests.factories import make_dealership, make_member, make_order, make_unit

pytestmark = pytest.mark.django_db
PAST = timedelta(seconds=1)
BEIJING, TIANJIN, SHANGHAI = (
    {"latitude": lat, "longitude": lon} for lat, lon in ((39.9, 116.4), (39.13, 117.2), (31.2, 121.5))
)


@pytest.fixture
def order() -> Order:
    unit = make_unit(dealership=make_dealership(opening_hours="24/7", response_limit_minutes=30))
    order = make_order(unit)
    apply_deposit(order.pk, amount=order.deposit_amount, actor=Actor.buyer(order.buyer))
    order.refresh_from_db()
    return order


@pytest.fixture
def buyer(order) -> Actor:
    return Actor.buyer(order.buyer)


def equal_unit(order: Order, **fields) -> StockUnit:
    place = {name: fields.pop(name) for name in ("latitude", "longitude") if name in fields}
    return make_unit(order.trim, make_dealership(**place), colour=order.colour, **fields)


def fall_silent(order: Order) -> None:
    Assignment.objects.filter(order=order, answer="").update(answer_due_at=timezone.now() - PAST)
    assert reassign_overdue() in (0, 1)
    order.refresh_from_db()


def asked(order: Order) -> Assignment:
    return order.assignments.pending_consent().get()


def told(order: Order, kind: str) -> set[str]:
    return set(Delivery.objects.filter(topic=f"message.{kind}").values_list("recipient", flat=True))


def names(order: Order) -> list[str]:
    return [event.name for event in order.events]


def is_sound() -> bool:
    return not (count_availability_mismatches() or count_lost_handoffs() or count_unclaimed_live_orders())


def test_at_half_time_the_dealerships_people_are_told_once(order):
    people = [make_member(order.dealership, role=role) for role in ("advisor", "manager", "finance", "read_only")]
    make_member(make_dealership())
    with time_machine.travel(timezone.now() + timedelta(minutes=14), tick=False):
        assert remind_silent() == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        assert remind_silent() == 1
        assert remind_silent() == 0
    assert told(order, "order_unanswered") == {f"user:{person.pk}" for person in people[:2]}
    assert order.assignments.get().reminded_at is not None
    assert names(order).count("reminded") == 1


def test_half_time_is_business_time():
    place = make_dealership(opening_hours="Mo-Su 09:00-18:00", response_limit_minutes=60)
    evening = timezone.now().astimezone(place.zone).replace(hour=17, minute=50) + timedelta(days=1)
    with time_machine.travel(evening, tick=False):
        order = make_order(make_unit(dealership=place))
        apply_deposit(order.pk, amount=order.deposit_amount, actor=SYSTEM)
    with time_machine.travel(evening + timedelta(hours=12), tick=False):
        assert remind_silent() == 0
    with time_machine.travel(evening.replace(hour=9, minute=21) + timedelta(days=1), tick=False):
        assert remind_silent() == 1


def test_an_answered_order_reminds_nobody(order):
    make_member(order.dealership)
    accept_order(order.pk, dealership=order.dealership, actor=SYSTEM)
    with time_machine.travel(timezone.now() + timedelta(minutes=20), tick=False):
        assert remind_silent() == 0


def test_another_seller_needs_the_buyers_word_and_the_car_is_held_for_it(order):
    first, other = order.stock_unit, equal_unit(order)
    fall_silent(order)
    assert (order.stock_unit, order.dealership) == (first, first.dealership)
    other.refresh_from_db()
    assert other.availability == Availability.HELD
    assert asked(order).dealership_id == other.dealership_id
    assert asked(order).consent_due_at - timezone.now() > timedelta(hours=23)
    assert not Delivery.objects.filter(recipient=other.dealership.recipient).exists()
    assert not Order.objects.visible_to([other.dealership]).exists()
    assert told(order, "order_consent") == {f"user:{order.buyer_id}"}
    assert is_sound()


def test_where_the_maker_sells_the_order_moves_and_the_buyer_is_told(order):
    Order.objects.update(sales_model="agency")
    other = equal_unit(order)
    fall_silent(order)
    assert order.dealership == other.dealership
    assert told(order, "order_reassigned") == {f"user:{order.buyer_id}"}
    assert is_sound()


def test_the_buyer_agrees_and_the_other_dealership_is_asked(order, buyer):
    first, other = order.stock_unit, equal_unit(order)
    price = order.contract_total
    fall_silent(order)
    give_consent(order.pk, actor=buyer)
    order.refresh_from_db()
    assert (order.stock_unit, order.contract_total) == (other, price)
    assert order.assignment.dealership == other.dealership
    assert order.assignment.consented_at is not None
    assert names(order)[-2:] == ["consent_asked", "consent_given"]
    first.refresh_from_db()
    assert first.availability == Availability.AVAILABLE
    with pytest.raises(exceptions.NoLongerAsked):
        give_consent(order.pk, actor=buyer)
    accept_order(order.pk, dealership=other.dealership, actor=SYSTEM)
    assert is_sound()


def test_the_other_dealership_can_not_answer_before_the_buyer(order):
    other = equal_unit(order)
    fall_silent(order)
    with pytest.raises(exceptions.NothingToAnswer):
        accept_order(order.pk, dealership=other.dealership, actor=SYSTEM)


def test_the_first_dealership_may_still_accept_until_the_buyer_agreed(order, buyer):
    first, other = order.stock_unit, equal_unit(order)
    fall_silent(order)
    accept_order(order.pk, dealership=order.dealership, actor=SYSTEM)
    order.refresh_from_db()
    assert (order.status, order.stock_unit) == ("accepted", first)
    other.refresh_from_db()
    assert other.availability == Availability.AVAILABLE
    assert [each.answer for each in order.assignments.all()] == ["accepted", "withdrawn"]
    with pytest.raises(exceptions.NoLongerAsked):
        give_consent(order.pk, actor=buyer)
    assert is_sound()


def test_a_late_answer_is_refused_when_its_car_is_gone(order):
    first = order.stock_unit
    equal_unit(order)
    fall_silent(order)
    make_order(first)
    with pytest.raises(exceptions.OutOfStock):
        accept_order(order.pk, dealership=order.dealership, actor=SYSTEM)
    assert asked(order)
    assert is_sound()


def test_the_buyer_may_wait_for_the_first_dealership(order, buyer):
    first, other = order.stock_unit, equal_unit(order)
    fall_silent(order)
    wait_for_dealership(order.pk, actor=buyer)
    for unit, state in ((first, Availability.HELD), (other, Availability.AVAILABLE)):
        unit.refresh_from_db()
        assert unit.availability == state
    assert order.assignment.is_escalated
    assert reassign_overdue() == 0
    accept_order(order.pk, dealership=order.dealership, actor=SYSTEM)
    assert is_sound()


def test_undecided_for_a_day_the_buyer_has_the_choice_and_the_money(order, buyer):
    other = equal_unit(order)
    fall_silent(order)
    assert lapse_consents() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1), tick=False):
        with pytest.raises(exceptions.NoLongerAsked):
            give_consent(order.pk, actor=buyer)
        assert lapse_consents() == 1
        assert lapse_consents() == 0
    other.refresh_from_db()
    assert other.availability == Availability.AVAILABLE
    assert told(order, "order_choice") == {f"user:{order.buyer_id}"}
    assert [unit for unit, _km in nearest_equal_units(order)] == [other]
    assert is_sound()
    choose_alternative(order.pk, unit_id=other.pk, actor=buyer)
    assert is_sound()


def test_while_asked_all_money_goes_back_even_earnest_money_past_the_lock(order, buyer):
    other = equal_unit(order)
    fall_silent(order)
    Order.objects.update(deposit_kind="earnest", refundable_until=timezone.now() - PAST)
    ended = cancel_order(order.pk, actor=buyer)
    assert ended.refund_due == ended.paid_total
    other.refresh_from_db()
    assert other.availability == Availability.AVAILABLE
    assert is_sound()


def answered(place, *, in_time: int, late: int = 0) -> None:
    """Answers of the last weeks at a dealership."""
    now = timezone.now()
    for number in range(in_time + late):
        delay = timedelta(minutes=60 if number >= in_time else 1)
        Assignment.objects.create(
            order=make_order(make_unit(dealership=place)),
            dealership=place,
            offered_at=now - timedelta(days=5),
            answer_due_at=now - timedelta(days=4),
            answered_at=now - timedelta(days=4) + delay - timedelta(minutes=30),
            answer="accepted",
        )


def test_the_next_dealership_is_near_then_has_the_car_then_answers(order):
    Order.objects.filter(pk=order.pk).update(dealership=make_dealership(**BEIJING))
    order.refresh_from_db()
    far = equal_unit(order, **SHANGHAI)
    coming = equal_unit(order, **TIANJIN, stage="in_transit")
    slow, quick = equal_unit(order, **TIANJIN), equal_unit(order, **TIANJIN)
    answered(slow.dealership, in_time=1, late=3)
    answered(quick.dealership, in_time=3, late=1)
    assert next_units(order) == [quick, slow, coming]
    assert far not in next_units(order)


def test_answer_rates_are_one_query(order, django_assert_num_queries):
    for _ in range(3):
        equal_unit(order)
    assert order.dealership
    with django_assert_num_queries(2):
        next_units(order)


def test_the_order_page_asks_and_each_answer_works(order, client):
    other = equal_unit(order)
    fall_silent(order)
    client.force_login(order.buyer)
    address = f"/orders/{order.reference}/"
    page = client.get(address, headers={"accept-language": "en"}).content.decode()
    assert f"Buy from {other.dealership.label}" in page
    assert f"Wait for {order.dealership.label}" in page
    assert "Agree to the other dealership" in page
    assert client.post(f"{address}decide/", {"answer": "what"}).status_code == 302
    assert asked(order)
    client.post(f"{address}decide/", {"answer": "agree"})
    order.refresh_from_db()
    assert order.dealership == other.dealership
    again = client.post(f"{address}decide/", {"answer": "wait"}, follow=True, headers={"accept-language": "en"})
    assert "settled already" in again.content.decode()
    assert client.get(f"{address}decide/").status_code == 405


def test_nobody_decides_on_anothers_order(order, client):
    equal_unit(order)
    fall_silent(order)
    client.force_login(make_order().buyer)
    assert client.post(f"/orders/{order.reference}/decide/", {"answer": "agree"}).status_code == 404
