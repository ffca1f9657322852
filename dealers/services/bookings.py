"""What the buyer does: ask for a test drive, move it, call it off."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from o2o_platform.journal.models import Actor
from o2o_platform.journal.references import new_reference
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import WrongState, lock, record_event, transition

from ..exceptions import KeyReused, NoDemoCar, SlotTaken, TooManyDrives, TooManyRequests
from ..models import Appointment, Dealership
from ..slots import find_trim
from . import announcements
from .placement import CAR_FREE, cars_for_slot, lock_with_dealership, period, write_with_first_free
from .reminders import drop_reminders

if TYPE_CHECKING:
    from o2o_platform.accounts.models import User

OPEN_PER_BUYER = 3
REQUESTS_PER_DAY = 10
MOVES = 10
Status = Appointment.Status


@retry_on_deadlock
@transaction.atomic
def request_test_drive(
    *,
    dealership: Dealership,
    trim_id: int,
    buyer: User,
    starts_at: datetime,
    actor: Actor,
    note: str = "",
    idempotency_key: str | None = None,
) -> Appointment:
    """Book a free slot; the same key again returns the first booking.

    Raises SlotTaken, OutsideHours, OutsideWindow, NotASlot, NoDemoCar, TooManyDrives,
    TooManyRequests, KeyReused.
    """
    buyer = lock(get_user_model(), pk=buyer.pk)
    if idempotency_key and (earlier := buyer.appointments.filter(idempotency_key=idempotency_key).first()):
        if (earlier.dealership_id, earlier.trim_id) != (dealership.pk, trim_id):
            raise KeyReused
        return earlier
    _check_limits(buyer)
    dealership = lock(Dealership, pk=dealership.pk)
    if not dealership.is_active:
        raise NoDemoCar
    car_ids = cars_for_slot(dealership, find_trim(trim_id), starts_at, now=timezone.now())

    def write(car_id: int) -> Appointment:
        return Appointment.objects.create(
            reference=new_reference("T"),
            dealership=dealership,
            buyer=buyer,
            trim_id=trim_id,
            demo_car_id=car_id,
            note=note[:300],
            idempotency_key=idempotency_key or None,
            **period(dealership, starts_at),
        )

    appointment = write_with_first_free(car_ids, write, constraint=CAR_FREE, refused=SlotTaken)
    record_event(
        appointment, "requested", actor=actor, to_status=Status.REQUESTED, data={"starts_at": starts_at.isoformat()}
    )
    announcements.tell_buyer(appointment, "drive_requested")
    announcements.tell_dealership(appointment, announcements.REQUESTED)
    return appointment


@retry_on_deadlock
@transaction.atomic
def reschedule(appointment_id: int, *, starts_at: datetime, actor: Actor) -> Appointment:
    """Move it to another free slot: the old one is free at once and the dealership is asked anew.

    Raises WrongState, TooManyRequests and what booking raises.
    """
    appointment = lock_with_dealership(appointment_id)
    if appointment.status in (Status.REQUESTED, Status.CONFIRMED) and appointment.starts_at == starts_at:
        return appointment
    if not appointment.may_become(Status.REQUESTED):
        raise WrongState(appointment, Status.REQUESTED)
    if appointment.sequence >= MOVES:
        raise TooManyRequests
    free = cars_for_slot(
        appointment.dealership, appointment.trim, starts_at, now=timezone.now(), moving_id=appointment.pk
    )
    car_ids = sorted(free, key=lambda car_id: car_id != appointment.demo_car_id)
    move(appointment, car_ids, starts_at=starts_at, to=Status.REQUESTED, actor=actor, name="moved", advisor_id=None)
    announcements.tell_buyer(appointment, "drive_moved")
    announcements.tell_dealership(appointment, announcements.CHANGED)
    return appointment


@retry_on_deadlock
@transaction.atomic
def cancel(appointment_id: int, *, actor: Actor, reason: str = "") -> Appointment:
    """Call it off, by the buyer or the dealership; car and advisor are free at once. Raises WrongState."""
    appointment = lock(Appointment, pk=appointment_id)
    transition(appointment, Status.CANCELLED, actor=actor, reason=reason, sequence=appointment.sequence + 1)
    drop_reminders(appointment)
    announcements.tell_buyer(appointment, "drive_cancelled", with_calendar=True)
    announcements.tell_dealership(appointment, announcements.CANCELLED)
    return appointment


def move(
    appointment: Appointment,
    car_ids: list[int] | tuple[int, ...],
    *,
    starts_at: datetime,
    to: str,
    actor: Actor,
    name: str,
    advisor_id: int | None,
    reason: str = "",
) -> None:
    """Give a locked appointment another time and car; the calendar sequence rises. Raises SlotTaken."""
    changes = period(appointment.dealership, starts_at) | {"sequence": appointment.sequence + 1, "reminders_sent": 0}
    data = {"from": appointment.starts_at.isoformat(), "starts_at": starts_at.isoformat()}

    def write(car_id: int) -> None:
        transition(
            appointment,
            to,
            actor=actor,
            reason=reason,
            name=name,
            data=data,
            demo_car_id=car_id,
            advisor_id=advisor_id,
            **changes,
        )

    write_with_first_free(car_ids, write, constraint=CAR_FREE, refused=SlotTaken)
    drop_reminders(appointment)


def _check_limits(buyer: User) -> None:
    now = timezone.now()
    if buyer.appointments.filter(created_at__gt=now - timedelta(days=1)).count() >= REQUESTS_PER_DAY:
        raise TooManyRequests
    if buyer.appointments.filter(status__in=Appointment.LIVE, ends_at__gt=now).count() >= OPEN_PER_BUYER:
        raise TooManyDrives
