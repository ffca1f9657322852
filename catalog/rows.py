"""Statements written by hand that give rows or model instances.

For the pages opened most the ORM takes longer to put a statement together, and PostgreSQL longer to plan it, than
the answer takes: `fetch` has each statement planned once per connection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.models import Model
from django.db.models.base import ModelState
from psycopg2.errors import DuplicatePreparedStatement, FeatureNotSupported, InvalidSqlStatementName

# A list whose length the planner does not see. Where it does it takes a plan made for that length to be cheaper than
# the one it has, and plans anew each time, which takes longer than the answer.
IDS, TEXTS = "ARRAY(SELECT unnest(%({})s::bigint[]))", "ARRAY(SELECT unnest(%({})s::text[]))"
M = TypeVar("M", bound=Model)
Row = tuple[Any, ...]
PLACE = re.compile(r"%\((\w+)\)s")
TABLE = re.compile(r"\b(?:FROM|JOIN) ([a-z]\w+)")
# The server no longer has the plan; what the statement gives is of other types than when it was planned.
OUTDATED = (InvalidSqlStatementName, FeatureNotSupported)


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
        """The instance whose columns begin at place `start`; skipped fields are deferred.

        As `from_db` makes it, without looking at each field and without signals, which nobody here listens to: a
        page makes dozens.
        """
        instance = self.model.__new__(self.model)
        instance._state = state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        instance.__dict__.update(zip(self.names, row[start : start + len(self.names)], strict=True))
        return instance


class Prepared(NamedTuple):
    """A statement as the server keeps it under a name, and the call that fills its places."""

    name: str
    text: str
    call: str


def fetch(statement: str, values: Mapping[str, Any]) -> list[Row]:
    """All rows of a statement whose places are named (`%(slug)s`) and of one type each.

    On connections that are kept the server keeps the plan too. Where it has lost it (a pooler in between), or a
    migration changed what the statement gives, the statement is run as it stands, and planned anew the next time.
    """
    # The proxy looks the thread's connection up at each use.
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        if not database.settings_dict["CONN_MAX_AGE"]:
            cursor.execute(statement, values)
            return cursor.fetchall()
        known, prepared = _known.setdefault(database.connection, set()), _prepared(statement)
        try:
            if prepared.name not in known:
                with database.wrap_database_errors:
                    _prepare(cursor.cursor, prepared)
                known.add(prepared.name)
            cursor.execute(prepared.call, values)
        except DatabaseError as error:
            if not isinstance(error.__cause__, OUTDATED):
                raise
            if database.in_atomic_block:
                # The transaction is lost; the connection with its plans goes at the end of the request.
                database.close_at = 0
                raise
            known.clear()
            cursor.execute(f"DEALLOCATE ALL;{statement}", values)
        return cursor.fetchall()


@lru_cache(maxsize=256)
def _prepared(statement: str) -> Prepared:
    names: list[str] = list(dict.fromkeys(PLACE.findall(statement)))
    places = {name: f"${number}" for number, name in enumerate(names, 1)}
    text = PLACE.sub(lambda place: places[place[1]], statement).replace("%%", "%")
    name = f"o2o_{sha256(text.encode()).hexdigest()[:16]}"
    arguments = f"({', '.join(f'%({each})s' for each in names)})" if names else ""
    # For who reads the log: what the name stands for.
    tables = " ".join(dict.fromkeys(TABLE.findall(text)))
    return Prepared(name, text, f"EXECUTE {name}{arguments} /* {tables} */")


def _prepare(cursor: Any, prepared: Prepared) -> None:
    """Not counted among the queries of a page: it happens once per connection."""
    try:
        cursor.execute(f"PREPARE {prepared.name} AS {prepared.text}")
    except DuplicatePreparedStatement:
        # A pooler gave us a server that has it: names are made of the text.
        return


_known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
