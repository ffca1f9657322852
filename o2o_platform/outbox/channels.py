"""The ways out of the platform, by name; each app registers its own at start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from .models import Delivery


class UnknownChannel(LookupError):
    """No app registered a channel of this name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt.

    `park` gives up at once. `disable` also asks the channel to stop using the target.
    `is_down` or `retry_after` (seconds) let the recipient's other messages wait as well.
    With `cancel` (it is no longer to be sent, `error` says why) or `put_off_s` (not before so
    many seconds) nothing was tried and no attempt is counted.
    """

    ok: bool
    status_code: int | None = None
    error: str = ""
    excerpt: str = ""
    retry_after: float | None = None
    disable: bool = False
    park: bool = False
    is_down: bool = False
    cancel: bool = False
    put_off_s: float = 0.0

    @property
    def was_tried(self) -> bool:
        return not (self.cancel or self.put_off_s)


class Channel(Protocol):
    """One way out. Only `send` runs in a sending thread; it must not touch the database.

    A channel that has no network behind it sets `runs_inline` and is called in the
    worker's own thread, where it may use the database.
    """

    runs_inline: bool

    def targets(self, deliveries: Sequence[Delivery]) -> Mapping[int, Any]:
        """Where each delivery goes, by its pk, read with few queries; a missing one is None to `send`."""
        ...

    def send(self, delivery: Delivery, target: Any, *, deadline_s: float) -> Outcome:
        """Try once, within `deadline_s` seconds."""
        ...

    def disable(self, target: Any, *, reason: str) -> None:
        """Stop using a target whose owner asked for that."""
        ...


@runtime_checkable
class Gated(Protocol):
    """A channel whose targets may be shut: paused by their owner, or resting after failures.

    What is called while sending runs in the worker's own thread, outside a transaction.
    """

    def admit(self, deliveries: Sequence[Delivery], targets: Mapping[int, Any]) -> Mapping[int, float]:
        """Which of `deliveries` are not to be tried now, by pk, and the seconds they are put back for."""
        ...

    def is_doubtful(self, target: Any) -> bool:
        """Whether `target` failed lately, so that it gets none of the threads of those that answer."""
        ...

    def settle(self, sent: Sequence[tuple[Any, Outcome]]) -> None:
        """Take note of what came of attempts at targets, in their order."""
        ...

    def zone_of(self, recipient: str) -> ZoneInfo | None:
        """The time zone a recipient lives in, for those who read what it was sent."""
        ...


_channels: dict[str, Channel] = {}


def register(name: str, channel: Channel) -> None:
    """Make `channel` the way out for deliveries of that name."""
    _channels[name] = channel


def get_channel(name: str) -> Channel:
    """Raises UnknownChannel."""
    try:
        return _channels[name]
    except KeyError:
        raise UnknownChannel(name) from None
