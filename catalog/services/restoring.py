"""An earlier version of a catalogue row made the present one."""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from catalog.models import Photo
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import lock

from .versions import write_events, write_versions

M = TypeVar("M", bound=models.Model)

# What is public is decided by its own verbs, never by going back.
LEFT_ALONE = frozenset({"is_published", "publish_at"})


@transaction.atomic
def restore_version(row: M, version_id: int, *, actor: Actor) -> M:
    """Give a row the values and choices it had; a new version says so, none is lost.

    Raises the history model's DoesNotExist, and ValidationError when today's rows do not allow it.
    """
    model = type(row)
    record = model.history.get(history_id=version_id, **{model._meta.pk.attname: row.pk})  # type: ignore[attr-defined]
    row = lock(model, pk=row.pk)
    for field in model.history.model.tracked_fields:  # type: ignore[attr-defined]
        if not field.primary_key and field.name not in LEFT_ALONE:
            setattr(row, field.attname, getattr(record, field.attname))
    _check(row)
    row.skip_history_when_saving = True  # type: ignore[attr-defined]
    row.save()
    for field in model.history.model._history_m2m_fields:  # type: ignore[attr-defined]
        _restore_choices(row, record, field)
    reason = f"Version of {record.history_date:%Y-%m-%d %H:%M} UTC restored"
    write_versions([row], actor=actor, reason=reason)
    write_events([row], "restored", actor=actor, reason=reason, data={row.pk: {"version": version_id}})
    return row


def _check(row: models.Model) -> None:
    if isinstance(row, Photo) and not row.image.storage.exists(row.image.name):
        raise ValidationError(_("The file of that version is gone."))
    row.full_clean()


def _restore_choices(row: models.Model, record: Any, field: models.ManyToManyField) -> None:
    """Links to rows that are gone stay gone."""
    kept = getattr(record, field.name).values_list(field.m2m_reverse_name(), flat=True)
    getattr(row, field.name).set(field.related_model._default_manager.filter(pk__in=list(kept)))
