"""Statements written by hand that give model instances.

For the pages opened most the ORM takes longer to put a statement together than the database to answer it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model

M = TypeVar("M", bound=Model)


class Columns(Generic[M]):
    """The columns of a model under an alias, and how to read an instance from a row that has them."""

    def __init__(self, model: type[M], alias: str, *, skip: Sequence[str] = ()) -> None:
        fields = [field for field in model._meta.concrete_fields if field.name not in skip]
        self.sql = ", ".join(f'{alias}."{field.column}"' for field in fields)
        self.names = [field.attname for field in fields]
        self.model = model

    def __len__(self) -> int:
        return len(self.names)

    def read(self, row: Sequence[Any], start: int = 0) -> M:
        """The instance whose columns begin at place `start`; skipped fields are deferred."""
        return self.model.from_db(DEFAULT_DB_ALIAS, self.names, row[start : start + len(self.names)])


def fetch(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
