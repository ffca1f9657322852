"""Whatever is done to direct orders in whatever sequence: no invariant of check_integrity breaks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.models import StockUnit
from orders.models import DirectSale, Order
from orders.services import cancel_order, direct, mark_ready, withdraw_order
from payments.services import pay_by_loan, start_balance
from tests.direct import sales
from tests.festival.builders import make_campaign, make_quota
from tests.walks.walker import EDGES, Walker, take_walks

pytestmark = pytest.mark.django_db
REFUNDABLE = {"deposit_kind": "refundable", "rule": {}, "in_campaign": False}
# Earnest money, which a seller in breach pays back double.
EARNEST = REFUNDABLE | {"deposit_kind": "earnest", "rule": {"breach_factor": 2}}
# Fourteen days to withdraw, without any kilometre being charged for.
WITHDRAWABLE = EARNEST | {"rule": {"withdrawal_days": 14, "withdrawal_notice": {"en": "You may withdraw."}}}
IN_CAMPAIGN = REFUNDABLE | {"in_campaign": True}
CASES = (REFUNDABLE, EARNEST, WITHDRAWABLE, IN_CAMPAIGN)


class DirectWalker(Walker):
    """What buyer, staff and time do with an order without a dealership."""

    STEPS = (
        *Walker.STEPS,
        *("submit", "verify", "refuse", "ready", "begin_part", "part", "rest", "rest_twice", "ask_loan", "approve"),
        *("decline", "loan", "address", "window", "move", "wrong_code", "deliver", "withdraw", "ask_return"),
        *("take_back", "take_back_unused", "rival", "rivals_leave"),
    )
    TO_READY = ("deposit", "submit", "verify", "ready")
    TO_DOOR = (*TO_READY, "part", "rest", "address", "window", "deliver")
    ROADS = (
        (*TO_DOOR, "ask_return", "take_back"),
        ("begin_deposit", "expire", "settle_all", "submit", "refuse", "submit", "verify", "cancel"),
        ("begin_deposit", "expire", "rival", "settle_all"),
        ("submit", "verify", "deposit", "lock_now", "ready", "begin_part", "rest", "settle_all", "cancel"),
        (*TO_READY, "ask_loan", "approve", "loan", "part", "part", "loan", "address", "window", "move", "deliver"),
        (*TO_READY, "ask_loan", "decline", "lock_now", "cancel"),
        (*TO_READY, "rest_twice", "cancel_by_staff", "compensations"),
        (*TO_DOOR, "withdraw", "ask_return", "take_back_unused"),
        ("deposit", "address", "window", "cancel"),
        ("begin_deposit", "wrong_sum", "cancel"),
    )

    def __init__(self, case: dict) -> None:
        sales.make_rule(**case["rule"])
        self.unit = sales.make_direct_unit(offer={"deposit_kind": case["deposit_kind"]})
        self.windows = [sales.make_window(days, capacity=1).pk for days in (3, 4)]
        self.plan_id = sales.make_plan().pk
        self.rivals: list[Order] = []
        self.campaign = make_campaign(self.unit.trim, total=1) if case["in_campaign"] else None
        if self.campaign is not None:
            make_quota(self.campaign, 1, city=sales.make_city())
        super().__init__(self.order_online(self.unit))

    def order_online(self, unit: StockUnit) -> Order:
        named = {} if self.campaign is None else {"campaign_id": self.campaign.pk}
        return sales.place(unit, city_id=sales.make_city().pk, **named)

    def submit(self) -> None:
        direct.submit_identity(self.order.pk, name="Li Lei", number="E1234567", actor=self.buyer)

    def verify(self) -> None:
        direct.verify_identity(self.order.pk, actor=self.staff)

    def refuse(self) -> None:
        direct.refuse_identity(self.order.pk, actor=self.staff, reason="Another name")

    def ready(self) -> None:
        mark_ready(self.order.pk, actor=self.staff)

    def balance(self, amount: Decimal):
        return start_balance(self.order.pk, amount=amount, idempotency_key=self.new_key())

    def begin_part(self) -> None:
        """Begun and not settled: it may arrive after the order has gone on."""
        self.balance(Decimal("33333.33"))

    def part(self) -> None:
        self.charge(self.balance(Decimal("33333.33")))

    def rest(self) -> None:
        self.charge(self.balance(self.order.balance_due))

    def rest_twice(self) -> None:
        for payment in [self.balance(self.order.balance_due) for _ in range(2)]:
            self.charge(payment)

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

    def hand_over(self, code: str) -> None:
        direct.deliver(self.order.pk, actor=self.staff, code=code, odometer_km=10, signed_name="Li Lei")

    def wrong_code(self) -> None:
        self.hand_over("x")

    def deliver(self) -> None:
        self.hand_over(self.order.handover_code)

    def withdraw(self) -> None:
        withdraw_order(self.order.pk, actor=self.buyer)

    def ask_return(self) -> None:
        refund = direct.quote_return(DirectSale.objects.get(order=self.order), odometer_km=600).refund
        direct.ask_return(self.order.pk, odometer_km=600, expected_refund=refund, actor=self.buyer)

    def take_back(self) -> None:
        direct.record_return(self.order.pk, odometer_km=611, actor=self.staff)

    def take_back_unused(self) -> None:
        direct.record_return(self.order.pk, odometer_km=10, actor=self.staff)

    def rival(self) -> None:
        """Somebody else orders the car while it is free, and chooses the time the buyer had in mind."""
        if StockUnit.objects.available().filter(pk=self.unit.pk).exists():
            self.rivals.append(self.order_online(self.unit))

    def rivals_leave(self) -> None:
        for rival in self.rivals:
            cancel_order(rival.pk, actor=self.staff)


BY_BUYER = {(before, "cancelled", "buyer") for before in ("placed", "reserved", "accepted", "ready", "paid")}
EVENTS = {
    *("placed", "reserved", "identity_submitted", "identity_verified", "identity_refused", "accepted", "ready"),
    *("balance_part", "paid", "address_set", "delivery_chosen", "loan_asked", "loan_approved", "loan_declined"),
    *("delivered", "return_asked", "returned", "expired", "revived", "money_returned", "other_sum_returned"),
    *("cancelled", "refunded", "compensated"),
}


def test_no_walk_breaks_an_invariant():
    cases = [EARNEST, REFUNDABLE, IN_CAMPAIGN, EARNEST, WITHDRAWABLE, EARNEST, EARNEST, WITHDRAWABLE, *CASES]
    surely = [*zip(cases, DirectWalker.ROADS, strict=False)]
    reached = take_walks(DirectWalker, cases=CASES, surely=surely, steps=DirectWalker.STEPS, examples=10)
    assert EDGES - reached.edges == set()
    assert (BY_BUYER | {("paid", "cancelled", "staff")}) - reached.by == set()
    assert EVENTS - reached.events == set()
    assert reached.is_money_kept
