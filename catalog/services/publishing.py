"""When trims go public and come off again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from catalog.models import Trim
from o2o_platform.journal.models import SYSTEM, Actor

from .terms import refresh_terms
from .versions import write_events, write_versions

AT_ONCE = 500


class AlreadyPast(ValueError):
    """The moment to publish at has gone by."""

    def __str__(self) -> str:
        return str(_("Choose a time to come, or publish now."))


@transaction.atomic
def publish_trims(trim_ids: Iterable[int], *, actor: Actor, reason: str = "") -> int:
    """Make trims public now; returns how many were not."""
    rows = _locked(Trim.objects.filter(pk__in=list(trim_ids), is_published=False))
    return _write(
        rows, {"is_published": True, "publish_at": None}, "published", actor, reason or gettext_noop("Published")
    )


@transaction.atomic
def publish_trims_at(trim_ids: Iterable[int], *, at: dt.datetime, actor: Actor, reason: str = "") -> int:
    """Let unpublished trims go public by themselves at a moment to come. Raises `AlreadyPast`."""
    if at <= timezone.now():
        raise AlreadyPast
    rows = _locked(Trim.objects.filter(pk__in=list(trim_ids), is_published=False))
    return _write(rows, {"publish_at": at}, "publish_planned", actor, reason or gettext_noop("Planned to be published"))


@transaction.atomic
def take_off_trims(trim_ids: Iterable[int], *, actor: Actor, reason: str = "") -> int:
    """Hide trims from buyers and forget the moment they were to go public at; orders placed stand."""
    rows = [row for row in _locked(Trim.objects.filter(pk__in=list(trim_ids))) if row.is_published or row.publish_at]
    return _write(
        rows, {"is_published": False, "publish_at": None}, "taken_off", actor, reason or gettext_noop("Taken off")
    )


def publish_due() -> int:
    """Publish the trims whose moment has come; returns how many.

    Run at once by several processes each trim is published once: rows another run holds are skipped.
    """
    published = 0
    while written := _publish_some():
        published += written
    return published


@transaction.atomic
def _publish_some() -> int:
    due = Trim.objects.filter(is_published=False, publish_at__lte=timezone.now()).order_by("publish_at", "pk")
    rows = list(due.select_for_update(of=("self",), no_key=True, skip_locked=True)[:AT_ONCE])
    return _write(
        rows, {"is_published": True, "publish_at": None}, "published", SYSTEM, gettext_noop("Published at the time set")
    )


def _locked(trims: QuerySet[Trim]) -> list[Trim]:
    return list(trims.select_for_update(of=("self",), no_key=True).order_by("pk"))


def _write(rows: list[Trim], changes: dict[str, Any], event: str, actor: Actor, reason: str) -> int:
    if not rows:
        return 0
    for row in rows:
        for name, value in changes.items():
            setattr(row, name, value)
    Trim.objects.bulk_update(rows, list(changes), batch_size=AT_ONCE)
    write_versions(rows, actor=actor, reason=reason)
    write_events(rows, event, actor=actor, reason=reason)
    refresh_terms(model_ids={row.vehicle_model_id for row in rows})
    return len(rows)
