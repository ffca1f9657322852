"""One thing that goes wrong with money must neither swallow other money nor keep it waiting."""

import copy
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.journal.services import WrongState
from orders.models import Order
from orders.services import cancel_order, mark_ready, sell_offline
from payments.models import Payment, Refund
from payments.providers.base import ProviderState, ProviderUnavailable
from payments.sandbox import bank
from payments.services import (
    NotPayable,
    ReceiptChanged,
    pay_out_refund,
    reconcile_payments,
    record_balance,
    refunding,
    settle_payment,
    settling,
    start_deposit,
    submit_refunds,
)
from tests.factories import make_buyer, make_order, make_terms, make_unit

pytestmark = pytest.mark.django_db


def ready_order() -> Order:
    make_terms()
    unit, buyer = make_unit(), make_buyer()
    order = sell_offline(unit_id=unit.pk, dealership_id=unit.dealership_id, buyer=buyer, buyer_name="Li", actor=SYSTEM)
    return mark_ready(order.pk, actor=SYSTEM)


def receive(order: Order, amount: int, *, key: str = "desk-1", method: str = "cash") -> Payment:
    return record_balance(order.pk, method=method, amount=Decimal(amount), actor=SYSTEM, idempotency_key=key)


def paid(order: Order, *, key: str) -> Payment:
    payment = start_deposit(order.pk, idempotency_key=key)
    bank.decide_charge(payment.provider_reference, "paid")
    return settle_payment(
        ProviderState(payment.reference, payment.provider_reference, "succeeded", payment.amount, "CNY"),
        provider_name="sandbox",
    )


def make_due(**fields: object) -> None:
    Payment.objects.filter(**fields).update(next_check_at=timezone.now() - timedelta(seconds=1))


def test_a_form_sent_again_with_another_sum_is_not_taken_for_the_first():
    order = ready_order()
    receive(order, 1000)
    with pytest.raises(ReceiptChanged):
        receive(order, 500)
    with pytest.raises(ReceiptChanged):
        receive(order, 1000, method="card")
    assert receive(order, 1000).pk == Payment.objects.get().pk


def test_a_key_of_another_order_is_refused():
    receive(ready_order(), 1000)
    with pytest.raises(ReceiptChanged):
        receive(ready_order(), 1000)


def test_an_order_that_ended_is_not_sent_to_the_cashier_again():
    order = make_order()
    start_deposit(order.pk, idempotency_key="pay-1")
    cancel_order(order.pk, actor=Actor.buyer(order.buyer))
    with pytest.raises(NotPayable):
        start_deposit(order.pk, idempotency_key="pay-1")


def test_without_the_provider_no_payment_is_begun(settings):
    settings.PAYMENT_PROVIDERS = {}
    with pytest.raises(ProviderUnavailable):
        start_deposit(make_order().pk, idempotency_key="pay-1")
    assert not Payment.objects.exists()


def test_the_api_says_that_the_provider_is_away(client, settings):
    settings.PAYMENT_PROVIDERS = {}
    order = make_order()
    client.force_login(order.buyer)
    answer = client.post(f"/api/v1/orders/{order.reference}/deposit/", headers={"Idempotency-Key": "pay-1"})
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")


def test_long_keys_that_differ_at_the_end_are_two_payments(client):
    buyer = make_buyer()
    client.force_login(buyer)
    for last in "ab":
        order = make_order(buyer=buyer)
        answer = client.post(f"/api/v1/orders/{order.reference}/deposit/", headers={"Idempotency-Key": "k" * 79 + last})
        assert answer.status_code == 201, answer.json()
    assert Payment.objects.count() == 2


def test_a_payment_of_a_provider_that_is_gone_keeps_no_other_waiting():
    gone = start_deposit(make_order().pk, idempotency_key="gone")
    Payment.objects.filter(pk=gone.pk).update(provider="gone")
    good = start_deposit(make_order().pk, idempotency_key="good")
    bank.decide_charge(good.provider_reference, "paid")
    make_due()
    assert reconcile_payments() == 1


def test_a_refund_of_a_provider_that_is_gone_keeps_no_other_waiting():
    for key in ("gone", "good"):
        order = make_order()
        paid(order, key=key)
        cancel_order(order.pk, actor=Actor.buyer(order.buyer))
    Payment.objects.filter(idempotency_key="gone").update(provider="gone")
    assert submit_refunds() == 1
    assert Refund.objects.filter(status="succeeded").get().payment.idempotency_key == "good"


def test_a_refund_that_another_worker_settled_meanwhile_is_not_told_twice(monkeypatch):
    order = make_order()
    paid(order, key="pay-1")
    cancel_order(order.pk, actor=Actor.buyer(order.buyer))
    settle = refunding._settle

    def settle_late(refund: Refund, actor: Actor, **changes: str) -> None:
        settle(Refund.objects.select_related("payment__order").get(pk=refund.pk), actor, **changes)
        settle(refund, actor, **changes)

    monkeypatch.setattr(refunding, "_settle", settle_late)
    assert submit_refunds() == 0
    assert Refund.objects.get().status == "succeeded"


def test_a_payment_settled_at_the_last_moment_does_not_time_out(monkeypatch):
    payment = start_deposit(make_order().pk, idempotency_key="pay-1")
    Payment.objects.update(created_at=timezone.now() - timedelta(hours=25))
    make_due()

    def refresh_and_miss(payment: Payment) -> Payment:
        before = copy.copy(payment)
        paid(payment.order, key="pay-1")
        return before

    monkeypatch.setattr(settling, "refresh_payment", refresh_and_miss)
    reconcile_payments()
    payment.refresh_from_db()
    assert payment.status == "succeeded"


def test_money_that_goes_back_online_is_not_paid_out_at_the_counter_too():
    order = make_order()
    paid(order, key="pay-1")
    cancel_order(order.pk, actor=Actor.buyer(order.buyer))
    refunding.request_refunds()
    with pytest.raises(WrongState):
        pay_out_refund(Refund.objects.get().pk, actor=SYSTEM)
    assert submit_refunds() == 1


def test_a_wrong_sum_rings_an_alarm(caplog):
    payment = start_deposit(make_order().pk, idempotency_key="pay-1")
    said = ProviderState(payment.reference, payment.provider_reference, "succeeded", Decimal("1.00"), "CNY")
    settle_payment(said, provider_name="sandbox")
    lines = [record for record in caplog.records if record.name == "payments.services.settling"]
    assert [(line.msg["event"], line.levelname) for line in lines] == [("payment_amount_mismatch", "ERROR")]
