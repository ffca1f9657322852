"""The commands are thin: they call the service and print how many."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from orders.models import Assignment, Order
from payments.models import Payment
from payments.sandbox import bank
from payments.services import start_deposit
from tests.factories import make_dealership, make_order, make_unit
from tests.orders.pages import pay_deposit

pytestmark = pytest.mark.django_db
PAST = timedelta(seconds=1)


def test_expire_holds(capsys):
    make_order()
    Order.objects.update(hold_expires_at=timezone.now() - PAST)
    call_command("expire_holds")
    assert capsys.readouterr().out == "expired: 1\n"


def test_reassign_overdue(capsys):
    order = make_order()
    make_unit(order.trim, make_dealership(), colour=order.colour)
    pay_deposit(order)
    Assignment.objects.update(answer_due_at=timezone.now() - PAST)
    call_command("reassign_overdue")
    assert capsys.readouterr().out == "reassigned: 1\n"


def test_reconcile_payments(capsys):
    payment = start_deposit(make_order().pk, idempotency_key="k")
    bank.decide_charge(payment.provider_reference, "paid")
    Payment.objects.update(next_check_at=timezone.now() - PAST)
    call_command("reconcile_payments")
    assert capsys.readouterr().out == "settled: 1\nrefunded: 0\n"
