"""Small tables kept beside the code, and writing only what changed of them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.db import models


def read_table(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a UTF-8 CSV file with a header."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def upsert_rows(
    model: type[models.Model], rows: Iterable[Mapping[str, Any]], *, key: tuple[str, ...]
) -> tuple[int, int]:
    """Bring `model` up to date with `rows`; how many were created and how many updated.

    Rows are told apart by the attributes in `key`; rows of the table that `rows` does not name are left alone.
    """
    known = {tuple(getattr(row, name) for name in key): row for row in model._default_manager.all()}
    created, updated = [], []
    fields: set[str] = set()
    for values in rows:
        row = known.get(tuple(values[name] for name in key))
        if row is None:
            created.append(model(**values))
            continue
        differing = {name: value for name, value in values.items() if getattr(row, name) != value}
        if differing:
            for name, value in differing.items():
                setattr(row, name, value)
            fields |= differing.keys()
            updated.append(row)
    model._default_manager.bulk_create(created)
    if updated:
        model._default_manager.bulk_update(updated, sorted({model._meta.get_field(name).name for name in fields}))
    return len(created), len(updated)
