"""What somebody in line is told: the position, and about how long it will take."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.core import signing
from django.utils import timezone

from o2o_platform.freshness import Fresh

from .models import Gate, Place
from .services import call_if_late

SALT = "waiting.place"
# The pace is that of the last minutes; the one planned counts as if it had been seen for one.
RATE_OVER, PLAN_COUNTS = timedelta(minutes=3), timedelta(minutes=1)
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
    """A gate, how many people a second it lets in, and how many stand before it."""

    gate: Gate
    per_second: float
    crowd: int


@dataclass(frozen=True, slots=True)
class Standing:
    """`position` counts from 1 (next); `wait_s` is an estimate in seconds; both None unless waiting."""

    turn: Turn
    position: int | None = None
    wait_s: int | None = None
    pass_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is worth asking again."""
        return self.turn in (Turn.BEFORE, Turn.WAITING, Turn.SOLD_OUT)

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
    if not gate.is_guarding(now):
        return Standing(Turn.CLOSED)
    if gate.sold_out_at:
        return Standing(Turn.SOLD_OUT)
    if number is None or gate.opens_at > now:
        return Standing(Turn.BEFORE)
    # Called while the gate's figures are a second old: the next.
    position = max(1, number - gate.called_number)
    return Standing(Turn.WAITING, position=position, wait_s=math.ceil(position / pace.per_second))


def sign_place(place: Place, *, session_key: str) -> str:
    """What the browser keeps: gate, number and session, so that nobody can use another's place.

    With it a poll needs no query, not even for the session.
    """
    return signing.dumps([place.gate_id, place.number, _digest(session_key)], salt=SALT)


def read_signed(text: str, *, gate: Gate, session_key: str) -> int | None:
    """The number in a signed place of this gate and session; None when it is none, another's, or not drawn yet."""
    try:
        gate_id, number, owner = signing.loads(text, salt=SALT, max_age=LONGEST)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return number if (gate_id, owner) == (gate.pk, _digest(session_key)) else None


def _digest(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()[:24]


def _load(name: str) -> Pace | None:
    gate = Gate.objects.filter(name=name).first()
    if gate and call_if_late(gate):
        gate.refresh_from_db()
    return Pace(gate, rate_of(gate), crowd_of(gate)) if gate else None


def crowd_of(gate: Gate) -> int:
    """How many wait: counted before the draw, later the difference of two numbers."""
    if gate.drawn_at is None:
        return Place.objects.filter(gate=gate, number__isnull=True).count()
    return gate.last_number - gate.called_number


def rate_of(gate: Gate) -> float:
    """People a second: as many as go in go out, by ordering or by their pass running out.

    Those let in at once when the doors open say nothing of it, so it is goings that count.
    """
    planned = gate.capacity / (gate.pass_minutes * 60)
    if gate.drawn_at is None:
        return planned
    now = timezone.now()
    since = max(now - RATE_OVER, gate.drawn_at)
    gone = Place.objects.filter(gate=gate, called_at__isnull=False, pass_until__gt=since, pass_until__lte=now).count()
    weight = PLAN_COUNTS.total_seconds()
    return (gone + planned * weight) / ((now - since).total_seconds() + weight)


_paces = Fresh(_load)


def forget_paces() -> None:
    """For tests: the next look reads the database."""
    _paces.forget()
