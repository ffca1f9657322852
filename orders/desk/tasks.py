"""Notes and tasks as verbs: on orders, test drives and trade-ins, and on tasks themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from dealers.models import Dealership
from o2o_platform.accounts.models import User
from o2o_platform.interface.access import CONTACT_PARTS
from o2o_platform.interface.verbs import INPUT, Verb, VerbForm
from o2o_platform.journal.models import Actor

from .. import services
from ..models import ContactNote, DeskTask, Order

LATEST = timedelta(days=366)


class AlreadyDone(Exception):
    """Somebody else did the task meanwhile."""

    def __str__(self) -> str:
        return _("This task is done already.")


def people_at(dealership_ids: Any) -> QuerySet[User]:
    """Who may be given tasks of these dealerships: their own people and those of their groups."""
    own = Q(memberships__dealership__in=dealership_ids, memberships__is_active=True)
    of_group = Q(group_memberships__group__dealerships__in=dealership_ids, group_memberships__is_active=True)
    return User.objects.filter(own | of_group, is_active=True).distinct().order_by("name", "pk")


class LocalMoment(forms.DateTimeField):
    """A moment as the clock of a dealership shows it; `zone` is set by the form."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    zone: Any = None

    def clean(self, value: Any) -> datetime | None:
        with timezone.override(self.zone):
            moment = super().clean(value)
        if moment is not None and abs(moment - timezone.now()) > LATEST:
            raise forms.ValidationError(_("Choose a day within a year."))
        return moment

    def prepare_value(self, value: Any) -> Any:
        with timezone.override(self.zone):
            return super().prepare_value(value)


def next_morning(place: Dealership) -> datetime:
    """Ten o'clock tomorrow at the dealership."""
    local = timezone.now().astimezone(place.zone) + timedelta(days=1)
    return local.replace(hour=10, minute=0, second=0, microsecond=0)


class NoteForm(VerbForm):
    medium = forms.ChoiceField(label=_lazy("How"), choices=ContactNote.Medium.choices)
    text = forms.CharField(
        label=_lazy("Note"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3, "class": INPUT})
    )


class TaskForm(VerbForm):
    text = forms.CharField(label=_lazy("What to do"), max_length=200)
    due_at = LocalMoment(label=_lazy("Until"))
    assignee = forms.ModelChoiceField(
        label=_lazy("Give to"), queryset=User.objects.none(), required=False, empty_label=_lazy("Anyone")
    )

    def prepare(self) -> None:
        place: Dealership = self.row.dealership  # type: ignore[attr-defined]
        self.fields["due_at"].zone = place.zone  # type: ignore[attr-defined]
        self.fields["due_at"].initial = next_morning(place)
        self.fields["assignee"].queryset = people_at([place.pk])  # type: ignore[attr-defined]


class GiveForm(TaskForm):
    text = None  # type: ignore[assignment]

    def prepare(self) -> None:
        super().prepare()
        self.fields["due_at"].initial = self.row.due_at  # type: ignore[attr-defined]
        self.fields["assignee"].initial = self.row.assignee_id  # type: ignore[attr-defined]


def _write_note(row: Any, data: dict[str, Any], actor: Actor) -> str:
    services.write_note(
        dealership_id=row.dealership_id,
        buyer_id=row.buyer_id,
        author_id=_person(actor),
        order=row if isinstance(row, Order) else None,
        **data,
    )
    return _("Noted.")


def _add_task(row: Any, data: dict[str, Any], actor: Actor) -> str:
    services.add_task(
        dealership_id=row.dealership_id,
        buyer_id=row.buyer_id,
        author_id=_person(actor),
        text=data["text"],
        due_at=data["due_at"],
        assignee_id=data["assignee"] and data["assignee"].pk,
        order=row if isinstance(row, Order) else None,
    )
    return _("The task is on the desk.")


def _finish(task: DeskTask, _data: dict[str, Any], actor: Actor) -> str:
    if not services.finish_task(task.pk, person_id=_person(actor)):
        raise AlreadyDone
    return _("Done: %(task)s") % {"task": task}


def _reopen(task: DeskTask, _data: dict[str, Any], _actor: Actor) -> str:
    services.reopen_task(task.pk)
    return _("The task is on the desk.")


def _give(task: DeskTask, data: dict[str, Any], _actor: Actor) -> str:
    person = data["assignee"]
    if not services.give_task(task.pk, assignee_id=person and person.pk, due_at=data["due_at"]):
        raise AlreadyDone
    return _("For %(person)s.") % {"person": person or _("anyone")}


def _person(actor: Actor) -> int:
    """The signed-in person behind a verb."""
    if actor.user_id is None:
        raise ValueError("a verb without a person")
    return actor.user_id


def _has_buyer(row: Any) -> bool:
    return row.buyer_id is not None and row.dealership_id is not None


# On whatever is about a buyer at a dealership.
CONTACT_VERBS = (
    Verb(
        name="note",
        label=_lazy("Add a note"),
        parts=CONTACT_PARTS,
        may=_has_buyer,
        run=_write_note,
        form=NoteForm,
        on_desk=False,
    ),
    Verb(
        name="task",
        label=_lazy("Add a task"),
        parts=CONTACT_PARTS,
        may=_has_buyer,
        run=_add_task,
        form=TaskForm,
        is_lazy=True,
        on_desk=False,
    ),
)

TASK_VERBS = (
    Verb(
        name="done",
        label=_lazy("Done"),
        parts=CONTACT_PARTS,
        may=lambda task: task.done_at is None,
        run=_finish,
        refusals=(AlreadyDone,),
        is_main=True,
    ),
    Verb(
        name="give",
        label=_lazy("Give to"),
        parts=CONTACT_PARTS,
        may=lambda task: task.done_at is None,
        run=_give,
        form=GiveForm,
        refusals=(AlreadyDone,),
        is_lazy=True,
    ),
    Verb(
        name="reopen",
        label=_lazy("Not done yet"),
        parts=CONTACT_PARTS,
        may=lambda task: task.done_at is not None,
        run=_reopen,
        on_desk=False,
    ),
)
