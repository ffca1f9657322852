"""The test drives in "My garage"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from o2o_platform.interface.shops import in_this_shop

from .models import Appointment
from .waits import open_waits

if TYPE_CHECKING:
    from o2o_platform.accounts.models import User

SHOWN = 10


def load_test_drives(user: User) -> dict[str, Any]:
    """The buyer's latest test drives, those to come first; two queries."""
    rows = (
        in_this_shop(Appointment.objects.filter(buyer=user))
        .select_related("dealership__city", "trim__vehicle_model__brand")
        .order_by("-pk")[:SHOWN]
    )
    now = timezone.now()
    ahead = [drive for drive in rows if drive.status in Appointment.LIVE and drive.ends_at > now]
    past = [drive for drive in rows if drive not in ahead]
    return {"ahead": sorted(ahead, key=lambda drive: drive.starts_at), "past": past, "waits": open_waits(user)}
