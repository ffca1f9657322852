"""Money at the desk: the balance received in the showroom, and refunds paid out at the counter."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from o2o_platform.interface.access import DEALERSHIP_PARTS, Part
from o2o_platform.interface.formats import format_money
from o2o_platform.interface.verbs import INPUT, Verb, VerbForm
from o2o_platform.journal.models import Actor
from orders.exceptions import OrderError
from orders.models import DirectSale, Order
from orders.services import takes_balance

from .models import Compensation, Payment, Refund
from .services import pay_by_loan, pay_out_compensation, pay_out_refund, record_balance
from .services.balance import METHODS


class BalanceForm(VerbForm):
    """One part of the balance; the amount starts as all that is due."""

    method = forms.ChoiceField(
        label=_lazy("Method"), choices=[(each.value, each.label) for each in METHODS], initial="card"
    )
    amount = forms.DecimalField(
        label=_lazy("Amount"),
        max_digits=12,
        decimal_places=2,
        min_value=0,
        widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal", "class": f"{INPUT} desk-money"}),
    )
    note = forms.CharField(label=_lazy("Note"), max_length=200, required=False)
    key = forms.CharField(max_length=80, widget=forms.HiddenInput)

    def prepare(self) -> None:
        self.fields["amount"].initial = self.row.balance_due
        self.fields["key"].initial = f"desk-{uuid.uuid4()}"


def _record_balance(order: Order, data: dict[str, Any], actor: Actor) -> str:
    payment = record_balance(
        order.pk,
        method=data["method"],
        amount=data["amount"],
        actor=actor,
        idempotency_key=data["key"],
        note=data["note"],
    )
    order.refresh_from_db(fields=["paid_total", "status"])
    values = {
        "order": order,
        "amount": format_money(payment.amount, currency=order.currency),
        "left": format_money(order.balance_due, currency=order.currency),
    }
    if order.balance_due:
        return _("%(amount)s received for order %(order)s. Still to be paid: %(left)s.") % values
    return _("%(amount)s received: order %(order)s is paid in full.") % values


class Counter:
    """The till of a sale in the showroom."""

    methods = [(each.value, each.label) for each in METHODS]

    def take(self, order: Order, *, method: str, amount: Decimal, actor: Actor, key: str) -> None:
        """One receipt for a sale, however often its form is sent."""
        record_balance(order.pk, method=method, amount=amount, actor=actor, idempotency_key=key)


COUNTER = Counter()


def _pay_out(refund: Refund, _data: dict[str, Any], actor: Actor) -> str:
    pay_out_refund(refund.pk, actor=actor)
    return _("Refund %(refund)s is paid out and the buyer has been told.") % {"refund": refund}


def is_counter_refund(refund: Refund) -> bool:
    """Open, and of money received at the counter: no provider pays it back."""
    return refund.status == Refund.Status.REQUESTED and refund.payment.method != Payment.Method.ONLINE


BALANCE_VERB = Verb(
    name="balance",
    label=_lazy("Record balance"),
    parts=DEALERSHIP_PARTS | {Part.HOUSE_FINANCE, Part.FINANCE},
    may=takes_balance,
    run=_record_balance,
    form=BalanceForm,
    refusals=(OrderError,),
    is_main=True,
)


def _record_loan(sale: DirectSale, data: dict[str, Any], actor: Actor) -> str:
    payment = pay_by_loan(sale.order_id, actor=actor, note=data["note"])
    amount = format_money(payment.amount, currency=sale.order.currency)
    return _("%(amount)s received: order %(order)s is paid in full.") % {"amount": amount, "order": sale.order}


class LoanPaidForm(VerbForm):
    note = forms.CharField(label=_lazy("Note"), max_length=200, required=False)


LOAN_VERB = Verb(
    name="loan-paid",
    label=_lazy("Loan paid out"),
    parts=frozenset({Part.FINANCE}),
    may=lambda sale: sale.finance == DirectSale.Finance.APPROVED and takes_balance(sale.order),
    run=_record_loan,
    form=LoanPaidForm,
    refusals=(OrderError,),
    is_main=True,
)

REFUND_VERBS = (
    Verb(
        name="pay-out",
        label=_lazy("Paid out at the counter"),
        parts=frozenset({Part.FINANCE}),
        may=is_counter_refund,
        run=_pay_out,
        is_main=True,
    ),
)


class TransferForm(VerbForm):
    """The transfer the money went out with, for the books."""

    note = forms.CharField(label=_lazy("Number of the transfer"), max_length=200)


def _pay_compensation(compensation: Compensation, data: dict[str, Any], actor: Actor) -> str:
    pay_out_compensation(compensation.pk, actor=actor, note=data["note"])
    return _("Compensation %(number)s is paid out and the buyer has been told.") % {"number": compensation}


COMPENSATION_VERBS = (
    Verb(
        name="pay-out",
        label=_lazy("Paid out by transfer"),
        parts=frozenset({Part.FINANCE}),
        may=lambda row: row.status == Compensation.Status.DUE,
        run=_pay_compensation,
        form=TransferForm,
        is_main=True,
    ),
)
