"""Telling an update from a row that says nothing new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models


def apply_changes(row: models.Model, fields: Mapping[str, Any], *, skip_empty: bool = False) -> set[str]:
    """Set what differs on `row`, unsaved; the names of the fields that did. `skip_empty` keeps what is there."""
    changed = set()
    for name, value in fields.items():
        if skip_empty and value in (None, ""):
            continue
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed.add(name)
    return changed
