"""Importing a table: check each row, write in batches, report by line.

A batch is written in one transaction, undone again in a dry run. When a row of it fails, the batch is undone
and its halves are tried, down to the single bad row: no row is ever half written. Memory does not grow with
the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from o2o_platform.journal.retry import retry_on_deadlock

from .changes import Outcome, Verdict
from .columns import Column, clean_cells
from .errors import RowError, UnreadableTable, row_errors
from .ledger import Ledger
from .locking import only_import
from .mapping import ForeignColumns
from .report import REASON_COLUMNS
from .tables import Format, Row, Table, open_table

BATCH = 500


class Importer:
    """What a kind of table knows: its columns, what tells rows apart, and how to write some of them."""

    kind = ""
    columns: tuple[Column, ...] = ()
    # What it means when a constraint of the database refuses a row: msgids by the constraint's name.
    refusals: Mapping[str, str] = {}

    def keys(self, values: dict[str, Any]) -> Iterable[str]:
        """What may occur only once in a file; the first is what messages call the row."""
        raise NotImplementedError

    def prepare(self, values: dict[str, Any], line: int, ledger: Ledger) -> None:
        """Check a row by itself and settle what earlier rows said; ValidationError when it cannot be written."""

    def save(self, rows: Sequence[dict[str, Any]]) -> list[Verdict]:
        """Write rows, in few queries; ValidationError or a database error when one of them cannot be."""
        raise NotImplementedError

    def finish(self) -> None:
        """What follows once, after the last row was written."""


class Listener:
    """Hears of an import as it goes; does nothing by itself."""

    def begin(self, columns: tuple[str, ...]) -> None:
        """The file has these columns."""

    def refuse(self, row: Row, errors: list[RowError]) -> None:
        """A row was refused."""

    def change(self, line: int, name: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
        """A row changes what is there: old and new values by field."""

    def progress(self, rows: int, share: float) -> None:
        """Rows read and share of the file, after each batch."""


class StrictStop(Exception):
    """A row failed in a strict import; everything is undone."""


@dataclass(slots=True)
class Summary:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    skipped: int = 0
    changed_fields: Counter[str] = field(default_factory=Counter)
    columns: tuple[str, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    is_stopped: bool = False

    @property
    def rows(self) -> int:
        return self.created + self.updated + self.unchanged + self.failed + self.skipped


@dataclass(slots=True)
class _Run:
    importer: Importer
    listener: Listener
    ledger: Ledger
    summary: Summary
    strict: bool
    dry_run: bool

    def refuse(self, row: Row, error: ValidationError) -> None:
        self.summary.failed += 1
        self.listener.refuse(row, row_errors(row.line, error, row.cells))
        if self.strict:
            raise StrictStop

    def count(self, rows: Sequence[tuple[Row, dict[str, Any]]], verdicts: Sequence[Verdict]) -> None:
        for (row, values), verdict in zip(rows, verdicts, strict=True):
            outcome = verdict.outcome
            setattr(self.summary, outcome.value, getattr(self.summary, outcome.value) + 1)
            if outcome == Outcome.UPDATED:
                self.summary.changed_fields.update(verdict.changes.keys())
                self.listener.change(row.line, next(iter(self.importer.keys(values))), verdict.changes)


def import_file(
    path: Path,
    importer: Importer,
    *,
    report: Callable[[list[RowError]], None] | None = None,
    listener: Listener | None = None,
    mapping: ForeignColumns | None = None,
    kind: Format | None = None,
    dry_run: bool = False,
    strict: bool = False,
) -> Summary:
    """Import a table; the `listener` hears of faults, changes and progress, `report` of faults alone.

    Bad rows are skipped, unless `strict`: then the first one undoes everything. A dry run undoes each batch.
    UnreadableTable when the file as a whole cannot be used, ImportRunning when another import of the kind is on.
    """
    table = open_table(path, kind)
    summary = Summary(columns=table.columns)
    table = _map_header(mapping.apply(table) if mapping else table, importer.columns, summary)
    hears = listener or _Reporter(report or (lambda errors: None))
    with only_import(importer.kind), Ledger() as ledger:
        hears.begin(summary.columns)
        run = _Run(importer, hears, ledger, summary, strict, dry_run)
        try:
            with transaction.atomic() if strict and not dry_run else nullcontext():
                _import_rows(run, table)
                if not dry_run:
                    importer.finish()
        except StrictStop:
            return replace(Summary(failed=1, is_stopped=True), columns=summary.columns)
    return summary


class _Reporter(Listener):
    def __init__(self, report: Callable[[list[RowError]], None]) -> None:
        self._report = report

    def refuse(self, row: Row, errors: list[RowError]) -> None:
        self._report(errors)


def _map_header(table: Table, columns: tuple[Column, ...], summary: Summary) -> Table:
    aliases = {alias: column.name for column in columns for alias in column.aliases}
    names = {name: aliases.get(name, name) for name in table.columns}
    missing = [column.name for column in columns if column.required and column.name not in names.values()]
    if missing:
        raise UnreadableTable(_("Columns that are missing: %(columns)s") % {"columns": ", ".join(missing)})
    repeated = sorted({name for name in names.values() if list(names.values()).count(name) > 1} - {""})
    if repeated:
        raise UnreadableTable(_("Columns that occur twice: %(columns)s") % {"columns": ", ".join(repeated)})
    known = {column.name for column in columns} | set(REASON_COLUMNS)
    summary.ignored_columns = tuple(name for name in names.values() if name and name not in known)
    if all(name == ours for name, ours in names.items()):
        return table
    rows = (
        replace(row, cells={names[name]: cell for name, cell in row.cells.items()}, source=row.source or row.cells)
        if row.fault is None
        else row
        for row in table.rows
    )
    return Table(tuple(names.values()), rows)


def _import_rows(run: _Run, table: Table) -> None:
    rows = iter(table.rows)
    while batch := list(islice(rows, BATCH)):
        good = list(_check_rows(run, batch))
        if good:
            _save_rows(run, good)
        run.listener.progress(run.summary.rows, batch[-1].progress)


def _check_rows(run: _Run, batch: Iterable[Row]) -> Iterator[tuple[Row, dict[str, Any]]]:
    for row in batch:
        if row.is_skipped:
            run.summary.skipped += 1
            continue
        try:
            values = _check_row(run, row)
        except ValidationError as error:
            run.refuse(row, error)
        else:
            yield row, values


def _check_row(run: _Run, row: Row) -> dict[str, Any]:
    """The values of a row that may be written. ValidationError with all that is wrong with it."""
    if row.fault:
        raise row.fault
    faults: list[ValidationError] = []
    values: dict[str, Any] = {}
    try:
        if row.key:
            run.ledger.check(row.key, row.line, space="source")
    except ValidationError as error:
        faults.append(ValidationError({"__all__": error.messages}))
    try:
        values = clean_cells(run.importer.columns, row.cells)
    except ValidationError as error:
        faults.append(error)
    if faults:
        raise ValidationError({name: texts for fault in faults for name, texts in fault.message_dict.items()})
    run.importer.prepare(values, row.line, run.ledger)
    keys = list(run.importer.keys(values))
    for space, key in enumerate(keys):
        run.ledger.check(key, row.line, space=str(space), label=keys[0])
    return values


def _save_rows(run: _Run, rows: Sequence[tuple[Row, dict[str, Any]]]) -> None:
    try:
        verdicts = _save_batch(run, [values for _row, values in rows])
    except (ValidationError, IntegrityError, DataError) as error:
        if len(rows) == 1:
            run.refuse(rows[0][0], _as_validation(error, run.importer.refusals))
            return
        middle = len(rows) // 2
        _save_rows(run, rows[:middle])
        _save_rows(run, rows[middle:])
    else:
        run.count(rows, verdicts)


@retry_on_deadlock
def _save_batch(run: _Run, rows: Sequence[dict[str, Any]]) -> list[Verdict]:
    with transaction.atomic():
        verdicts = run.importer.save(rows)
        if run.dry_run:
            # Keys to other rows are checked at the end of a transaction, which a dry run never reaches.
            transaction.get_connection().check_constraints()
            transaction.set_rollback(True)
    return verdicts


def _as_validation(error: Exception, refusals: Mapping[str, str]) -> ValidationError:
    if isinstance(error, ValidationError):
        return error
    rule = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or type(error).__name__
    if rule in refusals:
        return ValidationError(gettext(refusals[rule]))
    return ValidationError(_("Refused by the database (%(rule)s).") % {"rule": rule})
