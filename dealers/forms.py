"""What buyers type on the pages of test drives."""

from django import forms
from django.utils.translation import gettext_lazy as _


class BookingForm(forms.Form):
    """The last step: a note for the dealership, and the key that makes a second click harmless."""

    note = forms.CharField(label=_("Note for the dealership"), max_length=300, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """Why a buyer calls it off; optional."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
