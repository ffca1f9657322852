"""What changed in the answer to a saved search since its owner was last told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

# A trim that comes back sooner than this was never away; nobody is told of one search more often.
DAY = timedelta(days=1)
# Of an answer as long as this the dearer part may be missing.
LONGEST_ANSWER = 300


@dataclass(frozen=True, slots=True)
class Fall:
    """A list price that went down, in the search's currency."""

    trim_id: int
    was: Decimal
    now: Decimal


@dataclass(frozen=True, slots=True)
class Memory:
    """As a saved search keeps it: list price by trim id, and the trims gone since less than a day."""

    seen: Mapping[str, str] = field(default_factory=dict)
    gone: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class News:
    """What to tell, and what to remember when it was told and when it has to wait."""

    appeared: tuple[int, ...]
    fallen: tuple[Fall, ...]
    told: Memory
    waiting: Memory

    def __bool__(self) -> bool:
        return bool(self.appeared or self.fallen)


def remember(answer: Iterable[tuple[int, Decimal]]) -> dict[str, str]:
    """An answer, cheapest first, as it is kept."""
    return {str(trim_id): str(price) for trim_id, price in answer}


def find_news(memory: Memory, answer: Iterable[tuple[int, Decimal]], *, at: datetime) -> News:
    """Compare an answer, cheapest first, with what its owner knows.

    A trim that vanished and comes back within a day is known at its old price; later it
    appears again. What waits is left out of the memory, so it is found again at the next look.
    """
    current = dict(answer)
    known = _known_prices(memory, current, at)
    appeared = [pk for pk in current if pk not in known and not _was_beyond(current[pk], memory)]
    fallen = [Fall(pk, known[pk], price) for pk, price in current.items() if pk in known and price < known[pk]]
    gone = _gone(memory, current, at)
    held_back = {fall.trim_id: fall.was for fall in fallen}
    waiting = {pk: held_back.get(pk, price) for pk, price in current.items() if pk not in appeared}
    return News(
        appeared=tuple(appeared),
        fallen=tuple(fallen),
        told=Memory(remember(current.items()), gone),
        waiting=Memory(remember(waiting.items()), gone),
    )


def _known_prices(memory: Memory, current: Mapping[int, Decimal], at: datetime) -> dict[int, Decimal]:
    known = {int(pk): Decimal(price) for pk, price in memory.seen.items()}
    for pk, left in memory.gone.items():
        if int(pk) in current and at - datetime.fromisoformat(left["at"]) < DAY:
            known.setdefault(int(pk), Decimal(left["price"]))
    return known


def _was_beyond(price: Decimal, memory: Memory) -> bool:
    """Whether a price lies where the remembered answer, being cut off, tells nothing."""
    return len(memory.seen) >= LONGEST_ANSWER and price >= max(map(Decimal, memory.seen.values()))


def _gone(memory: Memory, current: Mapping[int, Decimal], at: datetime) -> dict[str, Any]:
    """The trims that are away since less than a day, those that left just now included."""
    end = max(current.values()) if len(current) >= LONGEST_ANSWER else None
    gone = {
        pk: left
        for pk, left in memory.gone.items()
        if int(pk) not in current and at - datetime.fromisoformat(left["at"]) < DAY
    }
    for pk, price in memory.seen.items():
        if int(pk) not in current and (end is None or Decimal(price) < end):
            gone[pk] = {"price": price, "at": at.isoformat()}
    newest = sorted(gone.items(), key=lambda item: item[1]["at"])[-LONGEST_ANSWER:]
    return dict(newest)
