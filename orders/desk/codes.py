"""Which codes are printed: the form of the print page, and switching codes on and off."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from catalog.models import Availability, Stage, StockUnit
from dealers.models import Dealership, Membership
from o2o_platform.accounts.models import User
from o2o_platform.interface.access import DEALERSHIP_PARTS
from o2o_platform.interface.verbs import INPUT, Verb
from o2o_platform.journal.models import Actor

from ..models import ShowroomCode
from ..services.scanning import code_of_advisor, code_of_dealership, codes_of_cars, switch_code

MOST_SHEETS = 200


class SheetForm(forms.Form):
    """What to print, at one of the person's dealerships. `places` None means all dealerships."""

    class What(models.TextChoices):
        CARS = "cars", _lazy("All cars in the store")
        CAR = "car", _lazy("One car, by its VIN")
        COUNTER = "counter", _lazy("The counter")
        ADVISORS = "advisors", _lazy("A card for every advisor")

    dealership = forms.ModelChoiceField(
        Dealership.objects.none(),
        label=_lazy("Dealership"),
        widget=forms.Select(attrs={"class": INPUT}),
    )
    what = forms.ChoiceField(label=_lazy("What to print"), choices=What, widget=forms.RadioSelect)
    vin = forms.CharField(
        label=_lazy("VIN or its ending"),
        max_length=17,
        required=False,
        widget=forms.TextInput(attrs={"class": INPUT, "autocomplete": "off"}),
    )
    advisor = forms.BooleanField(label=_lazy("Name me as the advisor on the cars"), required=False)

    def __init__(self, *args: Any, places: frozenset[int] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Dealership.objects.active().select_related("market", "city").order_by("name")
        field: Any = self.fields["dealership"]
        field.queryset = rows if places is None else rows.filter(pk__in=places)
        field.label_from_instance = lambda place: place.label
        field.empty_label = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("what") == self.What.CAR and not data.get("vin"):
            self.add_error("vin", _("Enter the VIN or its last letters."))
        return data

    def codes(self, person: User) -> list[ShowroomCode]:
        """The codes of a valid form, made where they are new; none when nothing fits."""
        place, what = self.cleaned_data["dealership"], self.cleaned_data["what"]
        if what == self.What.COUNTER:
            found = [code_of_dealership(place)]
        elif what == self.What.ADVISORS:
            found = [code_of_advisor(place, member.user) for member in _advisors(place)]
        else:
            works_there = Membership.objects.filter(user=person, dealership=place, is_active=True).exists()
            named = person if self.cleaned_data["advisor"] and works_there else None
            found = codes_of_cars(place, self._cars(place), advisor=named)
        return with_relations(found)

    def _cars(self, place: Dealership) -> list[StockUnit]:
        units = (
            StockUnit.objects.filter(dealership=place).exclude(availability=Availability.SOLD).order_by("trim", "pk")
        )
        if self.cleaned_data["what"] == self.What.CAR:
            return list(units.filter(vin__iendswith=self.cleaned_data["vin"])[:1])
        return list(units.filter(stage=Stage.IN_STORE, availability=Availability.AVAILABLE)[:MOST_SHEETS])


def _advisors(place: Dealership) -> models.QuerySet[Membership]:
    members = Membership.objects.filter(dealership=place, is_active=True, role=Membership.Role.ADVISOR)
    return members.select_related("user").order_by("user__name", "pk")[:MOST_SHEETS]


def with_relations(codes: list[ShowroomCode]) -> list[ShowroomCode]:
    """The same codes with all that a sheet says, in one query."""
    related = ("dealership__market", "dealership__city", "advisor", "stock_unit__colour")
    rows = ShowroomCode.objects.select_related(*related, "stock_unit__trim__vehicle_model__brand")
    found = rows.in_bulk([code.pk for code in codes])
    return [found[code.pk] for code in codes]


def _switch(code: ShowroomCode, _data: dict[str, Any], _actor: Actor) -> str:
    switch_code(code, is_active=not code.is_active)
    return _("Code %(code)s is switched.") % {"code": code}


def _verb(name: str, label: Any, *, is_active: bool) -> Verb:
    return Verb(
        name=name,
        label=label,
        parts=DEALERSHIP_PARTS,
        may=lambda code: code.is_active == is_active,
        run=lambda code, data, actor: _switch(code, data, actor),
        on_desk=False,
    )


CODE_VERBS = (
    _verb("switch-off", _lazy("Switch off"), is_active=True),
    _verb("switch-on", _lazy("Switch on"), is_active=False),
)
