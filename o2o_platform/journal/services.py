"""The one way a status changes, and the one way to take a row lock."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from django.db import connection, models
from django.utils.translation import gettext as _

from .models import Actor, Stateful

M = TypeVar("M", bound=models.Model)


# Written by hand: an event goes with every change, and the ORM's insert takes longer than PostgreSQL's.
_INSERT = """
INSERT INTO journal_event (subject_type, subject_id, name, from_status, to_status, actor_kind, actor_id,
                           actor_label, reason, data)
VALUES (%(subject_type)s, %(subject_id)s, %(name)s, %(from_status)s, %(to_status)s, %(actor_kind)s, %(actor_id)s,
        %(actor_label)s, %(reason)s, %(data)s)
"""


class WrongState(Exception):
    """The row is not in a state that allows this; the message is fit for the reader."""

    def __init__(self, subject: models.Model, wanted: str) -> None:
        self.subject, self.wanted = subject, wanted
        super().__init__(_("This is no longer possible: the state has changed meanwhile."))


def lock(model: type[M], **lookup: Any) -> M:
    """The row, locked until the transaction ends (FOR NO KEY UPDATE: foreign keys to it stay free).

    Locks are taken in one order everywhere: order, then stock unit, then payment.
    """
    return model._default_manager.select_for_update(of=("self",), no_key=True).get(**lookup)


def record_event(
    subject: models.Model,
    name: str,
    *,
    actor: Actor,
    reason: str = "",
    from_status: str = "",
    to_status: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Write one event of `subject`; call it inside the transaction of the change."""
    values = {
        "subject_type": subject._meta.label_lower,
        "subject_id": subject.pk,
        "name": name,
        "from_status": from_status,
        "to_status": to_status,
        "actor_kind": actor.kind,
        "actor_id": actor.user_id,
        "actor_label": actor.label,
        "reason": reason[:500],
        "data": json.dumps(data or {}),
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)


def transition(
    subject: Stateful,
    to: str,
    *,
    actor: Actor,
    reason: str = "",
    name: str = "",
    data: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Move `subject` from the status it was read with to `to`, with `changes`, and write the event.

    The UPDATE is conditional on the status read, so its row count is the verdict: of
    two that move the same row at once one wins and the other gets `WrongState`.
    """
    before: str = subject.status  # type: ignore[attr-defined]
    if not subject.may_become(to):
        raise WrongState(subject, to)
    updated = type(subject)._default_manager.filter(pk=subject.pk, status=before).update(status=to, **changes)
    if not updated:
        raise WrongState(subject, to)
    for field, value in changes.items():
        setattr(subject, field, value)
    subject.status = to  # type: ignore[attr-defined]
    record_event(subject, name or to, actor=actor, reason=reason, from_status=before, to_status=to, data=data)
