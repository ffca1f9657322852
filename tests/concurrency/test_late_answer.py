"""The first dealership accepts late while the buyer agrees to another: one of them has the order, never both."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from o2o_platform.journal.models import SYSTEM, Actor
from orders import exceptions
from orders.integrity import count_availability_mismatches, count_double_claims
from orders.models import Assignment, Claim, Order
from orders.services import accept_order, apply_deposit, give_consent, reassign_overdue
from tests.concurrency.racing import race
from tests.factories import make_dealership, make_order, make_unit

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 25


def asked_order() -> Order:
    """An order whose dealership stayed silent, and whose buyer is asked about another one."""
    order = make_order(make_unit())
    make_unit(order.trim, make_dealership(), colour=order.colour)
    with transaction.atomic():
        apply_deposit(order.pk, amount=order.deposit_amount, actor=SYSTEM)
    Assignment.objects.filter(order=order).update(answer_due_at=timezone.now() - timedelta(seconds=1))
    assert reassign_overdue() == 1
    order.refresh_from_db()
    return order


def meet(order: Order) -> list:
    buyer, first = Actor.buyer(order.buyer), order.dealership
    outcomes = race(
        [
            lambda: give_consent(order.pk, actor=buyer),
            lambda: accept_order(order.pk, dealership=first, actor=SYSTEM),
        ]
    )
    order.refresh_from_db()
    return outcomes


def is_whole(order: Order) -> bool:
    """Whether car, claim, dealership and answer say the same."""
    claim = Claim.objects.get(order=order, released_at__isnull=True)
    is_one_car = claim.stock_unit_id == order.stock_unit_id
    last = order.assignments.filter(answer__in=("", "accepted"))
    return is_one_car and [each.dealership_id for each in last] == [order.dealership_id]


def test_either_the_buyer_agreed_or_the_first_dealership_accepted():
    for _ in range(ROUNDS):
        order = asked_order()
        outcomes = meet(order)
        won = [each for each in outcomes if isinstance(each, Order)]
        lost = [each for each in outcomes if not isinstance(each, Order)]
        assert len(won) == 1, outcomes
        assert isinstance(lost[0], exceptions.NoLongerAsked | exceptions.NothingToAnswer), lost
        assert is_whole(order)
    assert count_double_claims() == count_availability_mismatches() == 0


def read_slowly(model, **lookup):
    """What taking the lock looks like without it: both read before either writes."""
    row = model._default_manager.get(**lookup)
    time.sleep(0.05)
    return row


def test_control_without_the_lock_both_have_it(monkeypatch):
    orders = [asked_order() for _ in range(8)]
    monkeypatch.setattr("orders.services.consent.lock", read_slowly)
    monkeypatch.setattr("orders.services.answering.lock", read_slowly)
    outcomes = [meet(order) for order in orders]
    both = [all(isinstance(each, Order) for each in pair) for pair in outcomes]
    assert any(both) or not all(is_whole(order) for order in orders), outcomes
