"""Versions of catalogue rows where many are written at once, past `Model.save()`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models

from o2o_platform.accounts.models import User
from o2o_platform.journal.models import Actor, Event

BATCH = 1000
LONGEST_REASON = 100


def write_versions(rows: Sequence[models.Model], *, actor: Actor, reason: str, is_new: bool = False) -> None:
    """One version of each row as it is now, many-to-many choices included; a few queries whatever the number.

    Call it inside the transaction of the change, with rows of one model.
    """
    if not rows:
        return
    person = User.objects.filter(pk=actor.user_id).first() if actor.user_id else None
    manager = type(rows[0]).history  # type: ignore[attr-defined]
    versions = manager.bulk_history_create(
        rows, batch_size=BATCH, update=not is_new, default_user=person, default_change_reason=reason[:LONGEST_REASON]
    )
    for field in manager.model._history_m2m_fields:
        _write_choices(versions, field)


def _write_choices(versions: Iterable[Any], field: models.ManyToManyField) -> None:
    """What `simple_history` writes for one row at a time: each version's copy of its links."""
    version_of = {version.id: version for version in versions}
    kept = getattr(type(next(iter(version_of.values()))), field.name).model
    ours = field.m2m_column_name()
    links = field.remote_field.through.objects.filter(**{f"{ours}__in": list(version_of)}).values()
    kept.objects.bulk_create((kept(history=version_of[link[ours]], **link) for link in links), batch_size=BATCH)


def write_events(
    rows: Iterable[models.Model], name: str, *, actor: Actor, reason: str = "", data: dict[int, dict] | None = None
) -> None:
    """One event of each row, with its own details."""
    Event.objects.bulk_create(
        (
            Event(
                subject_type=row._meta.label_lower,
                subject_id=row.pk,
                name=name,
                actor_kind=actor.kind,
                actor_id=actor.user_id,
                actor_label=actor.label,
                reason=reason[:500],
                data=(data or {}).get(row.pk, {}),
            )
            for row in rows
        ),
        batch_size=BATCH,
    )
