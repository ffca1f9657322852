"""What a signed-in person may do at the desk: platform parts, and parts at single dealerships."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from django.http import HttpRequest

from o2o_platform.accounts import roles
from o2o_platform.journal.models import Actor


class Part(StrEnum):
    """A part someone plays. The first four are played at a dealership, the others everywhere."""

    ADVISOR = "advisor"
    MANAGER = "manager"
    HOUSE_FINANCE = "house_finance"
    HOUSE_READER = "house_reader"
    FINANCE = "finance"
    READ_ONLY = "read_only"
    PLATFORM = "platform"


DEALERSHIP_PARTS = frozenset({Part.ADVISOR, Part.MANAGER})
STAFF_PARTS = frozenset({Part.FINANCE, Part.READ_ONLY})
HOUSE_PARTS = DEALERSHIP_PARTS | {Part.HOUSE_FINANCE, Part.HOUSE_READER}
# Who talks to buyers: notes and tasks.
CONTACT_PARTS = DEALERSHIP_PARTS | {Part.HOUSE_FINANCE}
# Who reads figures of whole dealerships: their managers, and platform staff.
REPORT_PARTS = STAFF_PARTS | {Part.MANAGER}
EVERYONE = HOUSE_PARTS | STAFF_PARTS
NOBODY: frozenset[Part] = frozenset()

# The parts of dealerships' own roles (`dealers.Membership.Role`).
PART_OF_ROLE = {
    "advisor": Part.ADVISOR,
    "manager": Part.MANAGER,
    "finance": Part.HOUSE_FINANCE,
    "read_only": Part.HOUSE_READER,
}


@dataclass(frozen=True, slots=True)
class Access:
    """The parts of one person, read once per request with at most one query."""

    everywhere: frozenset[Part]
    at: dict[int, frozenset[Part]]
    # The clock of the dealership that comes first; empty for platform staff.
    time_zone: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """The access of the request's user; the second call on a request costs nothing."""
        known = getattr(request, "_desk_access", None)
        if known is None:
            known = request._desk_access = cls._read(request.user)  # type: ignore[attr-defined]
        return known

    @classmethod
    def _read(cls, user: object) -> Self:
        if not (user.is_authenticated and user.is_active and user.is_staff):  # type: ignore[attr-defined]
            return cls(frozenset(), {})
        if roles.is_platform(user):  # type: ignore[arg-type]
            return cls(frozenset({Part.PLATFORM}), {})
        if user.staff_role:  # type: ignore[attr-defined]
            return cls(frozenset({Part(user.staff_role)}), {})  # type: ignore[attr-defined]
        memberships = user.memberships.filter(is_active=True)  # type: ignore[attr-defined]
        own = memberships.values_list("dealership_id", "role", "dealership__time_zone")
        of_groups = user.group_memberships.filter(is_active=True)  # type: ignore[attr-defined]
        in_group = of_groups.filter(group__dealerships__isnull=False).values_list(
            "group__dealerships", "role", "group__dealerships__time_zone"
        )
        at: dict[int, frozenset[Part]] = {}
        rows = sorted(own.union(in_group))
        for place, role, _zone in rows:
            at[place] = at.get(place, NOBODY) | {PART_OF_ROLE[role]}
        return cls(frozenset(), at, rows[0][2] if rows else "")

    @property
    def is_staff(self) -> bool:
        """Platform staff of any kind: sees the rows of all dealerships."""
        return bool(self.everywhere)

    @property
    def is_platform(self) -> bool:
        return Part.PLATFORM in self.everywhere

    def plays(self, parts: Iterable[Part]) -> bool:
        """Whether the person plays one of `parts` anywhere. Platform staff play every part."""
        wanted = frozenset(parts)
        return self.is_platform or bool(self.everywhere & wanted) or any(held & wanted for held in self.at.values())

    def plays_at(self, parts: Iterable[Part], dealership_id: int | None) -> bool:
        """Whether the person plays one of `parts` for this dealership's rows."""
        wanted = frozenset(parts)
        if self.is_platform or self.everywhere & wanted:
            return True
        return dealership_id is not None and bool(self.at.get(dealership_id, NOBODY) & wanted)

    def places(self, parts: Iterable[Part]) -> frozenset[int] | None:
        """Ids of the dealerships where one of `parts` is played; None means all of them."""
        wanted = frozenset(parts)
        if self.is_platform or self.everywhere & wanted:
            return None
        return frozenset(place for place, held in self.at.items() if held & wanted)


def actor_of(request: HttpRequest) -> Actor:
    """Who the journal names: platform staff, or the dealership's own person."""
    return Actor.staff(request.user) if Access.of(request).is_staff else Actor.dealer(request.user)
