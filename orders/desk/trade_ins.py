"""Estimating and declining trade-ins, as verbs of the desk."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from o2o_platform.interface.access import DEALERSHIP_PARTS
from o2o_platform.interface.formats import format_money
from o2o_platform.interface.verbs import INPUT, Verb, VerbForm
from o2o_platform.journal.models import Actor

from .. import services
from ..exceptions import OrderError, WrongEstimate
from ..models import TradeIn
from ..services.trading import LONGEST_VALIDITY

USUAL_VALIDITY = timedelta(days=14)
ONE_CENT = Decimal("0.01")


class EstimateForm(VerbForm):
    low = forms.DecimalField(label=_lazy("From"), max_digits=12, decimal_places=2, min_value=ONE_CENT)
    high = forms.DecimalField(label=_lazy("To"), max_digits=12, decimal_places=2, min_value=ONE_CENT)
    valid_until = forms.DateField(label=_lazy("Valid until"), widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_lazy("Note to the buyer"), max_length=500, required=False)

    def prepare(self) -> None:
        today = timezone.now().astimezone(self.row.dealership.zone).date()  # type: ignore[attr-defined]
        self.fields["valid_until"].initial = (today + USUAL_VALIDITY).isoformat()
        self.fields["valid_until"].widget.attrs |= {
            "min": today.isoformat(),
            "max": (today + LONGEST_VALIDITY).isoformat(),
        }
        for name in ("low", "high"):
            self.fields[name].label = f"{self.fields[name].label} ({self.row.currency})"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "low" in data and "high" in data and data["low"] > data["high"]:
            self.add_error("high", WrongEstimate.text)
        return data


class DeclineForm(VerbForm):
    note = forms.CharField(
        label=_lazy("Note to the buyer"), max_length=500, widget=forms.Textarea(attrs={"rows": 2, "class": INPUT})
    )


def _estimate(trade_in: TradeIn, data: dict[str, Any], actor: Actor) -> str:
    services.estimate_trade_in(trade_in.pk, actor=actor, **data)
    low, high = (format_money(data[name], currency=trade_in.currency) for name in ("low", "high"))
    return _("%(car)s: estimated at %(low)s to %(high)s. The buyer has been told.") % {
        "car": trade_in.car,
        "low": low,
        "high": high,
    }


def _decline(trade_in: TradeIn, data: dict[str, Any], actor: Actor) -> str:
    services.decline_trade_in(trade_in.pk, actor=actor, note=data["note"])
    return _("Declined. The buyer has been told.")


TRADE_IN_VERBS = (
    Verb(
        name="estimate",
        label=_lazy("Estimate"),
        parts=DEALERSHIP_PARTS,
        may=lambda trade_in: trade_in.status == TradeIn.Status.REQUESTED,
        run=_estimate,
        form=EstimateForm,
        refusals=(OrderError,),
        is_main=True,
    ),
    Verb(
        name="decline",
        label=_lazy("Decline"),
        parts=DEALERSHIP_PARTS,
        may=lambda trade_in: trade_in.status == TradeIn.Status.REQUESTED,
        run=_decline,
        form=DeclineForm,
        refusals=(OrderError,),
        is_grave=True,
    ),
)
