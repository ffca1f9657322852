"""Writing deliveries, and what people and recipients may do to them."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import connection, models, transaction
from django.db.models.functions import Now

from ..models import Delivery, DeliveryQuerySet
from .alarm import wake_worker
from .leases import LEASE_S

INSERT = """
    INSERT INTO outbox_delivery (uid, topic, channel, recipient, subject_type, subject_id, dedupe_key, body,
                                 status, attempts_made, last_error)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'pending', 0, '')
    ON CONFLICT (dedupe_key) DO NOTHING
    RETURNING *
"""


def enqueue(*, topic: str, channel: str, recipient: str, subject: models.Model, body: str, dedupe_key: str) -> Delivery:
    """Write one delivery about `subject` with the change it tells of; a worker sends it after commit.

    The same `dedupe_key` again writes nothing and returns the row there is. The broker
    is only the alarm clock: without it the schedule finds the row.
    """
    values = (uuid.uuid4(), topic, channel, recipient, subject._meta.label_lower, subject.pk, dedupe_key, body)
    inserted = list(Delivery.objects.raw(INSERT, values))
    if not inserted:
        return Delivery.objects.get(dedupe_key=dedupe_key)
    _wake_on_commit()
    return inserted[0]


def replay(delivery: Delivery) -> bool:
    """Send it again from the first attempt, same id, same body; false when it is being waited for already."""
    return bool(replay_batch(Delivery.objects.filter(pk=delivery.pk), limit=1))


def replay_batch(rows: DeliveryQuerySet, *, limit: int) -> int:
    """Send the oldest of `rows` again, each from its first attempt, same ids, same bodies; returns how many.

    What is waiting already stays as it is, and what was emptied for a person's privacy stays unsent.
    """
    with transaction.atomic():
        keys = rows.replayable().order_by("pk").select_for_update(no_key=True, skip_locked=True)
        replayed = Delivery.objects.filter(pk__in=list(keys.values_list("pk", flat=True)[:limit])).update(
            status=Delivery.Status.PENDING,
            attempts_made=0,
            next_attempt_at=Now(),
            delivered_at=None,
            acknowledged_at=None,
            last_error="",
        )
        if replayed:
            _wake_on_commit()
    return replayed


def bring_forward(*, channel: str, recipient: str) -> int:
    """Let all that waits for a recipient be due now; returns how many.

    What a worker may be sending just now is left alone: its lease would no longer be its own.
    """
    leased_until = Now() + timedelta(seconds=LEASE_S)
    waiting = Delivery.objects.filter(channel=channel, recipient=recipient, status=Delivery.Status.PENDING)
    moved = waiting.filter(next_attempt_at__gt=leased_until).update(next_attempt_at=Now())
    if moved:
        _wake_on_commit()
    return moved


def cancel(delivery: Delivery) -> bool:
    """Never send it (again); false when it is no longer waiting. One that is on its way still arrives."""
    waiting = Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.PENDING)
    return bool(waiting.update(status=Delivery.Status.CANCELLED))


def acknowledge(uid: uuid.UUID | str) -> bool:
    """Note that the recipient took it over; `uid` may be the `msg_…` id. False when unknown or noted before."""
    try:
        key = uid if isinstance(uid, uuid.UUID) else uuid.UUID(uid.removeprefix("msg_"))
    except ValueError:
        return False
    return bool(Delivery.objects.filter(uid=key, acknowledged_at=None).update(acknowledged_at=Now()))


def acknowledge_about(subject: models.Model, *, recipient: str) -> int:
    """Note that `recipient` took over everything sent to it about `subject`; returns how many it was."""
    told = Delivery.objects.about(subject).filter(recipient=recipient, acknowledged_at=None)
    return told.update(acknowledged_at=Now())


def _wake_on_commit() -> None:
    """Wake a worker once per transaction, however many deliveries it writes."""
    if not any(hook[1] is wake_worker for hook in connection.run_on_commit):
        transaction.on_commit(wake_worker)
