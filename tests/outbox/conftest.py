from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from o2o_platform.outbox import channels
from o2o_platform.outbox.channels import Outcome
from o2o_platform.outbox.models import Delivery
from o2o_platform.outbox.services import enqueue, queue
from tests.factories import make_buyer


class ScriptedChannel:
    """A channel whose outcomes the test decides; it notes who was sent what, and how many at once."""

    def __init__(self) -> None:
        self.runs_inline = False
        self.outcome: Callable[[Delivery], Outcome] = lambda delivery: Outcome(ok=True, status_code=200)
        self.sent: list[Delivery] = []
        self.disabled: list[tuple[Any, str]] = []
        self.at_once: dict[str, int] = {}
        self.most_at_once: dict[str, int] = {}
        self._lock = threading.Lock()

    def targets(self, deliveries: Sequence[Delivery]) -> Mapping[int, Any]:
        return {delivery.pk: delivery.recipient for delivery in deliveries}

    def send(self, delivery: Delivery, target: Any, *, deadline_s: float) -> Outcome:
        name = delivery.recipient
        with self._lock:
            self.sent.append(delivery)
            self.at_once[name] = self.at_once.get(name, 0) + 1
            self.most_at_once[name] = max(self.most_at_once.get(name, 0), self.at_once[name])
        try:
            return self.outcome(delivery)
        finally:
            with self._lock:
                self.at_once[name] -= 1

    def disable(self, target: Any, *, reason: str) -> None:
        self.disabled.append((target, reason))

    def recipients(self) -> list[str]:
        return [delivery.recipient for delivery in self.sent]


@pytest.fixture
def channel(monkeypatch) -> ScriptedChannel:
    scripted = ScriptedChannel()
    monkeypatch.setitem(channels._channels, "scripted", scripted)
    return scripted


@pytest.fixture(autouse=True)
def asleep(monkeypatch) -> list[str]:
    """No broker in these tests; each wake-up is noted."""
    woken: list[str] = []
    monkeypatch.setattr(queue, "wake_worker", lambda: woken.append("woken"))
    return woken


@pytest.fixture
def subject(db):
    return make_buyer()


@pytest.fixture
def write(subject):
    """Write a delivery on the scripted channel."""

    def write(**fields: Any) -> Delivery:
        defaults = {
            "topic": "order.reserved",
            "channel": "scripted",
            "recipient": "dealership:1",
            "subject": subject,
            "body": "{}",
            "dedupe_key": uuid.uuid4().hex,
        }
        return enqueue(**defaults | fields)

    return write
