"""Starting to pay."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.forms import IdempotentForm


class PayForm(IdempotentForm):
    """Nothing but the key: amount and order are ours to know."""


class PartForm(IdempotentForm):
    """A part of the balance, as large as the buyer likes."""

    amount = forms.DecimalField(
        label=_("Amount now"),
        max_digits=12,
        decimal_places=2,
        min_value=Decimal("0.01"),
        help_text=_("All of it, or a part."),
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
