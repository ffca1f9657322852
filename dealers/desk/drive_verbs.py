"""Answering and holding test drives, as verbs of the desk."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from o2o_platform.accounts.models import User
from o2o_platform.interface.access import DEALERSHIP_PARTS, Part
from o2o_platform.interface.formats import format_day
from o2o_platform.interface.verbs import INPUT, Verb, VerbForm
from o2o_platform.journal.models import Actor

from .. import services
from ..booking import format_moment, read_moment
from ..exceptions import DriveRefused
from ..models import Appointment
from ..occupancy import advisors_of
from ..slots import Slot, free_slots

Status = Appointment.Status
MOST_TIMES = 400


class ConfirmForm(VerbForm):
    """Who drives along; the first who is free when nobody is named."""

    advisor = forms.ModelChoiceField(
        label=_lazy("Advisor"), queryset=User.objects.none(), required=False, empty_label=_lazy("The first who is free")
    )

    def prepare(self) -> None:
        along = advisors_of([self.row.dealership_id]).order_by("role", "pk").values("user_id")
        self.fields["advisor"].queryset = User.objects.filter(pk__in=along).order_by("pk")


class ProposeForm(VerbForm):
    """Another time: the dealership's free times by day, and a word about why."""

    starts_at = forms.ChoiceField(label=_lazy("Other time"))
    reason = forms.CharField(label=_lazy("Note to the buyer"), max_length=200, required=False)

    def prepare(self) -> None:
        self.fields["starts_at"].choices = proposable_times(self.row)

    def clean_starts_at(self) -> Any:
        return read_moment(self.cleaned_data["starts_at"])


class MoveForm(ProposeForm):
    """The time agreed with the buyer, who is told."""

    starts_at = forms.ChoiceField(label=_lazy("New time"))


class CheckInForm(VerbForm):
    licence_checked = forms.BooleanField(label=_lazy("I have checked the driving licence"))


class ReasonForm(VerbForm):
    reason = forms.CharField(
        label=_lazy("Reason, for the buyer"), max_length=200, widget=forms.Textarea(attrs={"rows": 2, "class": INPUT})
    )


class OutcomeForm(VerbForm):
    outcome = forms.ChoiceField(label=_lazy("What came of it"), choices=Appointment.Outcome.choices)
    note = forms.CharField(label=_lazy("Note"), max_length=500, required=False)


def proposable_times(appointment: Appointment) -> list[tuple[str, list[tuple[str, str]]]]:
    """The free times of the booking window by day, in the dealership's zone; its own time left out."""
    dealership = appointment.dealership
    today = timezone.now().astimezone(dealership.zone).date()
    slots = free_slots(
        dealership,
        appointment.trim_id,
        today,
        dealership.window_days + 1,
        moving_id=appointment.pk,
        place=appointment.place,
    )
    now_at = appointment.starts_at.timestamp()
    offered = [slot for slot in slots if slot.moment != now_at][:MOST_TIMES]
    return [
        (
            name := format_day(day, today=today),
            # The day too: a closed select box shows the option alone.
            [(format_moment(slot.starts_at), f"{name} {_clock(slot)}") for slot in group],
        )
        for day, group in groupby(offered, key=lambda slot: slot.starts_at.date())
    ]


def _clock(slot: Slot) -> str:
    """The hour a time change repeats is told apart by its offset."""
    is_repeated = slot.starts_at.utcoffset() != slot.starts_at.replace(fold=1 - slot.starts_at.fold).utcoffset()
    return f"{slot.starts_at:%H:%M}" + (f" ({slot.starts_at:%Z})" if is_repeated else "")


def starts_today_or_before(appointment: Appointment) -> bool:
    """Whether the day of the drive has come, at the dealership."""
    return appointment.local_start.date() <= timezone.now().astimezone(appointment.dealership.zone).date()


def _confirm(row: Appointment, data: dict[str, Any], actor: Actor) -> str:
    services.confirm(row.pk, actor=actor, advisor=data["advisor"])
    return _("The test drive is confirmed and the buyer has been told.")


def _approve(row: Appointment, data: dict[str, Any], actor: Actor) -> str:
    services.confirm(row.pk, actor=actor, advisor=data["advisor"], is_approved=True)
    return _("The test drive is confirmed and the buyer has been told.")


