"""The day itself: the buyer came, drove, or did not come."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from o2o_platform.journal.models import Actor
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import lock, transition

from ..exceptions import LicenceNotChecked, TooEarly
from ..models import Appointment
from . import announcements
from .bookings import has_missed_twice

Status = Appointment.Status
NOTE_LENGTH = 500


@retry_on_deadlock
@transaction.atomic
def check_in(appointment_id: int, *, actor: Actor, licence_checked: bool) -> Appointment:
    """The buyer is here, on the day of the drive, and has shown a driving licence.

    Raises WrongState, LicenceNotChecked, TooEarly on a day before.
    """
    if not licence_checked:
        raise LicenceNotChecked
    appointment, now = lock(Appointment, pk=appointment_id), timezone.now()
    if appointment.local_start.date() > now.astimezone(appointment.dealership.zone).date():
        raise TooEarly
    return _record(appointment, Status.CHECKED_IN, actor, licence_checked_at=now)


@retry_on_deadlock
@transaction.atomic
def complete(
    appointment_id: int, *, actor: Actor, outcome: Appointment.Outcome | str = "", note: str = ""
) -> Appointment:
    """The drive is done; `outcome` is what came of it and `note` the words, for the dealership. Raises WrongState."""
    outcome = Appointment.Outcome(outcome) if outcome else ""
    data = {name: text for name, text in (("outcome", str(outcome)), ("note", note[:NOTE_LENGTH])) if text}
    return _record(lock(Appointment, pk=appointment_id), Status.DONE, actor, data=data, outcome=outcome)


@retry_on_deadlock
@transaction.atomic
def mark_no_show(appointment_id: int, *, actor: Actor) -> Appointment:
    """The buyer did not come. After the second time their open requests need approval. Raises WrongState, TooEarly."""
    appointment = lock(Appointment, pk=appointment_id)
    if appointment.starts_at > timezone.now():
        raise TooEarly
    _record(appointment, Status.NO_SHOW, actor)
    if has_missed_twice(appointment.buyer_id):
        asked = Appointment.objects.filter(buyer=appointment.buyer_id, status=Status.REQUESTED)
        asked.update(needs_approval=True)
    return appointment


def _record(
    appointment: Appointment, status: str, actor: Actor, *, data: dict[str, Any] | None = None, **changes: Any
) -> Appointment:
    transition(appointment, status, actor=actor, data=data, **changes)
    announcements.tell_dealership(appointment, announcements.CHANGED)
    return appointment
