from __future__ import annotations

import pytest

from o2o_platform.notifications import kinds
from o2o_platform.notifications.kinds import Category, Kind


@pytest.fixture
def asleep(monkeypatch) -> None:
    """No broker in these tests."""
    monkeypatch.setattr("o2o_platform.outbox.services.queue.wake_worker", lambda: None)


@pytest.fixture
def kind(monkeypatch):
    """Give the sign-in code's words other rules: `kind(category=..., is_current=...)`."""

    def change(**rules) -> Kind:
        rules = {"category": Category.NEWS, "sample": lambda market: {"code": "1"}} | rules
        changed = Kind("sign_in_code", "Test", **rules)
        monkeypatch.setitem(kinds._kinds, "sign_in_code", changed)
        return changed

    return change
