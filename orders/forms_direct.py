"""What a buyer fills in for a direct sale."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from o2o_platform.markets.models import City, Market

from .exceptions import OrderError
from .forms import LARGEST_ID
from .models import DeliveryWindow
from .services.direct.delivery import check_postcode
from .services.direct.identity import normal_number

MOST_KM = 2_000_000


class IdentityForm(forms.Form):
    """The name and the number of the document; the number is checked here and never kept."""

    name = forms.CharField(
        label=_("Name in the document"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    number = forms.CharField(
        label=_("Number of the document"),
        help_text=_("Identity card or passport, as printed."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_number(self) -> str:
        return _checked(normal_number, self.cleaned_data["number"])


class AddressForm(forms.Form):
    """Where the car is brought: one of the cities with delivery."""

    line = forms.CharField(
        label=_("Street and number"),
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    postcode = forms.CharField(
        label=_("Postcode"), max_length=12, widget=forms.TextInput(attrs={"autocomplete": "postal-code"})
    )
    city = forms.ModelChoiceField(label=_("City"), queryset=City.objects.none(), empty_label=_("Choose"))

    def __init__(self, *args: Any, market: Market, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.market = market
        served = DeliveryWindow.objects.filter(city__market=market).values("city")
        self.fields["city"].queryset = City.objects.filter(pk__in=served).order_by("name")  # type: ignore[attr-defined]

    def clean_postcode(self) -> str:
        return _checked(lambda text: check_postcode(self.market.pk, text), self.cleaned_data["postcode"])


class WindowForm(forms.Form):
    window = forms.IntegerField(min_value=1, max_value=LARGEST_ID)


class LoanForm(forms.Form):
    plan = forms.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    drop = forms.BooleanField(required=False)


class ReturnForm(forms.Form):
    """First the odometer alone, for the refund; then with the refund shown, to ask."""

    odometer_km = forms.IntegerField(
        label=_("Kilometres on the odometer now"),
        min_value=0,
        max_value=MOST_KM,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    expected_refund = forms.DecimalField(
        max_digits=12, decimal_places=2, min_value=0, required=False, widget=forms.HiddenInput
    )
    reason = forms.CharField(
        label=_("Reason (if you like)"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


def _checked(check: Any, text: str) -> str:
    """The service's own rule as an error of the field."""
    try:
        return check(text)
    except OrderError as refusal:
        raise forms.ValidationError(str(refusal)) from refusal
