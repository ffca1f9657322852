"""What somebody in line is told: the position, and about how long it will take."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.core import signing
from django.utils import timezone

from o2o_platform.freshness import Fresh

from .models import Gate, Place

SALT = "waiting.place"
RATE_OVER = timedelta(minutes=2)
LONGEST = timedelta(days=2)


class Turn(StrEnum):
    """Where somebody stands."""

    BEFORE = "before"  # the doors are closed still
    WAITING = "waiting"
    INSIDE = "inside"
    OVER = "over"  # the pass ran out, or they are done
    SOLD_OUT = "sold_out"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Pace:
    """A gate and how many people a second it lets in, as of the last two minutes."""

    gate: Gate
    per_second: float


@dataclass(frozen=True, slots=True)
class Standing:
    """`position` counts from 1 (next); `wait_s` is an estimate in seconds; both None unless waiting."""

    turn: Turn
    position: int | None = None
    wait_s: int | None = None
    pass_until: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        until = self.pass_until.isoformat() if self.pass_until else None
        return {"turn": self.turn, "position": self.position, "wait_s": self.wait_s, "pass_until": until}


def pace_of(name: str) -> Pace | None:
    """The gate, at most 1.8 s old: this is what thousands ask for every few seconds."""
    return _paces.get(name)


def standing_of(pace: Pace, place: Place) -> Standing:
    """What to tell the owner of a place read from the database."""
    if place.pass_until:
        inside = place.pass_until > timezone.now()
        return Standing(Turn.INSIDE if inside else Turn.OVER, pass_until=place.pass_until)
    return _outside(pace, place.number)


def standing_by_number(pace: Pace, number: int) -> Standing | None:
    """The same for somebody known to stand at `number`, without asking the database; None when it is their turn."""
    if number <= pace.gate.called_number:
        return None
    return _outside(pace, number)


def _outside(pace: Pace, number: int | None) -> Standing:
    gate, now = pace.gate, timezone.now()
    if gate.sold_out_at:
        return Standing(Turn.SOLD_OUT)
    if gate.closes_at and gate.closes_at <= now:
        return Standing(Turn.CLOSED)
    if number is None or gate.opens_at > now:
        return Standing(Turn.BEFORE)
    # Called while the gate's figures are a second old: the next.
    position = max(1, number - gate.called_number)
    return Standing(Turn.WAITING, position=position, wait_s=math.ceil(position / pace.per_second))


def sign_place(place: Place) -> str:
    """What the browser keeps: gate, number and owner; a poll asks the session alone, and nobody can use another's."""
    return signing.dumps([place.gate_id, place.number, place.person_id], salt=SALT)


def read_signed(text: str, *, gate: Gate, person_id: int) -> int | None:
    """The number in a signed place of this gate and person; None when it is none, another's, or not drawn yet."""
    try:
        gate_id, number, owner_id = signing.loads(text, salt=SALT, max_age=LONGEST)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return number if (gate_id, owner_id) == (gate.pk, person_id) else None


def _load(name: str) -> Pace | None:
    gate = Gate.objects.filter(name=name).first()
    if gate is None:
        return None
    now = timezone.now()
    since = now - RATE_OVER
    lately = Place.objects.filter(gate=gate, called_at__gt=since, pass_until__gt=since).count()
    seconds = min(RATE_OVER, max(now - gate.opens_at, timedelta(seconds=1))).total_seconds()
    planned = gate.capacity / (gate.pass_minutes * 60)
    return Pace(gate, max(lately / seconds, planned))


_paces = Fresh(_load)


def forget_paces() -> None:
    """For tests: the next look reads the database."""
    _paces.forget()