def _move(row: Appointment, data: dict[str, Any], actor: Actor) -> str:
    services.move_to(row.pk, starts_at=data["starts_at"], actor=actor, reason=data["reason"])
    return _("The test drive is moved and the buyer has been told.")


def _propose(row: Appointment, data: dict[str, Any], actor: Actor) -> str:
    services.propose(row.pk, starts_at=data["starts_at"], actor=actor, reason=data["reason"])
    return _("The other time is kept for the buyer, who has been asked.")


def _decline(row: Appointment, data: dict[str, Any], actor: Actor) -> str:
    services.decline(row.pk, actor=actor, reason=data["reason"])
    return _("The test drive is declined and the buyer has been told.")


def _cancel(row: Appointment, data: dict[str, Any], actor: Actor) -> str:
    services.cancel(row.pk, actor=actor, reason=data["reason"])
    return _("The test drive is cancelled and the buyer has been told.")


def _check_in(row: Appointment, data: dict[str, Any], actor: Actor) -> str:
    services.check_in(row.pk, actor=actor, licence_checked=data["licence_checked"])
    return _("The buyer is here.")


def _complete(row: Appointment, data: dict[str, Any], actor: Actor) -> str:
    services.complete(row.pk, actor=actor, outcome=data["outcome"], note=data["note"])
    return _("The test drive is done.")


def _no_show(row: Appointment, _data: dict[str, Any], actor: Actor) -> str:
    services.mark_no_show(row.pk, actor=actor)
    return _("Noted: the buyer did not come.")


def _verb(name: str, label: Any, run: Any, may: Any, **more: Any) -> Verb:
    more = {"parts": DEALERSHIP_PARTS} | more
    return Verb(name=name, label=label, run=run, may=may, refusals=(DriveRefused,), **more)


def _is_ahead(row: Appointment) -> bool:
    return row.starts_at > timezone.now()


def _may_get_other_time(row: Appointment, status: str) -> bool:
    is_recent = row.ends_at > timezone.now() - timedelta(days=7)
    return row.may_become(status) and is_recent and not row.needs_approval


DRIVE_VERBS = (
    _verb(
        "confirm",
        _lazy("Confirm"),
        _confirm,
        lambda row: row.status == Status.REQUESTED and _is_ahead(row) and not row.needs_approval,
        form=ConfirmForm,
        is_main=True,
        is_lazy=True,
    ),
    _verb(
        "approve",
        _lazy("Approve and confirm"),
        _approve,
        lambda row: row.status == Status.REQUESTED and _is_ahead(row) and row.needs_approval,
        parts=frozenset({Part.MANAGER}),
        form=ConfirmForm,
        is_main=True,
        is_lazy=True,
    ),
    _verb(
        "check-in",
        _lazy("Check in"),
        _check_in,
        lambda row: row.status == Status.CONFIRMED and starts_today_or_before(row),
        form=CheckInForm,
        is_main=True,
    ),
    _verb(
        "done", _lazy("Done"), _complete, lambda row: row.status == Status.CHECKED_IN, form=OutcomeForm, is_main=True
    ),
    _verb(
        "no-show", _lazy("Did not come"), _no_show, lambda row: row.status == Status.CONFIRMED and not _is_ahead(row)
    ),
    _verb(
        "propose",
        _lazy("Other time"),
        _propose,
        lambda row: _may_get_other_time(row, Status.PROPOSED),
        form=ProposeForm,
        is_lazy=True,
    ),
    _verb(
        "move",
        _lazy("Move"),
        _move,
        lambda row: _may_get_other_time(row, Status.CONFIRMED),
        form=MoveForm,
        is_lazy=True,
    ),
    _verb(
        "decline",
        _lazy("Decline"),
        _decline,
        lambda row: row.status in (Status.REQUESTED, Status.PROPOSED),
        form=ReasonForm,
        is_grave=True,
    ),
    _verb(
        "cancel",
        _lazy("Cancel test drive"),
        _cancel,
        lambda row: row.status == Status.CONFIRMED,
        form=ReasonForm,
        is_grave=True,
    ),
)
