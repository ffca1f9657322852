"""An order through a dealership: sold by it or by the maker, online or in the showroom, in a campaign or not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from unittest import mock

from catalog.models import StockUnit
from dealers.models import Dealership
from o2o_platform.journal.models import Actor
from o2o_platform.markets.models import City, Market
from orders.models import Assignment, Order, SaleRule
from orders.services import (
    accept_order,
    acknowledge_order,
    breach,
    cancel_order,
    choose_alternative,
    decline_order,
    give_consent,
    hand_over,
    lapse_consents,
    mark_ready,
    nearest_equal_units,
    reassign_overdue,
    remind_silent,
    sell_offline,
    take_car_back,
    wait_for_dealership,
    withdraw_order,
)
from payments.services import record_balance, redeem_voucher, refund_run_out, refund_voucher
from tests import factories
from tests.festival.builders import make_campaign, make_quota
from tests.vouchers.building import make_paid_voucher, make_voucher_offer, run_out
from tests.walks.walker import Walker

LONG_AGO = (dt.date(2010, 1, 1), None)
DEPOSIT = Decimal("10000.00")


@dataclass(frozen=True)
class Case:
    """Where and how the car is sold. `gives_back`: distance contracts can be withdrawn from for 14 days."""

    sales_model: str = "dealer"
    deposit_kind: str = "refundable"
    market: str = "CN"
    breach_factor: str = "1"
    gives_back: bool = False
    in_campaign: bool = False
    is_walk_in: bool = False


class House:
    """Two dealerships with an equal car each, and the rules of the case."""

    def __init__(self, case: Case) -> None:
        self.case, self.market = case, factories.make_market(case.market)
        self.brand = factories.make_brand()
        factories.make_terms(self.market)
        SaleRule.objects.create(
            market=self.market,
            validity=LONG_AGO,
            breach_factor=Decimal(case.breach_factor),
            withdrawal_days=14 if case.gives_back else 0,
            withdrawal_notice={"en": "You may withdraw within 14 days."} if case.gives_back else {},
            source="test",
        )
        self.trim = factories.make_trim()
        fee = Decimal("1200.00") if case.sales_model == "agency" else Decimal(0)
        factories.make_offer(
            self.trim,
            market=self.market,
            sales_model=case.sales_model,
            deposit_kind=case.deposit_kind,
            deposit_amount=DEPOSIT,
            handover_fee=fee,
        )
        self.places = [self.make_place(), self.make_place()]
        self.units = [factories.make_unit(self.trim, place, market=self.market) for place in self.places]
        self.campaign = self.make_campaign() if case.in_campaign else None

    def make_place(self) -> Dealership:
        city = city_of(self.market)
        place = factories.make_dealership(market=self.market, city=city, brands=[self.brand])
        place.advisor = Actor.dealer(factories.make_member(place))
        return place

    def make_campaign(self):
        campaign = make_campaign(
            self.trim, market=self.market, total=2, limit_per_person=1, is_stackable=True, steps={1: "1000"}
        )
        make_quota(campaign, 2, trim=self.trim)
        return campaign

    def order_online(self, unit: StockUnit) -> Order:
        named = {} if self.campaign is None else {"campaign_id": self.campaign.pk, "address": "203.0.113.9"}
        return factories.make_order(unit, **named)

    def sell(self, unit: StockUnit) -> Order:
        buyer, place = factories.make_buyer(), next(p for p in self.places if p.pk == unit.dealership_id)
        return sell_offline(
            unit_id=unit.pk, dealership_id=place.pk, buyer=buyer, buyer_name=buyer.name, actor=place.advisor
        )


def city_of(market: Market) -> City:
    return factories.make_city(f"city-{market.pk.lower()}", market=market)


class HouseWalker(Walker):
    """What buyer, dealerships, staff and time do with it."""

    STEPS = (
        *Walker.STEPS,
        *("acknowledge", "accept", "accept_elsewhere", "decline", "decline_sold", "remind", "silence"),
        *("consent", "wait", "lapse", "alternative", "ready", "part", "rest", "too_much", "half_a_cent"),
        *("voucher", "voucher_back", "voucher_runs_out", "wrong_code", "hand_over"),
        *("cancel_by_dealer", "blame", "withdraw", "take_back", "rival", "rival_pays", "walk_in", "rivals_leave"),
    )
    SALE = ("deposit", "accept", "ready", "rest", "hand_over")
    ROADS = (
        SALE,
        ("deposit", "acknowledge", "accept", "ready", "part", "voucher", "rest", "hand_over"),
        ("begin_deposit", "expire", "settle_all", "accept", "ready", "rest", "cancel_by_dealer"),
        ("begin_deposit", "expire", "rival", "rival", "settle_all", "notice_again"),
        ("begin_deposit", "wrong_sum", "cancel", "settle_all"),
        ("deposit", "lock_now", "decline_sold", "alternative", "accept", "ready", "rest", "cancel"),
        ("deposit", "lock_now", "decline", "cancel"),
        ("deposit", "remind", "silence", "consent", "accept", "ready", "part", "cancel_by_staff"),
        ("deposit", "silence", "accept", "lock_now", "ready", "cancel"),
        ("deposit", "silence", "wait", "accept", "cancel_by_dealer", "compensations"),
        ("deposit", "silence", "lapse", "cancel"),
        ("rival", "deposit", "silence", "accept", "lock_now", "ready", "blame"),
        ("deposit", "accept", "ready", "part", "voucher", "cancel", "refunds", "voucher_back"),
        ("deposit", "accept", "cancel"),
        ("deposit", "accept", "lock_now", "goodwill", "refunds", "compensations"),
    )
    WITHDRAWN = (*SALE, "withdraw", "take_back")
    WALK_IN = ("ready", "part", "rest", "hand_over")

    def __init__(self, case: Case) -> None:
        self.house = House(case)
        unit = self.house.units[0]
        super().__init__(self.house.sell(unit) if case.is_walk_in else self.house.order_online(unit))
        offer = make_voucher_offer(market=self.house.market)
        self.own_voucher = make_paid_voucher(self.order.buyer, offer)
        self.rivals: list[Order] = []

    @property
    def dealer(self) -> Actor:
        return self.asked().advisor

    def asked(self) -> Dealership:
        """Whose answer is awaited, else whose order it is."""
        open_offer = self.order.assignment
        wanted = self.order.dealership_id if open_offer is None else open_offer.dealership_id
        return next(place for place in self.house.places if place.pk == wanted)

    def other_place(self) -> Dealership:
        return next(place for place in self.house.places if place != self.asked())

    def acknowledge(self) -> None:
        acknowledge_order(self.order.pk, dealership=self.asked(), actor=self.dealer)

    def accept(self) -> None:
        accept_order(self.order.pk, dealership=self.asked(), actor=self.dealer)

    def accept_elsewhere(self) -> None:
        place = self.other_place()
        accept_order(self.order.pk, dealership=place, actor=place.advisor)

    def decline(self) -> None:
        decline_order(self.order.pk, dealership=self.asked(), actor=self.dealer, reason_code="other")

    def decline_sold(self) -> None:
        decline_order(self.order.pk, dealership=self.asked(), actor=self.dealer, reason_code="sold")

    def remind(self) -> None:
        self._offers().update(offered_at=self.order.placed_at - dt.timedelta(days=30))
        remind_silent()

    def silence(self) -> None:
        self._offers().update(answer_due_at=self.order.placed_at)
        reassign_overdue()

    def _offers(self):
        return Assignment.objects.offered().filter(order=self.order)

    def consent(self) -> None:
        give_consent(self.order.pk, actor=self.buyer)

    def wait(self) -> None:
        wait_for_dealership(self.order.pk, actor=self.buyer)

    def lapse(self) -> None:
        Assignment.objects.pending_consent().filter(order=self.order).update(consent_due_at=self.order.placed_at)
        lapse_consents()

    def alternative(self) -> None:
        for unit, _km in nearest_equal_units(self.order)[:1]:
            choose_alternative(self.order.pk, unit_id=unit.pk, actor=self.buyer)

    def ready(self) -> None:
        mark_ready(self.order.pk, actor=self.dealer)

    def pay(self, amount: Decimal) -> None:
        record_balance(self.order.pk, method="card", amount=amount, actor=self.dealer, idempotency_key=self.new_key())

    def part(self) -> None:
        self.pay(Decimal("33333.33"))

    def rest(self) -> None:
        self.pay(self.order.balance_due)

    def too_much(self) -> None:
        self.pay(self.order.balance_due + Decimal("0.01"))

    def half_a_cent(self) -> None:
        self.pay(Decimal("100.005"))

    def voucher(self) -> None:
        redeem_voucher(self.own_voucher.code, order_id=self.order.pk, actor=self.dealer)

    def voucher_back(self) -> None:
        refund_voucher(self.own_voucher.pk, actor=self.buyer)

    def voucher_runs_out(self) -> None:
        run_out(self.own_voucher)
        refund_run_out()

    def wrong_code(self) -> None:
        hand_over(self.order.pk, actor=self.dealer, code="x")

    def hand_over(self) -> None:
        hand_over(self.order.pk, actor=self.dealer, code=self.order.handover_code)

    def cancel_by_dealer(self) -> None:
        cancel_order(self.order.pk, actor=self.dealer, reason="The dealership")

    def blame(self) -> None:
        """The car stood ready for two weeks, unpaid."""
        with mock.patch.object(breach, "COLLECT_WITHIN", dt.timedelta(0)):
            cancel_order(self.order.pk, actor=self.dealer, buyer_in_breach=True)

    def withdraw(self) -> None:
        withdraw_order(self.order.pk, actor=self.buyer)

    def take_back(self) -> None:
        take_car_back(self.order.pk, actor=self.dealer)

    def _free(self) -> StockUnit | None:
        return StockUnit.objects.available().filter(trim=self.house.trim).order_by("pk").first()

    def rival(self) -> None:
        """Somebody else orders a car that is free."""
        if unit := self._free():
            self.rivals.append(self.house.order_online(unit))

    def rival_pays(self) -> None:
        for rival in self.rivals[-1:]:
            mine, self.order = self.order, Order.objects.get(pk=rival.pk)
            try:
                self.deposit()
            finally:
                self.order = mine

    def walk_in(self) -> None:
        if unit := self._free():
            self.rivals.append(self.house.sell(unit))

    def rivals_leave(self) -> None:
        for rival in self.rivals:
            cancel_order(rival.pk, actor=self.staff)

    def finish(self) -> None:
        refund_run_out()
        super().finish()
