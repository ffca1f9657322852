"""Two who end, hand over or pay out the same order at the same moment: one of them decides, once."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import WrongState
from o2o_platform.operations.integrity import run_checks
from orders import exceptions
from orders.models import Order
from orders.services import accept_order, cancel_order, hand_over, mark_ready, withdraw_order
from payments.models import Compensation, Refund
from payments.services import (
    pay_out_compensation,
    record_balance,
    request_compensations,
    request_refunds,
    submit_refunds,
)
from tests.concurrency.racing import race
from tests.concurrency.test_money import write_without_looking
from tests.factories import make_member, make_offer, make_order, make_staff, make_trim, make_unit
from tests.orders.pages import pay_deposit

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6
EARNEST = Decimal("10000.00")


def read_slowly(model, **lookup):
    """What taking the lock looks like without it: both read before either writes."""
    row = model._default_manager.get(**lookup)
    time.sleep(0.05)
    return row


def accepted_order(**law: Any) -> Order:
    """With earnest money that a seller in breach pays back double; `law` is what else was frozen on it."""
    trim = make_trim()
    make_offer(trim, deposit_kind="earnest", deposit_amount=EARNEST)
    order = make_order(make_unit(trim))
    pay_deposit(order)
    Order.objects.filter(pk=order.pk).update(**{"breach_factor": 2} | law)
    accept_order(order.pk, dealership=order.dealership, actor=dealer_of(order))
    order.refresh_from_db()
    return order


def paid_order() -> Order:
    """Bought at a distance: its buyer may withdraw until it is handed over, and for 14 days after."""
    order = accepted_order(withdrawal_days=14, notice_language="en")
    mark_ready(order.pk, actor=dealer_of(order))
    key = f"rest-{order.pk}"
    record_balance(order.pk, method="card", amount=order.balance_due, actor=dealer_of(order), idempotency_key=key)
    return order


def dealer_of(order: Order) -> Actor:
    return Actor.dealer(make_member(order.dealership))


def staff() -> Actor:
    return Actor.staff(make_staff("finance"))


def names_of(order: Order) -> list[str]:
    order.refresh_from_db()
    return [event.name for event in order.events]


def assert_whole() -> None:
    assert [finding for finding in run_checks() if finding.violations] == []


def owed() -> tuple[Order, Compensation]:
    order = accepted_order()
    cancel_order(order.pk, actor=dealer_of(order))
    request_compensations()
    return order, Compensation.objects.get(order=order)


# Compensation.


def test_a_job_that_runs_four_times_at_once_opens_a_compensation_once():
    orders = [accepted_order() for _ in range(3)]
    for order in orders:
        cancel_order(order.pk, actor=dealer_of(order))
    outcomes = race([request_compensations] * 4)
    assert all(isinstance(outcome, int) for outcome in outcomes), outcomes
    assert sum(outcomes) == Compensation.objects.count() == 3
    assert_whole()


def test_control_without_the_lock_the_database_has_to_refuse_a_second_one(monkeypatch):
    order = accepted_order()
    cancel_order(order.pk, actor=dealer_of(order))
    monkeypatch.setattr("payments.services.compensating.lock", read_slowly)
    monkeypatch.setattr(Compensation.objects, "filter", lambda **_: slow_none())
    outcomes = race([request_compensations] * 4)
    assert any(isinstance(outcome, IntegrityError) for outcome in outcomes), outcomes


def slow_none():
    """Whether there is one already, answered before anybody wrote."""
    time.sleep(0.05)
    return Compensation.objects.none()


def test_two_of_finance_pay_a_compensation_out_once():
    for _ in range(ROUNDS):
        order, compensation = owed()
        payers = [staff(), staff()]
        outcomes = race(
            [
                lambda actor=actor, pk=compensation.pk: pay_out_compensation(pk, actor=actor, note="Transfer")
                for actor in payers
            ]
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Compensation", "WrongState"]
        assert names_of(order).count("compensated") == 1
    assert_whole()


def test_control_without_the_condition_it_is_paid_out_twice(monkeypatch):
    monkeypatch.setattr("payments.services.compensating.transition", write_without_looking)
    order, compensation = owed()
    payers = [staff(), staff()]
    race([lambda actor=actor: pay_out_compensation(compensation.pk, actor=actor, note="T") for actor in payers])
    assert names_of(order).count("compensated") == 2


def test_staff_who_end_an_order_at_once_owe_one_compensation_while_the_job_runs():
    for _ in range(ROUNDS):
        order = accepted_order()
        enders = [staff(), staff()]
        outcomes = race(
            [
                *(lambda actor=actor, pk=order.pk: cancel_order(pk, actor=actor, reason="Gone") for actor in enders),
                request_compensations,
                request_compensations,
            ]
        )
        assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)], outcomes
        request_compensations()
        assert names_of(order).count("cancelled") == 1
        assert Compensation.objects.get(order=order).amount == order.compensation_due == EARNEST
    assert_whole()


def test_goodwill_and_breach_at_once_are_one_of_them():
    for _ in range(ROUNDS):
        order = accepted_order()
        kind, firm, pk = staff(), staff(), order.pk
        race(
            [
                lambda actor=kind, pk=pk: cancel_order(pk, actor=actor, reason="Moved away", as_goodwill=True),
                lambda actor=firm, pk=pk: cancel_order(pk, actor=actor, reason="Gone"),
            ]
        )
        ends = [event for event in order.events if event.name == "cancelled"]
        order.refresh_from_db()
        assert len(ends) == 1
        assert order.compensation_due == (0 if ends[0].data.get("goodwill") else EARNEST)
        request_compensations()
    assert_whole()


# The buyer withdraws.


def meet(order: Order) -> tuple[Any, Any]:
    """The buyer withdraws while the dealership hands the car over."""
    buyer, dealer = Actor.buyer(order.buyer), dealer_of(order)
    return tuple(
        race(
            [
                lambda: withdraw_order(order.pk, actor=buyer),
                lambda: hand_over(order.pk, actor=dealer, code=order.handover_code),
            ]
        )
    )


def test_whoever_withdraws_while_the_car_is_handed_over_has_withdrawn():
    for _ in range(ROUNDS):
        order = paid_order()
        withdrawn, handed_over = meet(order)
        order.refresh_from_db()
        assert isinstance(withdrawn, Order), withdrawn
        if isinstance(handed_over, Order):
            assert (order.status, order.withdrawn_at is None) == ("delivered", False)
        else:
            assert isinstance(handed_over, WrongState)
            assert (order.status, order.refund_due) == ("cancelled", order.contract_total)
    assert_whole()


def test_control_without_the_lock_a_buyer_who_may_withdraw_is_refused(monkeypatch):
    for module in ("withdrawing", "ending", "finishing"):
        monkeypatch.setattr(f"orders.services.{module}.lock", read_slowly)
    monkeypatch.setattr("orders.services.withdrawing.may_withdraw", lambda order: time.sleep(0.1) or True)
    outcomes = [meet(paid_order())[0] for _ in range(4)]
    assert any(isinstance(outcome, WrongState) for outcome in outcomes), outcomes


def test_a_withdrawal_and_the_sellers_end_are_one_end():
    for _ in range(ROUNDS):
        order = accepted_order(withdrawal_days=14, notice_language="en")
        buyer, dealer, pk = Actor.buyer(order.buyer), dealer_of(order), order.pk
        withdrawn, ended = race(
            [
                lambda actor=buyer, pk=pk: withdraw_order(pk, actor=actor),
                lambda actor=dealer, pk=pk: cancel_order(pk, actor=actor),
            ]
        )
        names = names_of(order)
        assert isinstance(ended, Order), ended
        assert isinstance(withdrawn, Order | exceptions.NotWithdrawable), withdrawn
        assert (names.count("cancelled"), order.refund_due) == (1, EARNEST)
        by = next(event for event in order.events if event.name == "cancelled").actor_kind
        assert order.compensation_due == (EARNEST if by == "dealer" else 0)
        request_compensations()
    assert_whole()


def test_a_withdrawal_while_refunds_are_sent_is_refunded_once():
    for _ in range(3):
        order = paid_order()
        buyer, pk = Actor.buyer(order.buyer), order.pk
        outcomes = race([lambda actor=buyer, pk=pk: withdraw_order(pk, actor=actor), *[submit_refunds] * 3])
        assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)], outcomes
        submit_refunds()
        order.refresh_from_db()
        assert order.refunded_total == order.refund_due == order.paid_total
        assert sum(r.amount for r in Refund.objects.filter(payment__order=order)) == order.paid_total
    assert_whole()


def test_control_without_the_lock_the_database_has_to_refuse_a_second_refund(monkeypatch):
    monkeypatch.setattr("payments.services.refunding.lock", read_slowly)
    monkeypatch.setattr("payments.services.refunding.record_event", lambda *_, **__: time.sleep(0.05))
    orders = [paid_order() for _ in range(2)]
    for order in orders:
        withdraw_order(order.pk, actor=Actor.buyer(order.buyer))
    outcomes = race([request_refunds] * 4)
    assert any(isinstance(outcome, IntegrityError) for outcome in outcomes), outcomes


def test_a_buyer_and_the_dealership_who_both_end_it_do_so_by_one_rule():
    """After the lock the buyer loses the earnest money, and a seller pays it double: never half of each."""
    for _ in range(ROUNDS):
        order = accepted_order(refundable_until=timezone.now())
        buyer, dealer, pk = Actor.buyer(order.buyer), dealer_of(order), order.pk
        race([lambda actor=actor, pk=pk: cancel_order(pk, actor=actor) for actor in (buyer, dealer)])
        order.refresh_from_db()
        assert (order.refund_due, order.compensation_due) in ((0, 0), (EARNEST, EARNEST))
        request_refunds()
        request_compensations()
    assert_whole()
