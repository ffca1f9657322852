"""What buyers type on the pages of test drives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from o2o_platform.markets.models import City

from .services import Home


class BookingForm(forms.Form):
    """The last step: a note for the dealership, and the key that makes a second click harmless."""

    note = forms.CharField(label=_("Note for the dealership"), max_length=300, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def home(self) -> Home | None:
        """Where to bring the car; None for a drive at the dealership."""
        return None


class HomeBookingForm(BookingForm):
    """A test drive at home: the address, and where that is.

    There is no map service: the device's position when the buyer gave it, else the centre of the city chosen.
    """

    city = forms.ChoiceField(label=_("City"))
    address = forms.CharField(label=_("Address"), min_length=4, max_length=200)
    latitude = forms.FloatField(min_value=-90, max_value=90, required=False, widget=forms.HiddenInput)
    longitude = forms.FloatField(min_value=-180, max_value=180, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, cities: Sequence[City], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cities = {city.slug: city for city in cities}
        self.fields["city"].choices = [(city.slug, city.label) for city in cities]

    def home(self) -> Home:
        data = self.cleaned_data
        city, spot = self.cities[data["city"]], (data.get("latitude"), data.get("longitude"))
        if None in spot:
            spot = (city.latitude, city.longitude)
        address = data["address"] if city.label in data["address"] else f"{data['address']}, {city.label}"
        return Home(address[:200], *spot)


class WaitingForm(forms.Form):
    """The full day somebody wants to wait for."""

    day = forms.DateField()


class ReasonForm(forms.Form):
    """Why a buyer calls it off; optional."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
