"""A dealership closes for a day, an advisor is ill, a demo car is in the workshop: who is hit, and telling them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from o2o_platform.journal.models import Actor
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import lock, transition

from ..exceptions import AdvisorBusy, DriveRefused, SlotTaken
from ..hours import open_spans
from ..models import Appointment, Closure, Dealership, WaitingEntry
from ..slots import car_choice, load_schedules
from . import announcements
from .bookings import call_off
from .placement import ADVISOR_FREE, CAR_FREE, advisor_candidates, occupancy_at, write_with_first_free

Status = Appointment.Status
MOVABLE = (Status.REQUESTED, Status.PROPOSED, Status.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Cleared:
    """What became of the test drives a closure hit, and how many buyers were told."""

    cancelled: int
    replaced: int
    buyers: int


def drives_hit(closure: Closure) -> QuerySet[Appointment]:
    """The test drives to come that can't take place as booked: their time, with the ways, is in the closure."""
    ahead = Appointment.objects.filter(
        dealership=closure.dealership_id, status__in=MOVABLE, starts_at__gt=timezone.now()
    )
    # The way back is as long as the way there; the buffer after it is no reason to call a drive off.
    back_at = F("ends_at") + (F("starts_at") - F("blocked__startswith"))
    hit = ahead.filter(blocked__overlap=(closure.starts_at, closure.ends_at)).annotate(back_at=back_at)
    hit = hit.filter(back_at__gt=closure.starts_at)
    if closure.advisor_id:
        return hit.filter(advisor=closure.advisor_id)
    if closure.demo_car_id:
        return hit.filter(demo_car=closure.demo_car_id)
    return hit


@retry_on_deadlock
@transaction.atomic
def clear_closure(closure_id: int, *, actor: Actor, keeps_in_line: bool = False) -> Cleared:
    """Give the drives a closure hits another advisor or car, or call them off and tell each buyer once.

    With `keeps_in_line` those called off are put on the waiting list where the day can be waited for. Run
    again it finds only what was booked since. Raises Closure.DoesNotExist.
    """
    closure = Closure.objects.get(pk=closure_id)
    dealership = closure.dealership = lock(Dealership, pk=closure.dealership_id)
    hit = drives_hit(closure).order_by("buyer_id", "pk").values_list("pk", flat=True)
    drives = [drive for drive in (lock(Appointment, pk=each) for each in hit) if drive.status in MOVABLE]
    called_off = []
    for drive in drives:
        drive.dealership = dealership
        if not _replace(closure, drive, actor):
            call_off(drive, Status.CANCELLED, actor=actor, reason=closure.reason)
            called_off.append(drive)
    buyers = 0
    for _buyer, of_buyer in groupby(called_off, key=lambda drive: drive.buyer_id):
        theirs = list(of_buyer)
        in_line = [_put_in_line(drive) for drive in theirs] if keeps_in_line else []
        announcements.tell_of_closure(theirs, closure, is_in_line=any(in_line))
        buyers += 1
    return Cleared(len(called_off), len(drives) - len(called_off), buyers)


def _replace(closure: Closure, drive: Appointment, actor: Actor) -> bool:
    """Another advisor or car for a locked drive, at the same time. False when there is none."""
    if closure.advisor_id:
        name, column, constraint = "other_advisor", "advisor_id", ADVISOR_FREE
    elif closure.demo_car_id:
        name, column, constraint = "other_car", "demo_car_id", CAR_FREE
    else:
        return False

    def write(key: int) -> None:
        transition(drive, drive.status, actor=actor, name=name, reason=closure.reason, **{column: key})

    refused = AdvisorBusy if closure.advisor_id else SlotTaken
    try:
        free = list(advisor_candidates(drive, None)) if closure.advisor_id else _free_cars(drive)
        write_with_first_free(free, write, constraint=constraint, refused=refused)
    except DriveRefused:
        return False
    return True


def _free_cars(drive: Appointment) -> tuple[int, ...]:
    """Cars just as near to what the buyer asked for; another model is another test drive."""
    choice = car_choice(drive.dealership, drive.trim)
    taken = occupancy_at(drive.dealership, drive.starts_at, now=timezone.now(), moving_id=drive.pk)
    begins, ends = int(drive.blocked.lower.timestamp()), int(drive.blocked.upper.timestamp())
    return taken.free_cars(begins, ends, [car.pk for car in choice.cars]) if choice else ()


def _put_in_line(drive: Appointment) -> bool:
    """Put the buyer of a drive called off on the waiting list of its day, where that day can be waited for."""
    day = drive.local_start.date()
    choice = car_choice(drive.dealership, drive.trim)
    if choice is None:
        return False
    schedule = load_schedules({drive.dealership: choice}, day, 1)[drive.dealership_id]
    if not schedule.takes_bookings(open_spans(drive.dealership, day)):
        return False
    mine = Q(buyer=drive.buyer_id, dealership=drive.dealership_id, day=day, status__in=WaitingEntry.OPEN)
    if not WaitingEntry.objects.filter(mine).exists():
        WaitingEntry.objects.create(
            dealership=drive.dealership, buyer_id=drive.buyer_id, trim_id=drive.trim_id, day=day
        )
    return True
