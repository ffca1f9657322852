"""Many rows changed together: looked at first, then written in one transaction if nothing moved meanwhile."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models, transaction
from django.utils.translation import ngettext

from catalog.differences import Change
from o2o_platform.journal.models import Actor

MOST_ROWS = 2000


class ChangedMeanwhile(Exception):
    """Rows were changed or deleted since they were looked at; nothing was written."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        super().__init__(rows)

    def __str__(self) -> str:
        return ngettext(
            "%(count)d row has been changed meanwhile. Nothing was written; look again.",
            "%(count)d rows have been changed meanwhile. Nothing was written; look again.",
            self.rows,
        ) % {"count": self.rows}


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What would happen to one row; a `problem` leaves it out. `seal` says how the row was when looked at."""

    row: Any
    seal: str
    values: Mapping[str, Any]
    changes: tuple[Change, ...] = ()
    problem: str = ""

    @property
    def is_change(self) -> bool:
        return bool(self.changes) and not self.problem


class Together(ABC):
    """One change of many rows of `model`. Subclasses say what it means for a row and how rows are written."""

    model: ClassVar[type[models.Model]]

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    @abstractmethod
    def read(self, rows: models.QuerySet) -> Sequence[Any]:
        """The rows with all that `plan` looks at."""

    @abstractmethod
    def plan(self, row: Any) -> RowPlan:
        """What would happen to a row; writes nothing."""

    @abstractmethod
    def write(self, plans: Sequence[RowPlan], *, actor: Actor, reason: str) -> None:
        """Write rows, versions and events."""

    def totals(self, _plans: Iterable[RowPlan]) -> list[Change]:
        """Sums before and after, where sums mean something."""
        return []

    def preview(self, keys: Iterable[Any]) -> list[RowPlan]:
        """What would happen, in the order of the keys' rows."""
        return [self.plan(row) for row in self.read(self._rows(keys))]

    @transaction.atomic
    def apply(self, seals: Mapping[Any, str], *, actor: Actor, reason: str = "") -> int:
        """Write the change if every row still is as it was looked at; returns how many changed.

        Raises `ChangedMeanwhile`. Rows are locked in the order of their keys.
        """
        locked = self._rows(seals).select_for_update(of=("self",), no_key=True)
        present = set(locked.values_list("pk", flat=True))
        plans = self.preview(seals)
        moved = sum(plan.seal != seals[plan.row.pk] for plan in plans) + len(set(seals) - present)
        if moved:
            raise ChangedMeanwhile(moved)
        changing = [plan for plan in plans if plan.is_change]
        if changing:
            self.write(changing, actor=actor, reason=reason)
        return len(changing)

    def _rows(self, keys: Iterable[Any]) -> models.QuerySet:
        return self.model._default_manager.filter(pk__in=list(keys)).order_by("pk")


def seal(row: models.Model, *choices: Iterable[Any]) -> str:
    """A short mark of all a row's values that its history follows, and of its choices."""
    fields = type(row).history.model.tracked_fields  # type: ignore[attr-defined]
    facts = [str(getattr(row, field.attname)) for field in fields] + [str(sorted(each)) for each in choices]
    return hashlib.blake2b("\x1f".join(facts).encode(), digest_size=9).hexdigest()
