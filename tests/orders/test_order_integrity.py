"""The checks of orders and money: quiet on good data, and each sees the damage it is for."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import Availability, StockUnit
from dealers.models import Endpoint
from o2o_platform.journal.models import Actor, Event
from o2o_platform.operations.integrity import run_checks
from o2o_platform.outbox.models import Delivery
from orders import integrity
from orders.models import Claim, Order
from orders.services import accept_order, cancel_order, decline_order, expire_holds, hand_over, mark_ready
from payments import integrity as money
from payments.models import Payment, Refund
from payments.services import record_balance, submit_refunds
from tests.factories import make_member, make_order
from tests.orders.pages import pay_deposit

pytestmark = pytest.mark.django_db
HOUR_AGO = timedelta(hours=1)


def reserved(**fields: object) -> Order:
    order = make_order(**fields)
    Endpoint.objects.create(dealership=order.dealership, kind="adf_email", email="leads@example.com")
    pay_deposit(order)
    return order


def violations() -> dict[str, int]:
    return {finding.name: finding.violations for finding in run_checks() if finding.violations}


def drop_index(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {name}")


def test_a_life_of_orders_breaks_no_rule():
    delivered = reserved()
    actor = Actor.dealer(make_member(delivered.dealership))
    accept_order(delivered.pk, dealership=delivered.dealership, actor=actor)
    mark_ready(delivered.pk, actor=actor)
    record_balance(delivered.pk, method="cash", amount=Decimal("96800"), actor=actor, idempotency_key="b")
    hand_over(delivered.pk, actor=actor, code=delivered.handover_code)
    declined = reserved()
    decline_order(declined.pk, dealership=declined.dealership, actor=actor, reason_code="sold")
    cancelled = reserved()
    cancel_order(cancelled.pk, actor=Actor.buyer(cancelled.buyer))
    submit_refunds()
    expired = make_order()
    Order.objects.filter(pk=expired.pk).update(hold_expires_at=timezone.now() - HOUR_AGO)
    expire_holds()
    make_order()
    assert violations() == {}


def test_two_live_claims():
    order, other = make_order(), make_order()
    drop_index("orders_claim_one_per_unit")
    Claim.objects.filter(order=other).update(stock_unit=order.stock_unit_id)
    assert integrity.count_double_claims() == 1


@pytest.mark.parametrize("availability", [Availability.AVAILABLE, Availability.WITHDRAWN])
def test_a_claimed_car_on_sale(availability):
    make_order()
    StockUnit.objects.update(availability=availability)
    assert integrity.count_availability_mismatches() == 1


def test_a_held_car_nobody_claimed():
    make_order()
    Claim.objects.update(released_at=timezone.now())
    assert integrity.count_availability_mismatches() == 1
    assert integrity.count_unclaimed_live_orders() == 1


def test_a_status_without_its_event():
    make_order()
    Order.objects.update(status="cancelled")
    assert integrity.count_wrong_last_events() == 1
    assert integrity.count_claims_of_ended_orders() == 1


def test_a_lost_handoff():
    reserved()
    assert integrity.count_lost_handoffs() == 0
    Delivery.objects.filter(topic="order.reserved").delete()
    assert integrity.count_lost_handoffs() == 1


def test_a_dealership_without_an_endpoint_needs_no_handoff():
    pay_deposit(make_order())
    assert integrity.count_lost_handoffs() == 0


def test_a_forgotten_refund():
    order = reserved()
    cancel_order(order.pk, actor=Actor.buyer(order.buyer))
    assert integrity.count_forgotten_refunds() == 0
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_event DISABLE TRIGGER USER")
        Event.objects.update(at=timezone.now() - HOUR_AGO)
        cursor.execute("ALTER TABLE journal_event ENABLE TRIGGER USER")
    assert integrity.count_forgotten_refunds() == 1


def test_holds_nobody_expires():
    make_order()
    Order.objects.update(hold_expires_at=timezone.now() - HOUR_AGO)
    assert integrity.count_overstayed_holds() == 1


def test_paid_totals_are_the_payments():
    reserved()
    assert money.count_wrong_paid_totals() == 0
    Order.objects.update(paid_total=Decimal("1999.99"))
    assert money.count_wrong_paid_totals() == 1


def test_refund_totals_are_the_refunds():
    order = reserved()
    cancel_order(order.pk, actor=Actor.buyer(order.buyer))
    submit_refunds()
    assert money.count_wrong_refund_totals() == 0
    Refund.objects.update(amount=Decimal("1"))
    assert money.count_wrong_refund_totals() == 1


def test_money_that_belongs_to_nobody():
    reserved()
    Payment.objects.update(is_applied=False)
    assert money.count_ownerless_money() == 1


def test_a_refund_larger_than_its_payment():
    order = reserved()
    cancel_order(order.pk, actor=Actor.buyer(order.buyer))
    submit_refunds()
    Refund.objects.update(amount=Decimal("99999"))
    assert money.count_overpaid_refunds() == 1


def test_each_check_is_one_query(django_assert_num_queries):
    checks = [
        value for module in (integrity, money) for name, value in vars(module).items() if name.startswith("count_")
    ]
    with django_assert_num_queries(len(checks)):
        assert not any(check() for check in checks)
