"""What the dealers' side keeps about a person: test drives and places in waiting lists."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from o2o_platform.accounts import privacy
from o2o_platform.accounts.models import User
from o2o_platform.outbox.services import forget_bodies

from .models import Appointment, DealerChange, WaitingEntry

FIELDS = ("reference", "dealership__name", "trim__code", "status", "starts_at", "place", "address", "note", "outcome")


def register_holdings() -> None:
    privacy.register(
        privacy.Holding(
            name=gettext_noop("Test drives"),
            read=lambda user: list(user.appointments.order_by("pk").values(*FIELDS, "created_at")),
            forget=_forget_drives,
            count_open=lambda user: _ahead(user).count(),
            kept=gettext_noop("Car, time and outcome stay; address and note are deleted"),
        )
    )
    privacy.register(
        privacy.Holding(
            name=gettext_noop("Waiting lists"),
            read=lambda user: list(
                user.waiting_entries.values("dealership__name", "trim__code", "day", "status", "created_at")
            ),
            forget=_leave_lists,
        )
    )


def _ahead(user: User) -> Any:
    return user.appointments.filter(status__in=Appointment.LIVE, ends_at__gt=timezone.now())


def _forget_drives(user: User) -> None:
    drives = user.appointments.all()
    drives.exclude(address="").update(address="-")
    drives.update(note="", latitude=None, longitude=None)
    forget_bodies(Appointment, list(drives.values_list("pk", flat=True)))
    _forget_changes(user)


def _forget_changes(user: User) -> None:
    """What dealerships' systems can still ask for, of orders as of test drives; the feed keeps a month."""
    reached = Q(body__data__buyer__email=user.email) if user.email else Q()
    if user.phone:
        reached |= Q(body__data__buyer__phone=str(user.phone))
    DealerChange.objects.filter(reached).delete()


def _leave_lists(user: User) -> None:
    WaitingEntry.objects.filter(buyer=user).delete()
