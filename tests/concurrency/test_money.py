"""Notices in parallel, and a hold that runs out while its deposit is being paid."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.models import Availability
from o2o_platform.journal.models import SYSTEM
from o2o_platform.journal.services import record_event
from orders.models import Assignment, Order
from orders.services import expire_holds
from orders.services.claims import release_claim
from payments.models import Payment, Refund
from payments.providers.base import ProviderState
from payments.services import settle_payment, start_deposit
from tests.concurrency.racing import race
from tests.factories import make_order

pytestmark = pytest.mark.django_db(transaction=True)


def notice(payment: Payment) -> Payment:
    state = ProviderState(payment.reference, payment.provider_reference, "succeeded", payment.amount, "CNY")
    return settle_payment(state, provider_name="sandbox")


def start_paying() -> Payment:
    order = make_order()
    return start_deposit(order.pk, idempotency_key=order.reference)


def read_without_lock(model, **lookup):
    return model.objects.get(**lookup)


def write_without_looking(subject, to, *, actor, name="", reason="", data=None, **changes) -> None:
    type(subject).objects.filter(pk=subject.pk).update(status=to, **changes)
    subject.status = to
    record_event(subject, name or to, actor=actor, to_status=to)


def test_a_notice_five_times_at_once_counts_once():
    for _ in range(10):
        payment = start_paying()
        outcomes = race([lambda payment=payment: notice(payment)] * 5, threads=5)
        assert all(isinstance(o, Payment) for o in outcomes)
        order = Order.objects.get(pk=payment.order_id)
        assert (order.status, order.paid_total) == ("reserved", Decimal("2000.00"))
        assert [e.name for e in order.events].count("reserved") == 1
    assert not Refund.objects.exists()


def test_control_without_locks_a_notice_five_times_is_not_harmless(monkeypatch):
    for module in ("payments.services.settling", "orders.services.receiving"):
        monkeypatch.setattr(f"{module}.lock", read_without_lock)
        monkeypatch.setattr(f"{module}.transition", write_without_looking)
    harmed = 0
    for _ in range(10):
        payment = start_paying()
        outcomes = race([lambda payment=payment: notice(payment)] * 5, threads=5)
        reserved = [e.name for e in payment.order.events].count("reserved")
        harmed += reserved > 1 or any(isinstance(o, Exception) for o in outcomes)
    assert harmed


def expire_after_reading(order_id: int) -> None:
    """What expiry looks like without its guard: read, decide, write."""
    with transaction.atomic():
        order = Order.objects.get(pk=order_id)
        if order.status != Order.Status.PLACED:
            return
        Order.objects.filter(pk=order_id).update(status=Order.Status.EXPIRED)
        release_claim(order)
        record_event(order, "expired", actor=SYSTEM, to_status="expired")


def pay_while_expiring(expire) -> Order:
    payment = start_paying()
    Order.objects.filter(pk=payment.order_id).update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    race([lambda: notice(payment), lambda: expire(payment.order_id)], threads=2)
    return Order.objects.select_related("stock_unit").get(pk=payment.order_id)


def is_whole(order: Order) -> bool:
    """Paid, reserved, and the car really held for it."""
    return (
        order.status == "reserved"
        and order.stock_unit.availability == Availability.HELD
        and order.claims.filter(released_at__isnull=True).count() == 1
        and Assignment.objects.filter(order=order, answer="").count() == 1
    )


def test_a_hold_that_runs_out_while_paying_ends_reserved_with_its_car():
    assert all(is_whole(pay_while_expiring(lambda _id: expire_holds())) for _ in range(30))


def test_control_without_the_guard_a_paid_order_loses_its_car():
    assert not all(is_whole(pay_while_expiring(expire_after_reading)) for _ in range(60))
