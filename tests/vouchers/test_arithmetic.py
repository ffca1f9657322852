"""Whatever is paid, spent and given back in whatever order, the sums fit to the cent and no voucher becomes cash."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from o2o_platform.journal.models import SYSTEM, Actor
from orders.exceptions import WrongAmount
from orders.integrity import count_wrong_voucher_counts
from orders.models import Order, Voucher
from orders.services import cancel_order
from orders.voucher_errors import VoucherNotDue
from payments.integrity import (
    count_overpaid_refunds,
    count_twice_spent_vouchers,
    count_wrong_paid_totals,
    count_wrong_refund_totals,
    count_wrong_vouchers,
)
from payments.models import Payment, Refund
from payments.services import (
    pay_out_refund,
    record_balance,
    redeem_voucher,
    refund_run_out,
    request_refunds,
    submit_refunds,
)
from tests.vouchers.building import make_paid_voucher, make_ready_order, make_voucher_offer, run_out

pytestmark = pytest.mark.django_db

CHECKS = (
    count_wrong_voucher_counts,
    count_wrong_vouchers,
    count_twice_spent_vouchers,
    count_wrong_paid_totals,
    count_wrong_refund_totals,
    count_overpaid_refunds,
)
cents = st.integers(1, 10_000_000).map(lambda cents: Decimal(cents) / 100)


def assert_whole() -> None:
    assert {check.__name__: check() for check in CHECKS} == {check.__name__: 0 for check in CHECKS}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    price=cents.filter(lambda amount: amount < 1000),
    gain=cents,
    parts=st.lists(st.one_of(cents, st.just("voucher")), max_size=6),
    by_seller=st.booleans(),
    is_late=st.booleans(),
)
def test_balance_parts_voucher_and_refunds_fit_to_the_cent(price, gain, parts, by_seller, is_late):
    order = make_ready_order()
    voucher = make_paid_voucher(order.buyer, make_voucher_offer(price=price, worth=price + gain))
    cash, counted = order.deposit_amount, Decimal(0)
    for number, part in enumerate(parts):
        due = Order.objects.get(pk=order.pk).balance_due
        if part == "voucher" and not counted:
            try:
                counted = redeem_voucher(voucher.code, order_id=order.pk, actor=SYSTEM).amount
            except VoucherNotDue:
                assert not due
            else:
                assert counted == min(voucher.worth, due)
        elif part != "voucher":
            try:
                record_balance(
                    order.pk, method="cash", amount=part, actor=SYSTEM, idempotency_key=f"{order.reference}-{number}"
                )
            except WrongAmount:
                assert part > due
            else:
                cash += part
        assert_whole()
    order.refresh_from_db()
    assert order.paid_total == cash + counted
    assert order.contract_total == order.paid_total + order.balance_due
    if is_late:
        run_out(voucher)
    cancel_order(order.pk, actor=SYSTEM if by_seller else Actor.buyer(order.buyer))
    pay_back()
    assert_whole()
    back = {
        "cash": sum(refund.amount for refund in refunds_of(order).exclude(payment__method="voucher")),
        "voucher": sum(refund.amount for refund in refunds_of(order).filter(payment__method="voucher")),
    }
    assert back == {"cash": cash, "voucher": counted}
    voucher.refresh_from_db()
    assert voucher.status == ("refunded" if is_late else "paid")
    price_back = Refund.objects.filter(payment__voucher=voucher, payment__purpose="voucher")
    assert sum(refund.amount for refund in price_back) == (price if is_late else 0)


def refunds_of(order: Order):
    return Refund.objects.filter(payment__order=order, status="succeeded")


def pay_back() -> None:
    """All that beat and the counter do after a cancellation."""
    request_refunds()
    refund_run_out()
    submit_refunds()
    for refund in Refund.objects.filter(status="requested").exclude(payment__method=Payment.Method.ONLINE):
        pay_out_refund(refund.pk, actor=SYSTEM)


def test_the_checks_see_what_is_wrong():
    voucher = make_paid_voucher()
    assert_whole()
    Payment.objects.filter(voucher=voucher).update(is_applied=False)
    assert count_wrong_vouchers() == 1
    Payment.objects.filter(voucher=voucher).update(is_applied=True)
    Voucher.objects.filter(pk=voucher.pk).update(status="refunded")
    assert (count_wrong_vouchers(), count_wrong_voucher_counts()) == (1, 1)
