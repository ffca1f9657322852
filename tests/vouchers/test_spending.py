"""A voucher is spent once, where and on what it is for, to the cent."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Campaign
from o2o_platform.journal.models import Actor
from orders.models import CampaignClaim, Order, Voucher, VoucherOffer
from orders.services import cancel_order
from orders.services.vouchers import read_code
from orders.voucher_errors import (
    VoucherElsewhere,
    VoucherForAnother,
    VoucherNotDue,
    VoucherNotFound,
    VoucherNotStackable,
    VoucherNotValid,
    VoucherOnceAnOrder,
    VoucherSpent,
)
from payments.models import Payment, Refund
from payments.services import record_balance, redeem_voucher, refund_run_out, request_refunds, submit_refunds
from tests.factories import make_brand, make_buyer, make_dealership, make_member, make_order, make_unit
from tests.vouchers.building import (
    PRICE,
    WORTH,
    make_paid_voucher,
    make_ready_order,
    make_voucher_offer,
    run_out,
)

pytestmark = pytest.mark.django_db


def advisor_of(order: Order) -> Actor:
    return Actor.dealer(make_member(order.dealership))


def redeem(voucher: Voucher, order: Order, actor: Actor | None = None) -> Payment:
    return redeem_voucher(voucher.code, order_id=order.pk, actor=actor or advisor_of(order))


@pytest.fixture
def order() -> Order:
    return make_ready_order()


@pytest.fixture
def voucher(order) -> Voucher:
    return make_paid_voucher(order.buyer)


def test_its_worth_counts_towards_the_balance_and_the_contract_price_stays(order, voucher):
    due = order.balance_due
    payment = redeem(voucher, order)
    fresh = Order.objects.get(pk=order.pk)
    voucher.refresh_from_db()
    assert (payment.method, payment.purpose, payment.amount) == ("voucher", "balance", WORTH)
    assert (fresh.balance_due, fresh.contract_total) == (due - WORTH, order.contract_total)
    assert (voucher.status, voucher.order_id, voucher.dealership_id) == ("redeemed", order.pk, order.dealership_id)
    assert voucher.redeemed_by_id is not None


def test_never_more_than_is_due(order, voucher):
    left = Decimal("250.40")
    actor = advisor_of(order)
    amount = order.balance_due - left
    record_balance(order.pk, method="card", amount=amount, actor=actor, idempotency_key="part")
    assert redeem(voucher, order, actor).amount == left
    assert Order.objects.get(pk=order.pk).status == "paid"


def test_spent_is_spent(order, voucher):
    actor = advisor_of(order)
    first = redeem(voucher, order, actor)
    assert redeem(voucher, order, actor).pk == first.pk
    with pytest.raises(VoucherSpent):
        redeem(voucher, order)
    other = make_ready_order(order.buyer, order.dealership)
    with pytest.raises(VoucherSpent):
        redeem(voucher, other)
    assert Payment.objects.filter(method="voucher").count() == 1


def test_one_voucher_an_order(order, voucher):
    redeem(voucher, order)
    with pytest.raises(VoucherOnceAnOrder):
        redeem(make_paid_voucher(order.buyer), order)


def test_somebody_elses_voucher_is_refused(order):
    with pytest.raises(VoucherForAnother):
        redeem(make_paid_voucher(), order)


def test_a_voucher_that_is_not_valid_is_refused(order, voucher):
    run_out(voucher)
    with pytest.raises(VoucherNotValid):
        redeem(voucher, order)
    with pytest.raises(VoucherNotFound):
        redeem_voucher("0" * 16, order_id=order.pk, actor=advisor_of(order))


def test_it_is_for_its_brands_and_where_they_are_sold(order, voucher):
    voucher.offer.brands.add(make_brand("other"))
    with pytest.raises(VoucherElsewhere):
        redeem(voucher, order)
    voucher.offer.brands.add(make_brand())
    order.dealership.brands.clear()
    with pytest.raises(VoucherElsewhere):
        redeem(voucher, order)
    order.dealership.brands.add(make_brand())
    assert redeem(voucher, order).amount == WORTH


def test_an_order_that_takes_no_money_now_takes_no_voucher(voucher):
    waiting = make_order(make_unit(dealership=make_dealership()), voucher.buyer)
    with pytest.raises(VoucherNotDue):
        redeem(voucher, waiting)


@pytest.mark.parametrize(
    ("order_stacks", "voucher_stacks", "is_same", "is_fine"),
    [
        (False, None, False, False),
        (True, None, False, True),
        (True, False, False, False),
        (True, True, False, True),
        (False, False, True, True),
    ],
)
def test_with_a_campaign_only_where_both_allow_it(order, order_stacks, voucher_stacks, is_same, is_fine):
    def campaign(slug: str, stacks: bool) -> Campaign:
        now = timezone.now()
        return Campaign.objects.create(
            slug=slug,
            name=slug,
            market_id="CN",
            gift="a gift",
            starts_at=now,
            ends_at=now + timedelta(days=1),
            is_stackable=stacks,
        )

    of_order = campaign("of-order", order_stacks)
    of_voucher = of_order if is_same else voucher_stacks is not None and campaign("of-voucher", voucher_stacks)
    CampaignClaim.objects.create(order=order, campaign=of_order, person=order.buyer, place=1)
    mine = make_paid_voucher(order.buyer, make_voucher_offer(campaign=of_voucher or None))
    if is_fine:
        assert redeem(mine, order).amount == WORTH
    else:
        with pytest.raises(VoucherNotStackable):
            redeem(mine, order)


def test_a_cancelled_order_gives_the_voucher_back_and_no_cash_for_it(order, voucher):
    redeem(voucher, order)
    cancel_order(order.pk, actor=advisor_of(order))
    request_refunds()
    submit_refunds()
    voucher.refresh_from_db()
    refunds = {refund.payment.method: refund for refund in Refund.objects.select_related("payment")}
    assert (voucher.status, voucher.order_id) == ("paid", None)
    assert (refunds["voucher"].status, refunds["voucher"].amount) == ("succeeded", WORTH)
    assert refunds["online"].amount == order.deposit_amount
    fresh = Order.objects.get(pk=order.pk)
    assert fresh.refund_due == fresh.refunded_total == order.deposit_amount + WORTH
    again = make_ready_order(order.buyer, order.dealership)
    assert redeem(voucher, again).amount == WORTH


def test_earnest_money_lost_is_never_taken_from_the_voucher(order, voucher):
    redeem(voucher, order)
    Order.objects.filter(pk=order.pk).update(
        deposit_kind="earnest", refundable_until=timezone.now() - timedelta(days=1)
    )
    cancel_order(order.pk, actor=Actor.buyer(order.buyer))
    request_refunds()
    voucher.refresh_from_db()
    assert voucher.status == "paid"
    assert [refund.payment.method for refund in Refund.objects.all()] == ["voucher"]


def test_back_after_its_last_day_its_price_goes_back(order, voucher):
    redeem(voucher, order)
    run_out(voucher)
    cancel_order(order.pk, actor=advisor_of(order))
    request_refunds()
    voucher.refresh_from_db()
    assert (voucher.status, VoucherOffer.objects.get(pk=voucher.offer_id).sold) == ("expired", 0)
    assert (refund_run_out(), refund_run_out()) == (1, 0)
    submit_refunds()
    voucher.refresh_from_db()
    assert voucher.status == "refunded"
    assert Refund.objects.get(payment__purpose="voucher").amount == PRICE


@pytest.mark.parametrize("text", ["abcd efgh-jkmn pqrs", "ABCDEFGHJKMNPQRS", " abcdefghjkmnpqrs\n"])
def test_a_code_is_read_however_it_is_typed(text):
    assert read_code(text) == "ABCDEFGHJKMNPQRS"


def test_look_alikes_are_digits():
    assert read_code("oil0") == "0110"


@pytest.mark.parametrize("text", ["", "\x00" * 16, "\ud800" * 16, "é" * 16, "A" * 500])
def test_codes_that_can_be_none_are_not_found(text):
    with pytest.raises(VoucherNotFound):
        redeem_voucher(text, order_id=make_ready_order().pk, actor=Actor.buyer(make_buyer()))
