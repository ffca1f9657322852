"""What platform staff do with a direct sale."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from o2o_platform.interface.access import NOBODY, Part
from o2o_platform.interface.formats import format_money
from o2o_platform.interface.verbs import INPUT, Verb, VerbForm
from o2o_platform.journal.models import Actor

from .. import services
from ..exceptions import OrderError
from ..forms_direct import MOST_KM
from ..models import DirectSale, Order
from ..services import direct

Status = Order.Status
Identity = DirectSale.Identity


class ReasonForm(VerbForm):
    reason = forms.CharField(
        label=_lazy("Reason, for the buyer"), max_length=200, widget=forms.Textarea(attrs={"rows": 2, "class": INPUT})
    )


def _odometer(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, max_value=MOST_KM, widget=forms.NumberInput(attrs={"class": INPUT})
    )


class ProtocolForm(VerbForm):
    """The handover at the door: the buyer says the code and signs with their name."""

    code = forms.CharField(
        label=_lazy("Collection code"),
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": f"{INPUT} desk-code"}),
    )
    odometer_km = _odometer(_lazy("Kilometres"))
    signed_name = forms.CharField(label=_lazy("Signed by"), max_length=80)
    remarks = forms.CharField(
        label=_lazy("Remarks"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": INPUT}),
    )


class OdometerForm(VerbForm):
    odometer_km = _odometer(_lazy("Kilometres"))


def _verify(sale: DirectSale, _data: dict[str, Any], actor: Actor) -> str:
    direct.verify_identity(sale.order_id, actor=actor)
    return _("Identity of order %(order)s is verified.") % {"order": sale.order}


def _refuse(sale: DirectSale, data: dict[str, Any], actor: Actor) -> str:
    direct.refuse_identity(sale.order_id, actor=actor, reason=data["reason"])
    return _("Identity of order %(order)s is refused and the buyer has been told.") % {"order": sale.order}


def _mark_ready(sale: DirectSale, _data: dict[str, Any], actor: Actor) -> str:
    services.mark_ready(sale.order_id, actor=actor)
    return _("The car of order %(order)s is ready and the buyer has been told.") % {"order": sale.order}


def _approve(sale: DirectSale, _data: dict[str, Any], actor: Actor) -> str:
    direct.answer_loan(sale.order_id, is_approved=True, actor=actor)
    return _("The loan of order %(order)s is approved and the buyer has been told.") % {"order": sale.order}


def _decline(sale: DirectSale, data: dict[str, Any], actor: Actor) -> str:
    direct.answer_loan(sale.order_id, is_approved=False, actor=actor, reason=data["reason"])
    return _("The loan of order %(order)s is declined and the buyer has been told.") % {"order": sale.order}


def _deliver(sale: DirectSale, data: dict[str, Any], actor: Actor) -> str:
    direct.deliver(sale.order_id, actor=actor, **data)
    return _("Handed over: order %(order)s is complete.") % {"order": sale.order}


def _take_back(sale: DirectSale, data: dict[str, Any], actor: Actor) -> str:
    order = direct.record_return(sale.order_id, actor=actor, **data).order
    refund = format_money(order.refund_due, currency=order.currency)
    return _("The car of order %(order)s is back. To be refunded: %(refund)s.") % {"order": order, "refund": refund}


def _is_checkable(sale: DirectSale) -> bool:
    is_waiting = sale.order.status in (Status.PLACED, Status.RESERVED)
    return sale.identity == Identity.SUBMITTED and is_waiting


def _is_loan_asked(sale: DirectSale) -> bool:
    is_open = sale.order.status in (Status.RESERVED, Status.ACCEPTED, Status.READY)
    return sale.finance == DirectSale.Finance.ASKED and is_open


def _is_in(status: str) -> Any:
    return lambda sale: sale.order.status == status


def _may_take_back(sale: DirectSale) -> bool:
    return sale.order.status == Status.DELIVERED and sale.return_asked_at is not None


def _verb(name: str, label: Any, run: Any, may: Any, **more: Any) -> Verb:
    values = {"parts": NOBODY, "refusals": (OrderError,)} | more
    return Verb(name=name, label=label, run=run, may=may, **values)


MONEY = frozenset({Part.FINANCE})
# Parts are those beside the platform's own staff, who play every part.
DIRECT_VERBS = (
    _verb("verify", _lazy("Identity verified"), _verify, _is_checkable, is_main=True),
    _verb("refuse", _lazy("Refuse identity"), _refuse, _is_checkable, form=ReasonForm, is_grave=True),
    _verb("ready", _lazy("Car is ready"), _mark_ready, _is_in(Status.ACCEPTED), is_main=True),
    _verb("approve-loan", _lazy("Approve loan"), _approve, _is_loan_asked, parts=MONEY),
    _verb("decline-loan", _lazy("Decline loan"), _decline, _is_loan_asked, parts=MONEY, form=ReasonForm, is_grave=True),
    _verb("deliver", _lazy("Hand over at the door"), _deliver, _is_in(Status.PAID), form=ProtocolForm, is_main=True),
    _verb("take-back", _lazy("Car is back"), _take_back, _may_take_back, form=OdometerForm, is_main=True),
)
