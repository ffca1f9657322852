"""A voucher is taken once, held while it is paid, and its place comes back exactly once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from o2o_platform.journal.models import Actor
from o2o_platform.outbox.models import Delivery
from orders.exceptions import KeyReused
from orders.models import Voucher, VoucherOffer
from orders.services.vouchers import expire_vouchers, remind_of_vouchers
from orders.voucher_errors import VoucherLimit, VoucherNotOnSale, VoucherSoldOut
from payments.models import Payment, Refund
from payments.sandbox import bank
from payments.services import (
    VoucherNotPayable,
    reconcile_payments,
    refund_run_out,
    refund_voucher,
    start_voucher,
    submit_refunds,
)
from tests.factories import make_buyer
from tests.vouchers.building import (
    PRICE,
    WORTH,
    buy,
    make_paid_voucher,
    make_voucher_offer,
    place_back_in_time,
    run_out,
    settle,
    start,
)

pytestmark = pytest.mark.django_db


def sold(offer: VoucherOffer) -> int:
    return VoucherOffer.objects.get(pk=offer.pk).sold


def told(voucher: Voucher) -> list[str]:
    topics = Delivery.objects.about(voucher).filter(recipient=f"user:{voucher.buyer_id}").order_by("pk")
    return list(dict.fromkeys(topic.removeprefix("message.") for topic in topics.values_list("topic", flat=True)))


def test_the_same_key_twice_is_one_voucher():
    offer, buyer = make_voucher_offer(), make_buyer()
    first, second = buy(offer, buyer, "a-key"), buy(offer, buyer, "a-key")
    assert (first.pk, sold(offer), first.price, first.worth) == (second.pk, 1, PRICE, WORTH)
    assert len(first.code) == 16
    with pytest.raises(KeyReused):
        buy(make_voucher_offer(), buyer, "a-key")


def test_nobody_has_more_than_the_limit_but_a_place_given_back_counts_no_more():
    offer, buyer = make_voucher_offer(), make_buyer()
    voucher = buy(offer, buyer)
    with pytest.raises(VoucherLimit):
        buy(offer, buyer)
    place_back_in_time(voucher, hours=1)
    assert expire_vouchers() == 1
    buy(offer, buyer)
    assert sold(offer) == 1


def test_the_last_one_is_the_last_one():
    offer = make_voucher_offer(total=1)
    buy(offer)
    with pytest.raises(VoucherSoldOut):
        buy(offer)


@pytest.mark.parametrize(
    "fields",
    [
        {"is_published": False},
        {"starts_at": timezone.now() + timedelta(days=1)},
        {"starts_at": timezone.now() - timedelta(days=2), "ends_at": timezone.now() - timedelta(days=1)},
    ],
    ids=["hidden", "soon", "over"],
)
def test_it_is_sold_in_its_time_alone(fields):
    with pytest.raises(VoucherNotOnSale):
        buy(make_voucher_offer(**fields))


def test_the_price_paid_makes_it_valid_and_its_buyer_is_told():
    voucher = make_paid_voucher()
    assert (voucher.status, sold(voucher.offer)) == ("paid", 1)
    assert [event.name for event in voucher.events] == ["taken", "paid"]
    assert told(voucher) == ["voucher_paid"]
    payment = Payment.objects.get()
    assert (payment.order_id, payment.purpose, payment.amount, payment.is_applied) == (None, "voucher", PRICE, True)


def test_starting_to_pay_twice_with_a_key_is_one_payment():
    voucher = buy(make_voucher_offer())
    assert start(voucher, "k").pk == start(voucher, "k").pk
    with pytest.raises(VoucherNotPayable):
        start(buy(make_voucher_offer()), "k")


def test_another_sum_never_counts():
    voucher = buy(make_voucher_offer())
    settle(start(voucher), amount=WORTH)
    voucher.refresh_from_db()
    assert voucher.status == "pending"


def test_a_notice_lost_is_made_up_for_by_asking():
    voucher = buy(make_voucher_offer())
    payment = start(voucher)
    bank.decide_charge(payment.provider_reference, "paid")
    Payment.objects.update(next_check_at=timezone.now())
    assert reconcile_payments() == 1
    voucher.refresh_from_db()
    assert voucher.status == "paid"


def test_unpaid_its_place_comes_back_once():
    offer = make_voucher_offer()
    voucher = buy(offer)
    assert expire_vouchers() == 0
    place_back_in_time(voucher, hours=1)
    assert (expire_vouchers(), expire_vouchers(), sold(offer)) == (1, 0, 0)
    with pytest.raises(VoucherNotPayable):
        start(voucher)


def test_late_money_revives_it_while_one_is_left():
    offer = make_voucher_offer(total=1)
    voucher = buy(offer)
    payment = start(voucher)
    place_back_in_time(voucher, hours=1)
    expire_vouchers()
    settle(payment)
    voucher.refresh_from_db()
    assert (voucher.status, sold(offer)) == ("paid", 1)
    assert "revived" in [event.name for event in voucher.events]


@pytest.mark.parametrize("case", ["none left", "over the limit", "too late to spend"])
def test_late_money_that_buys_nothing_goes_back(case):
    offer = make_voucher_offer(total=1)
    voucher = buy(offer)
    payment = start(voucher)
    place_back_in_time(voucher, hours=1)
    expire_vouchers()
    if case == "none left":
        buy(offer)
    elif case == "over the limit":
        VoucherOffer.objects.update(total=5)
        buy(offer, voucher.buyer)
    else:
        run_out(voucher)
    settle(payment)
    voucher.refresh_from_db()
    assert voucher.status == "expired"
    assert (submit_refunds(), Refund.objects.get().amount) == (1, PRICE)
    voucher.refresh_from_db()
    assert (voucher.status, told(voucher)) == ("expired", ["voucher_refunded"])


def test_a_double_charge_goes_back_and_the_voucher_stands():
    voucher = buy(make_voucher_offer())
    first, second = start(voucher), start(voucher)
    settle(first)
    settle(second)
    assert submit_refunds() == 1
    voucher.refresh_from_db()
    assert (voucher.status, Refund.objects.get().payment_id) == ("paid", second.pk)


def test_given_up_the_whole_price_goes_back_and_the_place_too():
    voucher = make_paid_voucher()
    for _ in range(2):
        refund_voucher(voucher.pk, actor=Actor.buyer(voucher.buyer))
    assert (submit_refunds(), submit_refunds()) == (1, 0)
    voucher.refresh_from_db()
    assert (voucher.status, sold(voucher.offer), Refund.objects.get().amount) == ("refunded", 0, PRICE)
    assert told(voucher) == ["voucher_paid", "voucher_refunded"]


def test_unspent_on_its_last_day_the_price_goes_back_by_itself():
    voucher = make_paid_voucher()
    run_out(voucher)
    assert (refund_run_out(), refund_run_out()) == (1, 0)
    assert submit_refunds() == 1
    voucher.refresh_from_db()
    assert (voucher.status, sold(voucher.offer), Refund.objects.get().status) == ("refunded", 0, "succeeded")


def test_a_week_before_its_end_its_buyer_is_told_once():
    voucher = make_paid_voucher()
    assert remind_of_vouchers() == 0
    now = timezone.now()
    Voucher.objects.update(created_at=now - timedelta(days=20), valid_until=now + timedelta(days=6))
    assert (remind_of_vouchers(), remind_of_vouchers()) == (1, 0)
    assert told(voucher) == ["voucher_paid", "voucher_expiring"]


def test_bought_in_its_last_week_it_needs_no_reminder():
    make_paid_voucher(ends_at=timezone.now() + timedelta(days=1), valid_until=timezone.now() + timedelta(days=5))
    assert remind_of_vouchers() == 0


def test_a_payment_names_what_it_is_for():
    voucher = make_paid_voucher()
    payment = Payment.objects.get()
    assert (payment.subject, payment.buyer, payment.currency) == (voucher, voucher.buyer, "CNY")
    assert start_voucher(voucher.pk, idempotency_key=payment.idempotency_key).pk == payment.pk
