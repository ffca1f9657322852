"""Each side's breach of a contract with earnest money: what is lost, what is paid on top, to the cent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from o2o_platform.journal.models import Actor, ActorKind
from o2o_platform.journal.services import WrongState
from o2o_platform.operations.integrity import run_checks
from o2o_platform.outbox.models import Delivery
from orders import exceptions
from orders.models import Assignment, Order
from orders.services import (
    accept_order,
    breach,
    cancel_order,
    choose_alternative,
    decline_order,
    mark_ready,
    reassign_overdue,
    refund_quote,
)
from payments.models import Compensation
from payments.services import pay_out_compensation, request_compensations
from tests.factories import make_dealership, make_offer, make_order, make_staff, make_trim, make_unit
from tests.orders.pages import pay_deposit

pytestmark = pytest.mark.django_db
EARNEST = Decimal("10000.00")


def earnest_order(**fields: object) -> Order:
    """Reserved with 10,000 of earnest money, in China after 2021."""
    trim = make_trim()
    make_offer(trim, deposit_kind="earnest", deposit_amount=EARNEST)
    order = make_order(make_unit(trim))
    pay_deposit(order)
    Order.objects.filter(pk=order.pk).update(breach_factor=2, **fields)
    order.refresh_from_db()
    return order


def violations() -> dict[str, int]:
    return {finding.name: finding.violations for finding in run_checks() if finding.violations}


def lock_now(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(refundable_until=timezone.now() - dt.timedelta(seconds=1))
    order.refresh_from_db()


def dealer() -> Actor:
    return Actor(ActorKind.DEALER, label="Dealership")


def accept(order: Order) -> None:
    accept_order(order.pk, dealership=order.dealership, actor=dealer())


def decline(order: Order) -> None:
    decline_order(order.pk, dealership=order.dealership, actor=dealer(), reason_code="sold")


def ended(order: Order, by: Actor, **more: object) -> tuple[Decimal, Decimal]:
    """What is refunded and what is paid on top of it."""
    cancel_order(order.pk, actor=by, **more)
    order.refresh_from_db()
    return order.refund_due, order.compensation_due


def test_a_buyer_who_leaves_after_the_lock_loses_the_earnest_money():
    order = earnest_order()
    accept(order)
    lock_now(order)
    assert ended(order, Actor.buyer(order.buyer)) == (0, 0)


def test_a_dealership_that_ends_an_accepted_order_pays_double_even_before_the_lock():
    order = earnest_order()
    accept(order)
    assert ended(order, dealer()) == (EARNEST, EARNEST)


def test_a_dealership_that_ends_an_order_it_never_accepted_is_in_breach_after_the_lock_only():
    assert ended(earnest_order(), dealer()) == (EARNEST, 0)
    order = earnest_order()
    lock_now(order)
    assert ended(order, dealer()) == (EARNEST, EARNEST)


def test_staff_who_end_an_accepted_order_do_so_for_the_seller():
    order = earnest_order()
    accept(order)
    assert ended(order, Actor(ActorKind.STAFF, label="Staff")) == (EARNEST, EARNEST)


def test_a_no_after_the_lock_costs_double_when_the_buyer_takes_the_money():
    order = earnest_order()
    lock_now(order)
    decline(order)
    assert ended(order, Actor.buyer(order.buyer)) == (EARNEST, EARNEST)


def test_a_no_before_the_lock_costs_nothing_however_late_the_buyer_decides():
    order = earnest_order()
    decline(order)
    lock_now(order)
    Assignment.objects.update(answered_at=timezone.now() - dt.timedelta(hours=1))
    assert ended(order, Actor.buyer(order.buyer)) == (EARNEST, 0)


def test_a_buyer_who_agrees_to_an_equal_car_has_a_contract_that_is_kept():
    order = earnest_order()
    other = make_unit(order.trim, make_dealership(), colour=order.colour)
    lock_now(order)
    decline(order)
    choose_alternative(order.pk, unit_id=other.pk, actor=Actor.buyer(order.buyer))
    order.refresh_from_db()
    assert order.compensation_due == 0
    assert refund_quote(order).compensation == 0


def test_silence_costs_the_buyer_nothing_and_is_no_breach():
    order = earnest_order()
    lock_now(order)
    Assignment.objects.update(answer_due_at=timezone.now() - dt.timedelta(minutes=1))
    assert refund_quote(order).amount == EARNEST
    reassign_overdue()
    assert ended(order, Actor.buyer(order.buyer)) == (EARNEST, 0)


def test_a_refundable_deposit_is_never_lost_and_never_doubled():
    order = earnest_order(deposit_kind="refundable")
    accept(order)
    lock_now(order)
    assert refund_quote(order).amount == EARNEST
    assert ended(order, dealer()) == (EARNEST, 0)


def test_where_the_law_does_not_double_the_refund_is_all():
    order = earnest_order()
    Order.objects.update(breach_factor=1)
    accept(order)
    assert ended(order, dealer()) == (EARNEST, 0)


def test_who_may_withdraw_never_loses_earnest_money():
    order = earnest_order(withdrawal_days=14)
    accept(order)
    lock_now(order)
    assert ended(order, Actor.buyer(order.buyer)) == (EARNEST, 0)


def test_the_seller_keeps_the_earnest_money_of_a_buyer_who_lets_the_car_stand():
    order = earnest_order()
    accept(order)
    mark_ready(order.pk, actor=dealer())
    lock_now(order)
    with pytest.raises(exceptions.BuyerNotInBreach):
        cancel_order(order.pk, actor=dealer(), buyer_in_breach=True)


def test_after_two_weeks_ready_and_unpaid_the_seller_may_keep_it(monkeypatch):
    order = earnest_order()
    accept(order)
    mark_ready(order.pk, actor=dealer())
    lock_now(order)
    monkeypatch.setattr(breach, "COLLECT_WITHIN", dt.timedelta(0))
    assert ended(order, dealer(), buyer_in_breach=True) == (0, 0)
    assert violations() == {}


def test_the_database_refuses_compensation_that_nobody_owes():
    order = earnest_order()
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(compensation_due=EARNEST)


def test_compensation_is_opened_once_paid_out_once_and_told():
    order = earnest_order()
    accept(order)
    ended(order, dealer())
    assert (request_compensations(), request_compensations()) == (1, 0)
    owed = Compensation.objects.get()
    assert (owed.amount, owed.status) == (EARNEST, "due")
    actor = Actor(ActorKind.STAFF, user_id=make_staff("finance").pk)
    pay_out_compensation(owed.pk, actor=actor, note="Transfer 7")
    with pytest.raises(WrongState):
        pay_out_compensation(owed.pk, actor=actor, note="Transfer 8")
    owed.refresh_from_db()
    assert (owed.status, owed.note) == ("paid", "Transfer 7")
    assert [event.name for event in order.events][-1] == "compensated"
    told = Delivery.objects.about(order).filter(topic__endswith="compensation_paid")
    assert told.count() == 1


@pytest.mark.parametrize("wrong", [0, Decimal("9999.99")])
def test_check_integrity_sees_a_compensation_that_is_not_what_is_due(wrong):
    order = earnest_order()
    accept(order)
    ended(order, dealer())
    request_compensations()
    assert violations() == {}
    Order.objects.update(compensation_due=wrong)
    assert violations() == {
        "Compensations that are not what the seller's breach costs": 1,
        "Compensations that differ from what their order owes": 1,
    }


def test_check_integrity_sees_a_compensation_for_a_buyer_who_just_left():
    order = earnest_order()
    ended(order, Actor.buyer(order.buyer))
    Order.objects.update(compensation_due=EARNEST)
    assert violations() == {"Compensations that are not what the seller's breach costs": 1}


def test_check_integrity_sees_a_compensation_that_nobody_opened():
    order = earnest_order()
    accept(order)
    ended(order, dealer())
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=11)):
        assert "Compensations owed and not opened for ten minutes" in violations()


def test_goodwill_gives_everything_back_and_owes_nothing():
    order = earnest_order()
    accept(order)
    lock_now(order)
    staff = Actor(ActorKind.STAFF, label="Staff")
    assert ended(order, staff, as_goodwill=True, reason="Moves abroad, agreed by phone") == (EARNEST, 0)
    event = order.events.filter(to_status="cancelled").get()
    assert (event.reason, event.data["goodwill"]) == ("Moves abroad, agreed by phone", True)
    request_compensations()
    assert not Compensation.objects.exists()
    assert violations() == {}


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (ActorKind.STAFF, {"reason": "  "}),
        (ActorKind.STAFF, {"reason": "x", "buyer_in_breach": True}),
        (ActorKind.DEALER, {"reason": "x"}),
        (ActorKind.DEALER_SYSTEM, {"reason": "x"}),
        (ActorKind.BUYER, {"reason": "x"}),
    ],
)
def test_goodwill_is_of_staff_and_has_a_reason(kind, more):
    order = earnest_order()
    accept(order)
    with pytest.raises(exceptions.GoodwillRefused):
        cancel_order(order.pk, actor=Actor(kind, label="A"), as_goodwill=True, **more)
    order.refresh_from_db()
    assert order.status == "accepted"


def test_a_seller_who_ends_it_without_goodwill_and_owes_nothing_is_found():
    order = earnest_order()
    accept(order)
    assert ended(order, dealer()) == (EARNEST, EARNEST)
    Order.objects.filter(pk=order.pk).update(compensation_due=0)
    assert len(violations()) == 1
