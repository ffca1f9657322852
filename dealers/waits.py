"""A buyer's place in the waiting lists, as their pages show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from o2o_platform.interface.shops import in_this_shop

from .booking import Day, DayState, book_url, format_moment
from .models import Dealership, WaitingEntry

if TYPE_CHECKING:
    from o2o_platform.accounts.models import User

SHOWN = 5


def open_waits(user: User) -> list[WaitingEntry]:
    """What the buyer still waits for, by day; one query."""
    mine = in_this_shop(WaitingEntry.objects.filter(buyer=user, status__in=WaitingEntry.OPEN))
    return list(mine.select_related("dealership", "trim__vehicle_model__brand").order_by("day", "pk")[:SHOWN])


def find_wait(user: Any, dealership: Dealership, day: Day | None) -> WaitingEntry | None:
    """The buyer's place in the line of a full day; None when they don't stand in it."""
    if day is None or day.state != DayState.FULL or not user.is_authenticated:
        return None
    mine = WaitingEntry.objects.filter(buyer=user, status__in=WaitingEntry.OPEN)
    return mine.filter(dealership=dealership, day=day.date).first()


def place_in_line(entry: WaitingEntry) -> int:
    """1 for whoever is asked next."""
    line = WaitingEntry.objects.filter(dealership=entry.dealership_id, day=entry.day)
    return line.filter(status=WaitingEntry.Status.WAITING, pk__lt=entry.pk).count() + 1


def is_offered(entry: WaitingEntry) -> bool:
    """Whether a slot is kept for the buyer now."""
    return entry.status == WaitingEntry.Status.OFFERED and entry.offered_until > timezone.now()


def offer_url(entry: WaitingEntry) -> str:
    """The last step of booking the slot that is kept."""
    return book_url(trim=entry.trim.code, dealership=entry.dealership.code, at=format_moment(entry.starts_at))


def day_url(entry: WaitingEntry) -> str:
    """The times of the dealership on that day."""
    return book_url(trim=entry.trim.code, dealership=entry.dealership.code, day=entry.day.isoformat())
