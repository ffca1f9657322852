"""Writing many rows at once, each with its version in the history."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import models

from o2o_platform.journal.models import SYSTEM, Actor

from ..services.versions import write_versions


class HistoryWriter:
    """Creates and changes rows set by set; those with a history get a version with the reason and who did it."""

    def __init__(self, *, reason: str, actor: Actor = SYSTEM) -> None:
        self._reason, self._actor = reason, actor

    def create(self, rows: Sequence[models.Model]) -> None:
        """Insert rows of one model and note them; their keys are set."""
        self.insert(rows)
        self.note(rows, is_new=True)

    def update(self, rows: Sequence[models.Model], fields: Collection[str]) -> None:
        """Write `fields` of rows that exist and note them."""
        self.overwrite(rows, fields)
        self.note(rows, is_new=False)

    def insert(self, rows: Sequence[models.Model]) -> None:
        """Insert rows of one model; the caller notes them when what they link to is written."""
        if rows:
            type(rows[0])._default_manager.bulk_create(rows)

    def overwrite(self, rows: Sequence[models.Model], fields: Collection[str]) -> None:
        """Write `fields` of rows that exist, in one statement: INSERT … ON CONFLICT (id) DO UPDATE.

        The rows should be locked, or nobody else deleting them: a row deleted meanwhile would come back.
        """
        if rows and fields:
            type(rows[0])._default_manager.bulk_create(
                rows, update_conflicts=True, unique_fields=["id"], update_fields=sorted(fields)
            )

    def note(self, rows: Sequence[models.Model], *, is_new: bool) -> None:
        """The versions of rows already written, what they link to included; rows without a history have none."""
        if rows and hasattr(type(rows[0]), "history"):
            write_versions(rows, actor=self._actor, reason=self._reason, is_new=is_new)
