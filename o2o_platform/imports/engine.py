"""Importing a table: check each row, write in batches, report by line.

A batch is written in one transaction (a savepoint in dry runs and strict imports). When a row of it fails,
the batch is undone and its halves are tried, down to the single bad row: no row is ever half written.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from .columns import Column, clean_cells
from .errors import RowError, UnreadableTable, row_errors
from .tables import Row, Table, open_table

BATCH = 500


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class Importer(Protocol):
    """What a kind of table knows: its columns, what tells rows apart, and how to write some of them."""

    columns: tuple[Column, ...]

    def key(self, values: dict[str, Any]) -> str:
        """What may occur only once in a file."""

    def save(self, rows: Sequence[dict[str, Any]]) -> list[Outcome]:
        """Write rows, in few queries; ValidationError or a database error when one of them cannot be."""


class StrictStop(Exception):
    """A row failed in a strict import; everything is undone."""


@dataclass(slots=True)
class Summary:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    ignored_columns: tuple[str, ...] = ()
    is_stopped: bool = False

    def count(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            setattr(self, outcome.value, getattr(self, outcome.value) + 1)


@dataclass(slots=True)
class _Run:
    importer: Importer
    report: Callable[[list[RowError]], None]
    progress: Callable[[int, float], None]
    strict: bool
    summary: Summary = field(default_factory=Summary)

    def fail(self, line: int, error: ValidationError, cells: dict[str, str]) -> None:
        self.summary.failed += 1
        self.report(row_errors(line, error, cells))
        if self.strict:
            raise StrictStop


def import_file(
    path: Path,
    importer: Importer,
    *,
    report: Callable[[list[RowError]], None],
    progress: Callable[[int, float], None] = lambda rows, share: None,
    dry_run: bool = False,
    strict: bool = False,
) -> Summary:
    """Import a table; faults go to `report` as they are found, rows read and share of the file to `progress`.

    Bad rows are skipped, unless `strict`: then the first one undoes everything. A dry run undoes everything
    at the end. UnreadableTable when the file as a whole cannot be used.
    """
    table = _map_header(open_table(path), importer.columns)
    run = _Run(importer, report, progress, strict)
    known = {column.name for column in importer.columns}
    run.summary.ignored_columns = tuple(name for name in table.columns if name and name not in known)
    try:
        with transaction.atomic() if dry_run or strict else nullcontext():
            with closing(_SeenKeys()) as seen:
                _import_rows(run, table, seen)
            if dry_run:
                transaction.set_rollback(True)
    except StrictStop:
        run.summary = Summary(failed=1, ignored_columns=run.summary.ignored_columns, is_stopped=True)
    return run.summary


def _map_header(table: Table, columns: tuple[Column, ...]) -> Table:
    aliases = {alias: column.name for column in columns for alias in column.aliases}
    names = {name: aliases.get(name, name) for name in table.columns}
    missing = [column.name for column in columns if column.required and column.name not in names.values()]
    if missing:
        raise UnreadableTable(_("Columns that are missing: %(columns)s") % {"columns": ", ".join(missing)})
    rows = (
        Row(row.line, {names[name]: cell for name, cell in row.cells.items()}, row.progress, row.fault)
        for row in table.rows
    )
    return Table(tuple(names.values()), rows)


def _import_rows(run: _Run, table: Table, seen: _SeenKeys) -> None:
    rows = iter(table.rows)
    read = 0
    while batch := list(islice(rows, BATCH)):
        read += len(batch)
        good = list(_check_rows(run, batch, seen))
        if good:
            _save_rows(run, good)
        run.progress(read, batch[-1].progress)


def _check_rows(run: _Run, batch: Iterable[Row], seen: _SeenKeys) -> Iterator[tuple[Row, dict[str, Any]]]:
    for row in batch:
        try:
            if row.fault:
                raise row.fault
            values = clean_cells(run.importer.columns, row.cells)
            seen.check(run.importer.key(values), row.line)
        except ValidationError as error:
            run.fail(row.line, error, row.cells)
        else:
            yield row, values


def _save_rows(run: _Run, rows: Sequence[tuple[Row, dict[str, Any]]]) -> None:
    try:
        with transaction.atomic():
            outcomes = run.importer.save([values for _row, values in rows])
    except (ValidationError, IntegrityError, DataError) as error:
        if len(rows) == 1:
            [(row, _values)] = rows
            run.fail(row.line, _as_validation(error), row.cells)
            return
        middle = len(rows) // 2
        _save_rows(run, rows[:middle])
        _save_rows(run, rows[middle:])
    else:
        run.summary.count(outcomes)


def _as_validation(error: Exception) -> ValidationError:
    if isinstance(error, ValidationError):
        return error
    rule = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    return ValidationError(_("Refused by the database (%(rule)s).") % {"rule": rule or type(error).__name__})


class _SeenKeys:
    """Keys met so far, kept in a temporary file that SQLite spills to: memory stays flat for any file."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def check(self, key: str, line: int) -> None:
        """ValidationError naming the first line, when the key has been met."""
        digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
        cursor = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (digest, line))
        if not cursor.rowcount:
            [first] = self._database.execute("SELECT line FROM seen WHERE digest = ?", (digest,)).fetchone()
            raise ValidationError(_("%(key)s is on line %(line)s already.") % {"key": key, "line": first})

    def close(self) -> None:
        self._database.close()
