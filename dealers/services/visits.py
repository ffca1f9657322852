"""The day itself: the buyer came, drove, or did not come."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import lock, transition

from ..exceptions import TooEarly
from ..models import Appointment
from . import announcements

Status = Appointment.Status


@transaction.atomic
def check_in(appointment_id: int, *, actor: Actor) -> Appointment:
    """The buyer is here, on the day of the drive. Raises WrongState, TooEarly on a day before."""
    appointment = lock(Appointment, pk=appointment_id)
    today = timezone.now().astimezone(appointment.dealership.zone).date()
    if appointment.local_start.date() > today:
        raise TooEarly
    return _record(appointment, Status.CHECKED_IN, actor)


@transaction.atomic
def complete(appointment_id: int, *, actor: Actor, note: str = "") -> Appointment:
    """The drive is done; `note` is what came of it, for the dealership. Raises WrongState."""
    return _record(lock(Appointment, pk=appointment_id), Status.DONE, actor, note)


@transaction.atomic
def mark_no_show(appointment_id: int, *, actor: Actor) -> Appointment:
    """The buyer did not come. Raises WrongState, TooEarly before the start."""
    appointment = lock(Appointment, pk=appointment_id)
    if appointment.starts_at > timezone.now():
        raise TooEarly
    return _record(appointment, Status.NO_SHOW, actor)


def _record(appointment: Appointment, status: str, actor: Actor, note: str = "") -> Appointment:
    transition(appointment, status, actor=actor, data={"outcome": note[:500]} if note else None)
    announcements.tell_dealership(appointment, announcements.CHANGED)
    return appointment
