"""The deposit: started once, settled once, and never lost."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Availability
from o2o_platform.journal.models import Actor
from o2o_platform.outbox.models import Delivery
from orders.models import Order
from orders.services import cancel_order, expire_holds
from payments.models import Payment, Refund
from payments.providers.base import ProviderState
from payments.sandbox import bank
from payments.services import NotPayable, reconcile_payments, settle_payment, start_deposit, submit_refunds
from tests.factories import make_order, make_unit

pytestmark = pytest.mark.django_db


def says(payment: Payment, status: str = "succeeded", amount: Decimal | None = None) -> ProviderState:
    sum_said = payment.amount if amount is None else amount
    return ProviderState(payment.reference, payment.provider_reference, status, sum_said, payment.order.currency)


def settle(payment: Payment, status: str = "succeeded", amount: Decimal | None = None) -> Payment:
    return settle_payment(says(payment, status, amount), provider_name="sandbox")


def run_out(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(hold_expires_at=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def payment() -> Payment:
    return start_deposit(make_order().pk, idempotency_key="pay-1")


def test_starting_twice_with_a_key_is_one_payment(payment):
    again = start_deposit(payment.order_id, idempotency_key="pay-1")
    assert again.pk == payment.pk
    assert again.checkout_url.endswith(f"/sandbox/{payment.provider_reference}/")


def test_a_paid_deposit_reserves_and_hands_off(payment):
    settle(payment)
    order = Order.objects.get()
    assert (order.status, order.paid_total) == ("reserved", Decimal("2000.00"))
    assert order.assignment.dealership_id == order.dealership_id
    assert [e.name for e in order.events] == ["placed", "reserved"]
    assert Delivery.objects.about(order).filter(recipient=f"user:{order.buyer_id}").exists()


def test_the_same_notice_twice_counts_once(payment):
    settle(payment)
    settle(payment)
    assert Order.objects.get().paid_total == Decimal("2000.00")
    assert not Refund.objects.exists()


def test_paid_after_refused_still_counts(payment):
    settle(payment, "failed")
    settle(payment)
    assert Order.objects.get().status == "reserved"


def test_refused_after_paid_changes_nothing(payment):
    settle(payment)
    assert settle(payment, "failed").status == "succeeded"


def test_another_amount_never_counts_and_goes_back(payment):
    settle(payment, amount=Decimal("1.00"))
    assert Order.objects.get().status == "placed"
    assert [e.name for e in payment.events] == ["amount_mismatch", "succeeded"]
    payment.refresh_from_db()
    assert (payment.amount, payment.is_applied) == (Decimal("1.00"), False)
    assert Refund.objects.get().amount == Decimal("1.00")


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "1.001"])
def test_what_is_no_sum_of_money_only_rings_the_alarm(payment, amount):
    assert settle(payment, amount=Decimal(amount)).status == "pending"
    assert not Refund.objects.exists()


def test_an_expired_hold_frees_the_car_and_refuses_to_start(payment):
    order = payment.order
    run_out(order)
    assert expire_holds() == 1
    order.refresh_from_db()
    order.stock_unit.refresh_from_db()
    assert (order.status, order.stock_unit.availability) == ("expired", Availability.AVAILABLE)
    with pytest.raises(NotPayable):
        start_deposit(order.pk, idempotency_key="pay-2")


def test_late_money_revives_the_order_while_its_car_is_free(payment):
    run_out(payment.order)
    expire_holds()
    settle(payment)
    order = Order.objects.get()
    assert (order.status, order.stock_unit.availability) == ("reserved", Availability.HELD)
    assert "revived" in [e.name for e in order.events]


def test_late_money_takes_an_equal_car_when_its_own_is_gone(payment):
    order = payment.order
    run_out(order)
    expire_holds()
    make_order(order.stock_unit)
    equal = make_unit(order.trim, order.dealership, colour=order.colour)
    settle(payment)
    order.refresh_from_db()
    assert (order.status, order.stock_unit_id) == ("reserved", equal.pk)


def test_late_money_without_a_free_car_is_refunded_through_the_provider(payment):
    order = payment.order
    run_out(order)
    expire_holds()
    make_order(order.stock_unit)
    bank.decide_charge(payment.provider_reference, "paid")
    settle(payment)
    order.refresh_from_db()
    assert (order.status, order.paid_total) == ("expired", 0)
    assert submit_refunds() == 1
    refund = Refund.objects.get()
    assert (refund.status, refund.amount) == ("succeeded", Decimal("2000.00"))
    assert bank.Charge.objects.get().refunded_minor == 200_000


def test_a_double_charge_is_refunded_and_the_order_stands(payment):
    second = start_deposit(payment.order_id, idempotency_key="pay-2")
    settle(payment)
    settle(second)
    order = Order.objects.get()
    assert (order.status, order.paid_total) == ("reserved", Decimal("2000.00"))
    assert Refund.objects.get().payment_id == second.pk


def test_a_cancelled_order_is_refunded_exactly(payment):
    bank.decide_charge(payment.provider_reference, "paid")
    settle(payment)
    order = payment.order
    cancel_order(order.pk, actor=Actor.buyer(order.buyer), expected_refund=Decimal("2000.00"))
    assert submit_refunds() == 1
    assert submit_refunds() == 0
    order.refresh_from_db()
    assert (order.refund_due, order.refunded_total) == (Decimal("2000.00"), Decimal("2000.00"))
    assert Refund.objects.get().status == "succeeded"


def test_reconciliation_asks_when_no_notice_comes(payment):
    bank.decide_charge(payment.provider_reference, "paid")
    assert reconcile_payments() == 0
    Payment.objects.update(next_check_at=timezone.now())
    assert reconcile_payments() == 1
    assert Order.objects.get().status == "reserved"


def test_a_payment_open_for_a_day_times_out(payment):
    old = timezone.now() - timedelta(hours=25)
    Payment.objects.update(created_at=old, next_check_at=old)
    reconcile_payments()
    payment.refresh_from_db()
    assert payment.status == "timed_out"
