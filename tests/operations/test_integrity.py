import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from o2o_platform.operations import integrity
from o2o_platform.outbox.models import Delivery

pytestmark = pytest.mark.django_db


def make_delivery(key: str, **fields) -> Delivery:
    defaults = {
        "topic": "order.placed",
        "channel": "webhook",
        "recipient": "dealership:1",
        "subject_type": "orders.order",
        "subject_id": 1,
        "body": "{}",
    }
    return Delivery.objects.create(dedupe_key=key, **(defaults | fields))


def run(*arguments: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("check_integrity", *arguments, stdout=out, no_color=True)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def test_a_sound_database_passes():
    out, code = run("--json")
    assert code == 0
    assert all(row["violations"] == 0 for row in json.loads(out))


def test_every_check_is_printed_with_its_count(monkeypatch):
    monkeypatch.setattr(integrity, "_checks", {})
    integrity.register("Cars sold twice", lambda: 2)
    integrity.register("Money without an order", lambda: 0)
    out, code = run()
    assert code == 1
    assert [line.split(maxsplit=1) for line in out.splitlines()] == [
        ["2", "Cars sold twice"],
        ["0", "Money without an order"],
    ]


def test_lost_and_stuck_deliveries_are_found():
    make_delivery("lost", status="delivered", delivered_at=timezone.now())
    proven = make_delivery("proven", status="delivered", delivered_at=timezone.now())
    proven.attempts.create(started_at=timezone.now(), duration_ms=3, succeeded=True, status_code=200)
    make_delivery("stuck", next_attempt_at=timezone.now() - timedelta(hours=2))
    make_delivery("waiting", next_attempt_at=timezone.now() - timedelta(minutes=2))
    out, code = run("--json")
    counts = {row["check"]: row["violations"] for row in json.loads(out)}
    assert code == 1
    assert counts["Deliveries marked delivered without a successful attempt"] == 1
    assert counts["Deliveries overdue by more than an hour"] == 1
