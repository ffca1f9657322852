"""How often the API may be asked to reserve, and to remember what somebody waits for."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from .. import limits


class ReservationThrottle(BaseThrottle):
    """The limits of the reserve page, counted together with it."""

    def allow_request(self, request: Request, view: Any) -> bool:
        return not request.user.is_authenticated or limits.may_reserve(request)

    def wait(self) -> float:
        """Seconds after which it is worth trying again."""
        return limits.RESERVATIONS[2] / 2


class InterestThrottle(BaseThrottle):
    """The limit of the page where a car is asked for, counted together with it."""

    def allow_request(self, request: Request, view: Any) -> bool:
        return not request.user.is_authenticated or limits.is_within(limits.INTERESTS, request.user.pk)

    def wait(self) -> float:
        """Seconds after which it is worth trying again."""
        return limits.INTERESTS[2] / 2
