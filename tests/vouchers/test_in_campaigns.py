"""Early-bird steps, the campaign's and the dealership's discount, VAT and a voucher: one price, to the cent."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import PriceRule, StockUnit
from o2o_platform.journal.models import SYSTEM
from orders.models import Order
from orders.services import accept_order, cancel_order, mark_ready
from orders.voucher_errors import VoucherNotDue, VoucherNotStackable
from payments.models import Payment, Refund
from payments.services import pay_out_refund, record_balance, redeem_voucher, submit_refunds
from tests.factories import (
    make_city,
    make_dealership,
    make_market,
    make_offer,
    make_order,
    make_rule,
    make_terms,
    make_trim,
    make_unit,
)
from tests.festival.builders import assert_counts_fit, make_campaign
from tests.orders.pages import pay_deposit
from tests.vouchers.building import make_paid_voucher, make_voucher_offer
from tests.vouchers.test_arithmetic import assert_whole

pytestmark = pytest.mark.django_db
CENT = Decimal("0.01")
VAT = {"CN": Decimal("0.13"), "DE": Decimal("0.19"), "PL": Decimal("0.23")}
BUYERS = 3


def sums(least: int, most: int) -> st.SearchStrategy[Decimal]:
    """In whole cents."""
    return st.integers(least * 100, most * 100).map(lambda cents: Decimal(cents) / 100)


class Sale:
    """Three buyers in a campaign whose first places give more."""

    def __init__(self, market: str, list_price: Decimal, own: Decimal, off: Decimal, *, stacks: bool) -> None:
        self.market, self.list_price, self.own, self.off, self.stacks = market, list_price, own, off, stacks
        row = make_market(market)
        make_rule(PriceRule.Kind.VAT, market=row, rate=VAT[market], is_included=True)
        make_terms(row)
        self.trim = make_trim()
        make_offer(self.trim, market=row, list_price=list_price)
        self.place = make_dealership(market=row, city=make_city(f"city-{market.lower()}", market=row))

    def order_all(self, bird: Decimal, places: int) -> list[Order]:
        market = self.place.market
        campaign = make_campaign(
            self.trim,
            market=market,
            discount=str(self.off),
            total=BUYERS,
            steps={places: str(bird)},
            is_stackable=self.stacks,
        )
        units = [make_unit(self.trim, self.place, market=market, discount=self.own) for _ in range(BUYERS)]
        return [make_order(unit, campaign_id=campaign.pk) for unit in units]

    def price(self, bird: Decimal) -> Decimal:
        """Counted by hand: the sum of both discounts, or the higher, and a cent is left of the car."""
        off = self.off + bird
        return max(self.list_price - (self.own + off if self.stacks else max(self.own, off)), CENT)


def lines_of(order: Order) -> dict[str, Decimal]:
    return {line["kind"]: Decimal(line["amount"]) for line in order.price_lines}


def make_ready(order: Order) -> None:
    pay_deposit(order)
    accept_order(order.pk, dealership=order.dealership, actor=SYSTEM)
    mark_ready(order.pk, actor=SYSTEM)
    order.refresh_from_db()


def spend(order: Order, worth: Decimal, *, stacks: bool) -> Decimal:
    """What a voucher of this worth pays of the order."""
    offer = make_voucher_offer(market=order.market, price=CENT, worth=worth)
    voucher, due = make_paid_voucher(order.buyer, offer), order.balance_due
    try:
        amount = redeem_voucher(voucher.code, order_id=order.pk, actor=SYSTEM).amount
    except VoucherNotStackable:
        assert not stacks
        return Decimal(0)
    except VoucherNotDue:
        assert not due
        return Decimal(0)
    assert stacks
    assert amount == min(worth, due)
    return amount


def refunded(order: Order, *, by_voucher: bool) -> Decimal:
    rows = Refund.objects.filter(payment__order=order, status="succeeded")
    rows = rows.filter(payment__method="voucher") if by_voucher else rows.exclude(payment__method="voucher")
    return sum((refund.amount for refund in rows), Decimal(0))


@settings(max_examples=8, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(
    market=st.sampled_from(list(VAT)),
    list_price=sums(2_000, 900_000),
    own_share=st.sampled_from([0, 1, 7, 30]),
    off=st.one_of(sums(1, 50_000), sums(1, 1_000_000)),
    bird=sums(1, 20_000),
    places=st.integers(1, BUYERS - 1),
    stacks=st.booleans(),
    worth=st.one_of(sums(1, 2_000), sums(1, 2_000_000)),
    which=st.integers(0, BUYERS - 1),
)
def test_price_vat_voucher_and_refund_fit(market, list_price, own_share, off, bird, places, stacks, worth, which):
    with transaction.atomic():
        own = (list_price * own_share / 100).quantize(CENT)
        sale = Sale(market, list_price, own, off, stacks=stacks)
        orders = sale.order_all(bird, places)
        for number, order in enumerate(orders, start=1):
            total = sale.price(bird if number <= places else Decimal(0))
            net = (total / (1 + VAT[market])).quantize(CENT, ROUND_HALF_UP)
            lines = lines_of(order)
            assert (order.contract_total, lines["net"], lines["vat"]) == (total, net, total - net)
        assert_paid_and_back(orders[which], worth, stacks=stacks)
        assert_counts_fit()
        assert StockUnit.objects.available().count() == 1
        transaction.set_rollback(True)


def assert_paid_and_back(order: Order, worth: Decimal, *, stacks: bool) -> None:
    """Paid with deposit, voucher and cash, then cancelled: each goes back as what it was."""
    frozen = (order.contract_total, order.price_lines)
    make_ready(order)
    voucher = spend(order, worth, stacks=stacks)
    order.refresh_from_db()
    if order.balance_due:
        record_balance(
            order.pk, method="cash", amount=order.balance_due, actor=SYSTEM, idempotency_key=f"rest-{order.pk}"
        )
    order.refresh_from_db()
    assert (order.contract_total, order.price_lines) == frozen
    assert (order.status, order.paid_total) == ("paid", order.contract_total)
    cancel_order(order.pk, actor=SYSTEM)
    submit_refunds()
    for refund in Refund.objects.filter(status="requested").exclude(payment__method=Payment.Method.ONLINE):
        pay_out_refund(refund.pk, actor=SYSTEM)
    assert refunded(order, by_voucher=True) == voucher
    assert refunded(order, by_voucher=False) == order.contract_total - voucher
    assert_whole()
