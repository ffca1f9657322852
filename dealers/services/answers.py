"""What the dealership answers, and the buyer's yes to another time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from o2o_platform.journal.models import Actor
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import WrongState, lock, transition

from ..exceptions import AdvisorBusy, ApprovalNeeded, OutsideWindow
from ..models import Appointment
from . import announcements, waiting
from .bookings import call_off, move
from .placement import ADVISOR_FREE, advisor_candidates, cars_for_proposal, lock_with_dealership, write_with_first_free
from .reminders import skip_begun_reminders

if TYPE_CHECKING:
    from o2o_platform.accounts.models import User

Status = Appointment.Status


@retry_on_deadlock
@transaction.atomic
def confirm(
    appointment_id: int, *, actor: Actor, advisor: User | None = None, is_approved: bool = False
) -> Appointment:
    """The dealership says yes, with `advisor` or the first who is free.

    `is_approved` is a manager's word for a buyer who missed two test drives. Raises WrongState, AdvisorBusy,
    NotTheirAdvisor, ApprovalNeeded, OutsideWindow when the time has passed.
    """
    appointment = lock(Appointment, pk=appointment_id)
    if appointment.status != Status.REQUESTED:
        raise WrongState(appointment, Status.CONFIRMED)
    _check_ahead(appointment)
    needs_approval = appointment.needs_approval and not is_approved
    _check_approved(needs_approval)

    def write(advisor_id: int) -> None:
        transition(appointment, Status.CONFIRMED, actor=actor, advisor_id=advisor_id, needs_approval=needs_approval)

    candidates = advisor_candidates(appointment, advisor)
    write_with_first_free(candidates, write, constraint=ADVISOR_FREE, refused=AdvisorBusy)
    skip_begun_reminders(appointment)
    announcements.tell_buyer(appointment, "drive_confirmed", with_calendar=True)
    announcements.tell_dealership(appointment, announcements.CHANGED)
    return appointment


@retry_on_deadlock
@transaction.atomic
def decline(appointment_id: int, *, actor: Actor, reason: str) -> Appointment:
    """The dealership says no and why. Raises WrongState, ValueError without a reason."""
    if not reason.strip():
        raise ValueError("A reason is needed.")
    appointment = lock_with_dealership(appointment_id)
    call_off(appointment, Status.DECLINED, actor=actor, reason=reason)
    announcements.tell_buyer(appointment, "drive_declined", with_calendar=True)
    waiting.offer_free_slots(appointment.dealership, appointment.local_start.date())
    return appointment


@retry_on_deadlock
@transaction.atomic
def propose(
    appointment_id: int, *, starts_at: datetime, actor: Actor, advisor: User | None = None, reason: str = ""
) -> Appointment:
    """Offer another time. Car and advisor are kept for it, so the buyer's yes can't fail; the old time is free.

    Raises WrongState, AdvisorBusy, NotTheirAdvisor, ApprovalNeeded, OutsideWindow, OutsideHours, SlotTaken.
    """
    appointment = lock_with_dealership(appointment_id)
    _give_other_time(
        appointment, Status.PROPOSED, starts_at=starts_at, actor=actor, advisor=advisor, name="proposed", reason=reason
    )
    announcements.tell_buyer(appointment, "drive_proposed")
    announcements.tell_dealership(appointment, announcements.CHANGED)
    return appointment


@retry_on_deadlock
@transaction.atomic
def move_to(
    appointment_id: int, *, starts_at: datetime, actor: Actor, advisor: User | None = None, reason: str = ""
) -> Appointment:
    """The dealership moves it, as agreed with the buyer: confirmed at the new time, the old one is free.

    Raises WrongState, AdvisorBusy, NotTheirAdvisor, ApprovalNeeded, OutsideWindow, OutsideHours, SlotTaken.
    """
    appointment = lock_with_dealership(appointment_id)
    if appointment.starts_at == starts_at and appointment.status == Status.CONFIRMED:
        return appointment
    _give_other_time(
        appointment, Status.CONFIRMED, starts_at=starts_at, actor=actor, advisor=advisor, name="moved", reason=reason
    )
    skip_begun_reminders(appointment)
    announcements.tell_buyer(appointment, "drive_moved", with_calendar=True)
    announcements.tell_dealership(appointment, announcements.CHANGED)
    return appointment


def _give_other_time(
    appointment: Appointment,
    to: str,
    *,
    starts_at: datetime,
    actor: Actor,
    advisor: User | None,
    name: str,
    reason: str,
) -> None:
    """Write the time the dealership chose, with a car and an advisor; the old time goes to who waits for it."""
    if not appointment.may_become(to):
        raise WrongState(appointment, to)
    _check_approved(appointment.needs_approval)
    car_ids = cars_for_proposal(appointment, starts_at, now=timezone.now())
    car_ids = sorted(car_ids, key=lambda car_id: car_id != appointment.demo_car_id)
    left = appointment.local_start.date()

    def write(advisor_id: int) -> None:
        move(
            appointment,
            car_ids,
            starts_at=starts_at,
            to=to,
            actor=actor,
            name=name,
            advisor_id=advisor_id,
            reason=reason,
        )

    candidates = advisor_candidates(appointment, advisor, starts_at=starts_at)
    write_with_first_free(candidates, write, constraint=ADVISOR_FREE, refused=AdvisorBusy)
    waiting.offer_free_slots(appointment.dealership, left)


@retry_on_deadlock
@transaction.atomic
def accept_proposal(appointment_id: int, *, actor: Actor, sequence: int | None = None) -> Appointment:
    """The buyer takes the time offered; `sequence` is the offer they saw. Raises WrongState, OutsideWindow."""
    appointment = lock(Appointment, pk=appointment_id)
    stale = sequence is not None and sequence != appointment.sequence
    if appointment.status != Status.PROPOSED or stale:
        raise WrongState(appointment, Status.CONFIRMED)
    _check_ahead(appointment)
    transition(appointment, Status.CONFIRMED, actor=actor, name="accepted")
    skip_begun_reminders(appointment)
    announcements.tell_buyer(appointment, "drive_confirmed", with_calendar=True)
    announcements.tell_dealership(appointment, announcements.CHANGED)
    return appointment


def _check_ahead(appointment: Appointment) -> None:
    if appointment.starts_at <= timezone.now():
        raise OutsideWindow


def _check_approved(needs_approval: bool) -> None:
    if needs_approval:
        raise ApprovalNeeded
