"""What buyers fill in to reserve, to cancel and to choose another car."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LARGEST_ID = 2**63 - 1


def new_key() -> str:
    """An idempotency key for a form that was just opened."""
    return uuid.uuid4().hex


class IdempotentForm(forms.Form):
    """A form that carries the key it was opened with, so that sending it twice counts once."""

    idempotency_key = forms.RegexField(r"\A[A-Za-z0-9_-]{16,80}\Z", widget=forms.HiddenInput)

    @property
    def key(self) -> str:
        """The key sent, or a new one when it is missing or unfit."""
        sent = self.data.get("idempotency_key", "") if self.is_bound else ""
        return sent if sent and not self.errors.get("idempotency_key") else new_key()


class ReserveForm(IdempotentForm):
    """The buyer's name and consent; what was shown comes along to be checked again."""

    terms_id = forms.IntegerField(min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput)
    expected_total = forms.DecimalField(max_digits=12, decimal_places=2, widget=forms.HiddenInput)
    buyer_name = forms.CharField(
        label=_("Name"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter your name, as on your identity card.")},
    )
    accept = forms.BooleanField(error_messages={"required": _("Read and accept the terms to go on.")})

    @property
    def summary(self) -> list[dict[str, Any]]:
        """Errors of the fields people fill in, with the field to go to."""
        return [
            {"target": self[name].id_for_label, "text": text}
            for name in ("buyer_name", "accept")
            for text in self.errors.get(name, ())
        ]

    @property
    def is_tampered(self) -> bool:
        """Whether a hidden field is missing or not what the page sent."""
        return any(self.errors.get(name) for name in ("idempotency_key", "terms_id", "expected_total"))


class WithdrawForm(forms.Form):
    """Why the buyer withdraws, as they like: no reason is needed."""

    reason = forms.CharField(max_length=300, required=False)


class CancelForm(forms.Form):
    """The refund the buyer was shown, and why they leave (as they like)."""

    expected_refund = forms.DecimalField(max_digits=12, decimal_places=2, min_value=0, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class AlternativeForm(forms.Form):
    """The car chosen instead of the one the dealership could not sell."""

    unit = forms.IntegerField(min_value=1, max_value=LARGEST_ID)
