"""Writing deliveries, and what people and recipients may do to them."""

from __future__ import annotations

import uuid

from django.db import connection, models, transaction
from django.db.models.functions import Now

from ..models import Delivery
from .alarm import wake_worker

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
    replayed = (
        Delivery.objects.filter(pk=delivery.pk)
        .exclude(status=Delivery.Status.PENDING)
        .update(
            status=Delivery.Status.PENDING,
            attempts_made=0,
            next_attempt_at=Now(),
            delivered_at=None,
            acknowledged_at=None,
            last_error="",
        )
    )
    if replayed:
        _wake_on_commit()
    return bool(replayed)


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
