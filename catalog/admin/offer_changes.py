"""What can be changed of many offers together."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.services.offer_changes import OfferChanges
from o2o_platform.markets.models import DepositKind, SalesModel

from .together import TogetherForm
from .trim_changes import SAME

__all__ = ["OfferChangeForm", "OfferChanges"]

STEPS = ("0.01", "1", "10", "100", "1000")


class OfferChangeForm(TogetherForm):
    settings = ("on", "round_to")
    on = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    percent = forms.DecimalField(
        label=gettext_lazy("Price by percent"),
        required=False,
        min_value=-90,
        max_value=900,
        max_digits=6,
        decimal_places=3,
        help_text=gettext_lazy("for example -3 or 2.5"),
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Price by amount"),
        required=False,
        max_digits=12,
        decimal_places=2,
        help_text=gettext_lazy("added after the percent, in each market's currency; negative lowers"),
    )
    round_to = forms.ChoiceField(
        label=gettext_lazy("Round the price to"), required=False, choices=[(step, step) for step in STEPS], initial="1"
    )
    deposit_kind = forms.ChoiceField(
        label=gettext_lazy("Deposit kind"), required=False, choices=[*SAME, *DepositKind.choices]
    )
    deposit_amount = forms.DecimalField(
        label=gettext_lazy("Deposit"), required=False, min_value=1, max_digits=12, decimal_places=2
    )
    cooling_hours = forms.IntegerField(
        label=gettext_lazy("Cooling window (hours)"), required=False, min_value=0, max_value=2160
    )
    sales_model = forms.ChoiceField(
        label=gettext_lazy("Sales model"), required=False, choices=[*SAME, *SalesModel.choices]
    )
    field_order = (
        "on",
        "percent",
        "amount",
        "round_to",
        "deposit_kind",
        "deposit_amount",
        "cooling_hours",
        "sales_model",
        "reason",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("percent") == 0 and not data.get("amount"):
            self.add_error("percent", _("Nothing would change."))
        return data
