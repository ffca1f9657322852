"""What can be changed of many trims together."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.forms import AutocompleteDropdownForm

from catalog.models import Drivetrain, EnergyType, Option, Trim
from catalog.services.trim_changes import TrimChanges

from .together import TogetherForm

__all__ = ["TrimChangeForm", "TrimChanges"]

SAME = [("", gettext_lazy("as it is"))]


def options_field(label: Any) -> forms.ModelMultipleChoiceField:
    """Options found by typing, as the desk's own forms do it."""
    attrs = {"class": "unfold-filter-autocomplete"}
    widget = AutocompleteSelectMultiple(Trim._meta.get_field("options"), admin.site, attrs=attrs)
    return forms.ModelMultipleChoiceField(Option.objects.all(), label=label, required=False, widget=widget)


class TrimChangeForm(TogetherForm):
    settings = ("publish_at",)
    publishing = forms.ChoiceField(
        label=gettext_lazy("Publishing"),
        required=False,
        choices=[
            *SAME,
            ("now", gettext_lazy("publish now")),
            ("at", gettext_lazy("publish at…")),
            ("off", gettext_lazy("take off")),
        ],
    )
    publish_at = forms.DateTimeField(
        label=gettext_lazy("Publish at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    energy_type = forms.ChoiceField(label=gettext_lazy("Energy"), required=False, choices=[*SAME, *EnergyType.choices])
    drivetrain = forms.ChoiceField(label=gettext_lazy("Drive"), required=False, choices=[*SAME, *Drivetrain.choices])
    transmission = forms.CharField(label=gettext_lazy("Transmission"), required=False, max_length=20)
    seats = forms.IntegerField(label=gettext_lazy("Seats"), required=False, min_value=1, max_value=9)
    doors = forms.IntegerField(label=gettext_lazy("Doors"), required=False, min_value=1, max_value=9)
    add_options = options_field(gettext_lazy("Add options"))
    remove_options = options_field(gettext_lazy("Remove options"))
    field_order = (
        "publishing",
        "publish_at",
        "energy_type",
        "drivetrain",
        "transmission",
        "seats",
        "doors",
        "add_options",
        "remove_options",
        "reason",
    )

    class Media(AutocompleteDropdownForm.Media):
        pass

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("publishing") == "at":
            if not data.get("publish_at"):
                self.add_error("publish_at", _("Say when."))
            elif data["publish_at"] <= timezone.now():
                self.add_error("publish_at", _("Choose a time to come, or publish now."))
        if set(data.get("add_options") or ()) & set(data.get("remove_options") or ()):
            self.add_error("remove_options", _("An option is both added and removed."))
        return data
