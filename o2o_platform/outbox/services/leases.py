"""Taking deliveries to send, and writing down what came of them.

A lease is `next_attempt_at` moved past the sender's own deadline. Nothing else is locked
while a message is on its way: a sender that dies just lets its leases run out. Lease and
attempt count, as claimed, together are the token without which a result is not written,
so a sender that was stopped for longer than its lease cannot overwrite the next one's.
Times are the database's, so workers' clocks do not matter.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from ..channels import Outcome
from ..models import Delivery, DeliveryAttempt

LEASE_S = 30
# Before each attempt, in seconds (Standard Webhooks); after the last the row is parked.
SCHEDULE_S = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
JITTER = 0.2
LONGEST_WAIT_S = 86_400

CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT id FROM outbox_delivery
        WHERE status = 'pending' AND next_attempt_at <= statement_timestamp()
          AND (channel || ' ' || recipient) <> ALL(%(without)s)
        ORDER BY next_attempt_at, id
        LIMIT %(limit)s
        FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE outbox_delivery AS d
    SET next_attempt_at = statement_timestamp() + %(lease)s * interval '1 second', attempts_made = d.attempts_made + 1
    FROM due WHERE d.id = due.id
    RETURNING d.*
"""
RECORD = """
    UPDATE outbox_delivery AS d
    SET status = r.status,
        attempts_made = d.attempts_made - r.uncounted,
        next_attempt_at = statement_timestamp() + r.wait * interval '1 second',
        delivered_at = CASE WHEN r.status = 'delivered' THEN statement_timestamp() END,
        last_error = coalesce(r.error, d.last_error)
    FROM unnest(%(id)s::bigint[], %(attempts)s::int[], %(lease)s::timestamptz[], %(status)s::text[],
                %(wait)s::float8[], %(uncounted)s::int[], %(error)s::text[])
        AS r(id, attempts, lease, status, wait, uncounted, error)
    WHERE d.id = r.id AND d.status = 'pending' AND d.attempts_made = r.attempts AND d.next_attempt_at = r.lease
    RETURNING d.id
"""
PUT_OFF = """
    UPDATE outbox_delivery AS d
    SET next_attempt_at = statement_timestamp() + %(wait)s * (1 + random() * %(jitter)s) * interval '1 second'
    FROM (
        SELECT id FROM outbox_delivery
        WHERE recipient = %(recipient)s AND channel = %(channel)s
          AND status = 'pending' AND next_attempt_at <= statement_timestamp()
        ORDER BY id
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS due
    WHERE d.id = due.id
"""


@dataclass(frozen=True, slots=True)
class Result:
    """One claimed delivery and what came of it; without an outcome it was not sent at all."""

    delivery: Delivery
    outcome: Outcome | None = None
    started_at: datetime | None = None
    duration_s: float = 0.0
    put_off_s: float = 0.0
    cancelled_because: str = ""
    target: Any = None


@dataclass(frozen=True, slots=True)
class Lease:
    """A delivery that is ours until `ends_at` (monotonic seconds, counted from before the claim)."""

    delivery: Delivery
    ends_at: float


def lane(delivery: Delivery) -> str:
    """What one recipient on one channel has in common."""
    return f"{delivery.channel} {delivery.recipient}"


def claim_due(limit: int, *, without: Iterable[str] = ()) -> list[Lease]:
    """Lease up to `limit` due deliveries, oldest first, except those of the lanes `without`.

    One statement, committed before it returns; concurrent callers get different rows.
    """
    ends_at = time.monotonic() + LEASE_S
    with transaction.atomic(durable=True):
        rows = list(Delivery.objects.raw(CLAIM, {"limit": limit, "lease": LEASE_S, "without": list(without)}))
    return [Lease(row, ends_at) for row in sorted(rows, key=lambda row: row.pk)]


def put_off_due(channel: str, recipient: str, *, wait_s: float) -> int:
    """Let all that is due for a recipient that is shut come due later; no attempt is counted. Returns how many.

    One statement for a backlog of any length: claimed and put back piecemeal it would be in everybody's way.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        values = {"channel": channel, "recipient": recipient, "wait": wait_s, "jitter": JITTER / 2}
        cursor.execute(PUT_OFF, values)
        return cursor.rowcount


def record_results(results: Sequence[Result]) -> set[int]:
    """Write attempts and new states with two statements; returns the pks whose lease still held."""
    with transaction.atomic(durable=True):
        attempts = [_attempt(result) for result in results if result.outcome is not None]
        DeliveryAttempt.objects.bulk_create(attempts)
        with connection.cursor() as cursor:
            cursor.execute(RECORD, _columns(results))
            return {pk for (pk,) in cursor.fetchall()}


def _attempt(result: Result) -> DeliveryAttempt:
    outcome = result.outcome
    return DeliveryAttempt(
        delivery_id=result.delivery.pk,
        started_at=result.started_at,
        duration_ms=round(result.duration_s * 1000),
        succeeded=outcome.ok,
        status_code=outcome.status_code,
        error=storable(outcome.error, 300),
        response_excerpt=storable(outcome.excerpt, 500),
    )


def _columns(results: Sequence[Result]) -> dict[str, list]:
    columns: dict[str, list] = {
        name: [] for name in ("id", "attempts", "lease", "status", "wait", "uncounted", "error")
    }
    for result in results:
        status, wait_s = _next_state(result)
        error = result.cancelled_because or None if result.outcome is None else storable(_error(result.outcome), 300)
        row = (
            result.delivery.pk,
            result.delivery.attempts_made,
            result.delivery.next_attempt_at,
            status,
            wait_s,
            int(result.outcome is None),
            error,
        )
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
    return columns


def _next_state(result: Result) -> tuple[str, float]:
    """The status a result leads to, and the seconds until the next attempt."""
    outcome = result.outcome
    if result.cancelled_because:
        return Delivery.Status.CANCELLED, 0
    if outcome is None:
        return Delivery.Status.PENDING, result.put_off_s
    if outcome.ok:
        return Delivery.Status.DELIVERED, 0
    if outcome.park or outcome.disable or result.delivery.attempts_made >= len(SCHEDULE_S):
        return Delivery.Status.PARKED, 0
    return Delivery.Status.PENDING, retry_wait(result.delivery.attempts_made, retry_after=outcome.retry_after)


def retry_wait(attempts_made: int, *, retry_after: float | None = None) -> float:
    """Seconds until the attempt after `attempts_made`: the schedule plus up to a fifth, or what the recipient asks."""
    planned = SCHEDULE_S[attempts_made] * (1 + random.random() * JITTER)
    return max(planned, min(retry_after or 0, LONGEST_WAIT_S))


def _error(outcome: Outcome) -> str:
    if outcome.ok:
        return ""
    return outcome.error or (f"HTTP {outcome.status_code}" if outcome.status_code else "failed")


def storable(text: str, length: int) -> str:
    """Text as PostgreSQL takes it: no NUL, no lone surrogates, at most `length` characters.

    One answer that cannot be stored would otherwise undo the whole batch, for ever.
    """
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()[:length]
