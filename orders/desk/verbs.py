"""Answering, preparing, handing over and ending orders, as verbs of the desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from o2o_platform.interface.access import DEALERSHIP_PARTS, NOBODY, Part
from o2o_platform.interface.formats import format_money
from o2o_platform.interface.verbs import INPUT, Verb, VerbForm
from o2o_platform.journal.models import Actor

from .. import services
from ..exceptions import OrderError
from ..models import Assignment, Order

Status = Order.Status


class DeclineForm(VerbForm):
    reason_code = forms.ChoiceField(label=_lazy("Reason"), choices=Assignment.DeclineReason.choices)
    note = forms.CharField(label=_lazy("Note"), max_length=300, required=False)


class HandoverForm(VerbForm):
    code = forms.CharField(
        label=_lazy("Collection code"),
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": f"{INPUT} desk-code"}),
    )


class CancelForm(VerbForm):
    """Who ends an accepted or locked order breaks the contract, unless the buyer did (`services.breach`)."""

    buyer_in_breach = forms.BooleanField(
        label=_lazy("The buyer does not perform: locked, ready for two weeks, unpaid"), required=False
    )
    reason = forms.CharField(
        label=_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2, "class": INPUT})
    )


class GoodwillForm(VerbForm):
    """Ends a contract that nobody breaks: the buyer asked to be let go."""

    reason = forms.CharField(
        label=_lazy("What was agreed with the buyer"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "class": INPUT}),
    )


def awaits_answer(order: Order) -> bool:
    """Whether its dealership was asked and has not answered; costs nothing when assignments are prefetched."""
    if order.status != Status.RESERVED:
        return False
    return any(each.is_offered and each.dealership_id == order.dealership_id for each in order.assignments.all())


def may_accept(order: Order) -> bool:
    """Also late, while the buyer is asked about another dealership."""
    is_asked = order.status == Status.RESERVED and any(each.is_question for each in order.assignments.all())
    return is_asked or awaits_answer(order)


def _accept(order: Order, _data: dict[str, Any], actor: Actor) -> str:
    services.accept_order(order.pk, dealership=order.dealership, actor=actor)
    return _("Order %(order)s is accepted and the buyer has been told.") % {"order": order}


def _decline(order: Order, data: dict[str, Any], actor: Actor) -> str:
    services.decline_order(
        order.pk, dealership=order.dealership, actor=actor, reason_code=data["reason_code"], note=data["note"]
    )
    return _("Order %(order)s is declined. The buyer can choose another car or the refund.") % {"order": order}


def _mark_ready(order: Order, _data: dict[str, Any], actor: Actor) -> str:
    services.mark_ready(order.pk, actor=actor)
    return _("The car of order %(order)s is ready and the buyer has been told.") % {"order": order}


def _hand_over(order: Order, data: dict[str, Any], actor: Actor) -> str:
    services.hand_over(order.pk, actor=actor, code=data["code"])
    return _("Handed over: order %(order)s is complete.") % {"order": order}


def _cancel(order: Order, data: dict[str, Any], actor: Actor) -> str:
    ended = services.cancel_order(order.pk, actor=actor, reason=data["reason"], buyer_in_breach=data["buyer_in_breach"])
    refund = format_money(ended.refund_due, currency=ended.currency)
    said = _("Order %(order)s is cancelled. To be refunded: %(refund)s.") % {"order": order, "refund": refund}
    if not ended.compensation_due:
        return said
    owed = format_money(ended.compensation_due, currency=ended.currency)
    more = _("Compensation for the breach of contract: %(owed)s.") % {"owed": owed}
    return f"{said} {more}"


def _let_go(order: Order, data: dict[str, Any], actor: Actor) -> str:
    ended = services.cancel_order(order.pk, actor=actor, reason=data["reason"], as_goodwill=True)
    refund = format_money(ended.refund_due, currency=ended.currency)
    return _("Order %(order)s is cancelled. To be refunded: %(refund)s.") % {"order": order, "refund": refund}


def _take_back(order: Order, _data: dict[str, Any], actor: Actor) -> str:
    returned = services.take_car_back(order.pk, actor=actor)
    refund = format_money(returned.refund_due, currency=returned.currency)
    return _("The car of order %(order)s is back. To be refunded: %(refund)s.") % {"order": order, "refund": refund}


def awaits_car(order: Order) -> bool:
    """Whether the buyer withdrew and the car is to be brought back."""
    return order.status == Status.DELIVERED and order.withdrawn_at is not None


def _verb(name: str, label: Any, run: Any, may: Any, **more: Any) -> Verb:
    values = {"parts": DEALERSHIP_PARTS, "refusals": (OrderError,)} | more
    return Verb(name=name, label=label, run=run, may=may, **values)


ORDER_VERBS = (
    _verb("accept", _lazy("Accept"), _accept, may_accept, is_main=True),
    _verb("decline", _lazy("Decline"), _decline, awaits_answer, form=DeclineForm, is_grave=True),
    _verb("ready", _lazy("Car is ready"), _mark_ready, lambda order: order.status == Status.ACCEPTED, is_main=True),
    _verb(
        "hand-over",
        _lazy("Hand over"),
        _hand_over,
        lambda order: order.status == Status.PAID and not order.is_direct,
        form=HandoverForm,
        is_main=True,
    ),
    _verb("take-back", _lazy("Car is back"), _take_back, awaits_car, is_main=True),
    _verb(
        "cancel",
        _lazy("Cancel order"),
        _cancel,
        lambda order: order.may_become(Status.CANCELLED),
        parts=frozenset({Part.MANAGER}),
        form=CancelForm,
        is_grave=True,
        on_desk=False,
    ),
    _verb(
        "goodwill",
        _lazy("Cancel as goodwill, without compensation"),
        _let_go,
        lambda order: order.may_become(Status.CANCELLED),
        parts=NOBODY,
        form=GoodwillForm,
        is_grave=True,
        on_desk=False,
    ),
)
