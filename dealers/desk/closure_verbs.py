"""Closing a dealership, an advisor's or a demo car's day at the desk, and telling the buyers it hits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from o2o_platform.interface.access import Part
from o2o_platform.interface.verbs import Verb, VerbForm
from o2o_platform.journal.models import Actor

from .. import services
from ..models import Closure, Dealership
from ..occupancy import advisors_of

MANAGERS = frozenset({Part.MANAGER})
MOMENTS = ("starts_at", "ends_at")


class ClosureForm(forms.ModelForm):
    """Times are typed and shown by the dealership's clock; advisor and car are the dealership's own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            zone = self.instance.dealership.zone
            for name in MOMENTS:
                self.initial[name] = getattr(self.instance, name).astimezone(zone).replace(tzinfo=None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        place: Dealership | None = cleaned.get("dealership") or (self.instance.dealership if self.instance.pk else None)
        if place is None:
            return cleaned
        for name in MOMENTS:
            if moment := cleaned.get(name):
                cleaned[name] = _by_clock_of(place, moment)
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at and starts_at >= ends_at:
            self.add_error("ends_at", _("The end must be after the beginning."))
        self._check_resources(place, cleaned)
        return cleaned

    def _check_resources(self, place: Dealership, cleaned: dict[str, Any]) -> None:
        advisor, car = cleaned.get("advisor"), cleaned.get("demo_car")
        if advisor and car:
            raise ValidationError(_("Choose an advisor or a demo car, not both."))
        if advisor and not advisors_of([place.pk]).filter(user=advisor).exists():
            self.add_error("advisor", _("This person doesn't work at the dealership."))
        if car and car.dealership_id != place.pk:
            self.add_error("demo_car", _("This car belongs to another dealership."))


def _by_clock_of(place: Dealership, moment: datetime) -> datetime:
    """What was typed, read by the dealership's clock instead of the server's."""
    typed = timezone.make_naive(moment) if timezone.is_aware(moment) else moment
    return typed.replace(tzinfo=place.zone)


class ClearForm(VerbForm):
    keeps_in_line = forms.BooleanField(label=_lazy("Put them on the waiting list of the day"), required=False)


def _clear(row: Closure, data: dict[str, Any], actor: Actor) -> str:
    cleared = services.clear_closure(row.pk, actor=actor, keeps_in_line=data["keeps_in_line"])
    counts = {"cancelled": cleared.cancelled, "replaced": cleared.replaced, "buyers": cleared.buyers}
    return _("%(cancelled)d cancelled, %(replaced)d with another advisor or car, %(buyers)d buyers told.") % counts


CLOSURE_VERBS = (
    Verb(
        name="clear",
        label=_lazy("Call off and tell the buyers"),
        parts=MANAGERS,
        run=_clear,
        may=lambda row: services.drives_hit(row).exists(),
        form=ClearForm,
        is_grave=True,
        is_main=True,
    ),
)
