"""Telling an update from a row that says nothing new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import models

from .columns import clean_text


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


Changes = dict[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a row: for an update the fields that differed, old and new."""

    outcome: Outcome
    changes: Mapping[str, tuple[Any, Any]] = ()  # type: ignore[assignment]


CREATED = Verdict(Outcome.CREATED)
UNCHANGED = Verdict(Outcome.UNCHANGED)


def judge(changes: Changes) -> Verdict:
    """The verdict on a row that was there before."""
    return Verdict(Outcome.UPDATED, changes) if changes else UNCHANGED


def apply_changes(row: models.Model, fields: Mapping[str, Any], *, skip_empty: bool = False) -> Changes:
    """Set what differs on `row`, unsaved; the old and new values by field. `skip_empty` keeps what is there.

    Texts that differ only in spaces or in how letters are composed are the same.
    """
    changed: Changes = {}
    for name, value in fields.items():
        if skip_empty and value in (None, ""):
            continue
        old = getattr(row, name)
        if old != value and not _are_same_text(old, value):
            setattr(row, name, value)
            changed[name] = (old, value)
    return changed


def _are_same_text(old: Any, new: Any) -> bool:
    return isinstance(old, str) and isinstance(new, str) and clean_text(old) == new
