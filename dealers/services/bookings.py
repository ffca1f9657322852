"""What the buyer does: ask for a test drive, move it, call it off."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.journal.references import new_reference
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import WrongState, lock, record_event, transition

from ..exceptions import AdvisorBusy, KeyReused, NoDemoCar, SlotTaken, TooManyDrives, TooManyRequests
from ..models import Appointment, Dealership
from ..slots import find_trim
from . import announcements, waiting
from .homes import Home, place_columns
from .placement import (
    ADVISOR_FREE,
    CAR_FREE,
    advisor_candidates,
    cars_for_slot,
    lock_with_dealership,
    period,
    refuse_what_is_gone,
    write_with_first_free,
)
from .reminders import drop_reminders, skip_begun_reminders

if TYPE_CHECKING:
    from o2o_platform.accounts.models import User

OPEN_PER_BUYER = 3
REQUESTS_PER_DAY = 10
MOVES = 10
MISSED, MISSED_WITHIN = 2, timedelta(days=365)
Status = Appointment.Status


def request_test_drive(
    *,
    dealership: Dealership,
    trim_id: int,
    buyer: User,
    starts_at: datetime,
    actor: Actor,
    note: str = "",
    home: Home | None = None,
    idempotency_key: str | None = None,
) -> Appointment:
    """Book a free slot, at `home` or at the dealership; the same key again returns the first booking.

    Confirmed at once where the dealership does that. Raises SlotTaken, OutsideHours, OutsideWindow,
    NotASlot, NoDemoCar, NoHomeDrives, AddressMissing, TooFarFromHouse, TooManyDrives, TooManyRequests, KeyReused.
    """
    if earlier := _find_earlier(buyer.pk, idempotency_key, dealership.pk, trim_id):
        return earlier
    refuse_what_is_gone(dealership.pk, starts_at)
    columns = {"trim_id": trim_id, "note": note[:300], "idempotency_key": idempotency_key or None}
    return _request(dealership.pk, buyer.pk, starts_at=starts_at, home=home, actor=actor, columns=columns)


@retry_on_deadlock
@transaction.atomic
def _request(
    dealership_id: int,
    buyer_id: int,
    *,
    starts_at: datetime,
    home: Home | None,
    actor: Actor,
    columns: dict[str, Any],
) -> Appointment:
    buyer, trim_id = lock(get_user_model(), pk=buyer_id), columns["trim_id"]
    if earlier := _find_earlier(buyer_id, columns["idempotency_key"], dealership_id, trim_id):
        return earlier
    _check_limits(buyer)
    dealership = lock(Dealership, pk=dealership_id)
    if not dealership.is_active:
        raise NoDemoCar
    where, trim = place_columns(dealership, home), find_trim(trim_id)
    place = where["place"]
    free = cars_for_slot(dealership, trim, starts_at, now=timezone.now(), place=place, buyer_id=buyer_id)
    columns = columns | where | period(dealership, starts_at, place=place)
    columns |= {"dealership": dealership, "buyer": buyer, "needs_approval": has_missed_twice(buyer_id)}

    def write(car_id: int) -> Appointment:
        return Appointment.objects.create(reference=new_reference("T"), demo_car_id=car_id, **columns)

    appointment = write_with_first_free(free, write, constraint=CAR_FREE, refused=SlotTaken)
    data = {"starts_at": starts_at.isoformat()}
    record_event(appointment, "requested", actor=actor, to_status=Status.REQUESTED, data=data)
    waiting.end_wait(appointment)
    is_confirmed = confirm_at_once(appointment)
    kind = "drive_confirmed" if is_confirmed else "drive_requested"
    announcements.tell_buyer(appointment, kind, with_calendar=is_confirmed)
    announcements.tell_dealership(appointment, announcements.REQUESTED)
    return appointment


def _find_earlier(buyer_id: int, key: str | None, dealership_id: int, trim_id: int) -> Appointment | None:
    """What the buyer booked with this key. Raises KeyReused when that was something else."""
    earlier = Appointment.objects.filter(buyer=buyer_id, idempotency_key=key).first() if key else None
    if earlier and (earlier.dealership_id, earlier.trim_id) != (dealership_id, trim_id):
        raise KeyReused
    return earlier


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
        appointment.dealership,
        appointment.trim,
        starts_at,
        now=timezone.now(),
        place=appointment.place,
        moving_id=appointment.pk,
        buyer_id=appointment.buyer_id,
    )
    left = appointment.local_start.date()
    car_ids = sorted(free, key=lambda car_id: car_id != appointment.demo_car_id)
    move(
        appointment,
        car_ids,
        starts_at=starts_at,
        to=Status.REQUESTED,
        actor=actor,
        name="moved",
        advisor_id=None,
        needs_approval=has_missed_twice(appointment.buyer_id),
    )
    waiting.end_wait(appointment)
    waiting.offer_free_slots(appointment.dealership, left)
    is_confirmed = confirm_at_once(appointment)
    announcements.tell_buyer(appointment, "drive_moved", with_calendar=is_confirmed)
    announcements.tell_dealership(appointment, announcements.CHANGED)
    return appointment


@retry_on_deadlock
@transaction.atomic
def cancel(appointment_id: int, *, actor: Actor, reason: str = "") -> Appointment:
    """Call it off, by the buyer or the dealership; car and advisor are free at once. Raises WrongState."""
    appointment = lock_with_dealership(appointment_id)
    call_off(appointment, Status.CANCELLED, actor=actor, reason=reason)
    announcements.tell_buyer(appointment, "drive_cancelled", with_calendar=True)
    waiting.offer_free_slots(appointment.dealership, appointment.local_start.date())
    return appointment


def call_off(appointment: Appointment, to: str, *, actor: Actor, reason: str) -> None:
    """End a locked appointment that will not take place, and tell the dealership. Raises WrongState."""
    transition(appointment, to, actor=actor, reason=reason, sequence=appointment.sequence + 1)
    drop_reminders(appointment)
    announcements.tell_dealership(appointment, announcements.CANCELLED)


def confirm_at_once(appointment: Appointment) -> bool:
    """Confirm a locked request with the first advisor who is free, where the dealership confirms at once.

    Never for a buyer who missed two, nor at a house without members: those are asked.
    """
    if not appointment.dealership.confirms_at_once or appointment.needs_approval:
        return False

    def write(advisor_id: int) -> None:
        transition(appointment, Status.CONFIRMED, actor=SYSTEM, advisor_id=advisor_id)

    try:
        candidates = advisor_candidates(appointment, None)
        write_with_first_free(candidates, write, constraint=ADVISOR_FREE, refused=AdvisorBusy)
    except AdvisorBusy:
        return False
    skip_begun_reminders(appointment)
    return True


def has_missed_twice(buyer_id: int) -> bool:
    """Whether the buyer missed two test drives in the last twelve months, anywhere."""
    since = timezone.now() - MISSED_WITHIN
    missed = Appointment.objects.filter(buyer=buyer_id, status=Status.NO_SHOW, starts_at__gt=since)
    return missed.count() >= MISSED


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
    **more: Any,
) -> None:
    """Give a locked appointment another time and car; the calendar sequence rises. Raises SlotTaken."""
    changes = period(appointment.dealership, starts_at, place=appointment.place) | more
    changes |= {"sequence": appointment.sequence + 1, "reminders_sent": 0}
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
