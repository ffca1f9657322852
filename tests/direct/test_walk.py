"""Whatever is done to direct orders in whatever sequence: no invariant of check_integrity breaks."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import WrongState
from orders.exceptions import OrderError
from orders.models import DeliveryWindow, DirectSale, Order, SaleRule
from orders.services import cancel_order, direct, expire_holds, mark_ready
from payments.models import Payment
from payments.services import pay_by_loan, start_balance, start_deposit, submit_refunds
from tests.direct import sales
from tests.direct.test_flow import violations

pytestmark = pytest.mark.django_db
STEPS = (
    *("deposit", "submit", "verify", "refuse", "ready", "part", "rest", "address", "window", "move", "ask_loan"),
    *("approve", "decline", "loan", "deliver", "ask_return", "take_back", "cancel", "expire", "refunds", "settle_all"),
)
# Walks that begin along the road reach its end; free ones try the rest.
ROAD = ("deposit", "submit", "verify", "ready", "rest", "address", "window", "deliver", "ask_return", "take_back")


class Walker:
    """One order, and everything anybody may try with it."""

    def __init__(self, windows: list[int], plan_id: int) -> None:
        self.order = sales.place()
        self.windows, self.plan_id, self.number = windows, plan_id, 0
        self.buyer, self.staff = Actor.buyer(self.order.buyer), sales.staff()

    def go(self, step: str) -> None:
        self.order = Order.objects.get(pk=self.order.pk)
        self.number += 1
        try:
            getattr(self, step)()
        except (OrderError, WrongState):
            return

    def deposit(self) -> None:
        sales.settle(start_deposit(self.order.pk, idempotency_key=f"deposit-{self.order.pk}-{self.number}"))

    def submit(self) -> None:
        direct.submit_identity(self.order.pk, name="Li Lei", number="E1234567", actor=self.buyer)

    def verify(self) -> None:
        direct.verify_identity(self.order.pk, actor=self.staff)

    def refuse(self) -> None:
        direct.refuse_identity(self.order.pk, actor=self.staff, reason="Another name")

    def ready(self) -> None:
        mark_ready(self.order.pk, actor=self.staff)

    def pay(self, amount: Decimal) -> None:
        sales.settle(start_balance(self.order.pk, amount=amount, idempotency_key=f"b-{self.order.pk}-{self.number}"))

    def part(self) -> None:
        """Begun and not settled: it may arrive after the order has gone on."""
        start_balance(self.order.pk, amount=Decimal("33333.33"), idempotency_key=f"p-{self.order.pk}-{self.number}")

    def rest(self) -> None:
        self.pay(self.order.balance_due)

    def settle_all(self) -> None:
        for payment in Payment.objects.pending().filter(order=self.order):
            sales.settle(payment)

    def address(self) -> None:
        city = sales.make_city()
        direct.set_address(self.order.pk, line="A 1", postcode="071000", city=city, actor=self.buyer)

    def window(self) -> None:
        direct.choose_window(self.order.pk, window_id=self.windows[0], actor=self.buyer)

    def move(self) -> None:
        direct.choose_window(self.order.pk, window_id=self.windows[1], actor=self.buyer)

    def ask_loan(self) -> None:
        direct.ask_loan(self.order.pk, plan_id=self.plan_id, actor=self.buyer)

    def approve(self) -> None:
        direct.answer_loan(self.order.pk, is_approved=True, actor=self.staff)

    def decline(self) -> None:
        direct.answer_loan(self.order.pk, is_approved=False, actor=self.staff, reason="Income")

    def loan(self) -> None:
        pay_by_loan(self.order.pk, actor=self.staff)

    def deliver(self) -> None:
        code = self.order.handover_code
        direct.deliver(self.order.pk, actor=self.staff, code=code, odometer_km=10, signed_name="Li Lei")

    def ask_return(self) -> None:
        refund = direct.quote_return(DirectSale.objects.get(order=self.order), odometer_km=600).refund
        direct.ask_return(self.order.pk, odometer_km=600, expected_refund=refund, actor=self.buyer)

    def take_back(self) -> None:
        direct.record_return(self.order.pk, odometer_km=611, actor=self.staff)

    def cancel(self) -> None:
        cancel_order(self.order.pk, actor=self.buyer)

    def expire(self) -> None:
        Order.objects.filter(pk=self.order.pk, status="placed").update(hold_expires_at=self.order.placed_at)
        expire_holds()

    def refunds(self) -> None:
        submit_refunds()


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(road=st.integers(0, len(ROAD)), steps=st.lists(st.sampled_from(STEPS), max_size=10))
def test_no_walk_breaks_an_invariant(road, steps):
    windows = list(DeliveryWindow.objects.all()) or [sales.make_window(days, capacity=1) for days in (3, 4)]
    if not SaleRule.objects.exists():
        sales.make_rule()
    walker = Walker([window.pk for window in windows], sales.make_plan().pk)
    for step in (*ROAD[:road], *steps):
        walker.go(step)
        assert violations() == {}, step
