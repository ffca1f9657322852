"""Refund and compensation for any deposit, sum and side: to the cent, and nothing comes from nowhere."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_DOWN, Decimal

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from o2o_platform.journal.models import ActorKind
from orders.models import Order
from orders.services import ending

CENT = Decimal("0.01")
SELLERS = (ActorKind.DEALER, ActorKind.DEALER_SYSTEM, ActorKind.STAFF)
cents = st.integers(1, 10**9).map(lambda number: Decimal(number) * CENT)


@st.composite
def agreed_orders(draw: st.DrawFn) -> Order:
    """Accepted or later, so that nothing has to be asked of the database."""
    total = draw(cents)
    kind = draw(st.sampled_from(["refundable", "earnest"]))
    most = (total / 5).quantize(CENT, ROUND_DOWN) if kind == "earnest" else total
    deposit = min(most, draw(cents))
    paid = draw(st.sampled_from([Decimal(0), deposit, total]))
    locked = draw(st.booleans())
    return Order(
        status=draw(st.sampled_from(["accepted", "ready", "paid"])),
        contract_total=total,
        deposit_kind=kind,
        deposit_amount=deposit,
        paid_total=paid,
        breach_factor=draw(st.integers(100, 400)) * CENT,
        withdrawal_days=draw(st.sampled_from([0, 14])),
        refundable_until=timezone.now() + dt.timedelta(hours=-1 if locked else 1),
    )


def quote(order: Order, by: ActorKind) -> ending.RefundQuote:
    return ending.refund_quote(order, by=by)


@given(order=agreed_orders(), by=st.sampled_from([ActorKind.BUYER, *SELLERS, ActorKind.SYSTEM]))
def test_what_is_kept_and_what_comes_back_is_what_was_paid(order, by):
    told = quote(order, by)
    kept = order.paid_total - told.amount
    earnest = min(order.deposit_amount, order.paid_total) if order.deposit_kind == "earnest" else 0
    assert kept in (0, earnest)
    assert told.amount == told.amount.quantize(CENT)
    if kept:
        assert by == ActorKind.BUYER
        assert not order.withdrawal_days
        assert order.refundable_until <= timezone.now()


@given(order=agreed_orders(), by=st.sampled_from([ActorKind.BUYER, *SELLERS, ActorKind.SYSTEM]))
def test_compensation_is_the_factor_less_one_and_only_the_sellers(order, by):
    told = quote(order, by)
    owes = by in SELLERS and order.deposit_kind == "earnest"
    earnest = min(order.deposit_amount, order.paid_total)
    due = (earnest * (order.breach_factor - 1)).quantize(CENT, ROUND_DOWN) if owes else 0
    assert told.compensation == due
    assert not told.compensation or told.amount == order.paid_total


@given(order=agreed_orders())
def test_a_seller_who_pays_double_pays_twice_the_earnest_money(order):
    order.breach_factor, order.deposit_kind = Decimal(2), "earnest"
    earnest = min(order.deposit_amount, order.paid_total)
    told = quote(order, ActorKind.DEALER)
    assert told.amount + told.compensation == order.paid_total + earnest
