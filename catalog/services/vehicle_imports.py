"""Tables uploaded at the desk: checked and imported by a worker, one at a time.

The row is the queue: a broker that forgets, or a worker that dies, only delays, for the sweep finds the row again,
and importing the same table twice changes nothing. Whoever holds the import's lock is at work on it.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from celery import current_app
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import DatabaseError, transaction
from django.utils import timezone, translation
from kombu.exceptions import OperationalError

from catalog.imports.vehicles import VehicleImporter
from catalog.models import VehicleImport
from o2o_platform.imports.engine import Listener, Summary, import_file
from o2o_platform.imports.errors import RowError, UnreadableTable
from o2o_platform.imports.locking import ImportRunning, only_import
from o2o_platform.imports.mapping import parse_mapping
from o2o_platform.imports.report import RefusedFile
from o2o_platform.imports.tables import Row
from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.journal.services import transition

TASK = "catalog.run_vehicle_imports"
TIME_LIMIT_S = 7_200
SHOWN = 200
_TOLD_EVERY_S = 1.0
_Status = VehicleImport.Status
log = structlog.get_logger(__name__)


def private_files() -> Storage:
    """The storage no web server publishes."""
    return storages["private"]


def begin_check(row: VehicleImport, table: File) -> None:
    """Keep an uploaded table and have a worker check it."""
    row.file_name = Path(table.name or "").name[:120]
    row.file = private_files().save("imports/table", table)
    row.save()
    wake_worker()


def confirm_import(row: VehicleImport, *, actor: Actor) -> None:
    """Have a worker import what was checked. WrongState when somebody was faster."""
    with transaction.atomic():
        transition(row, _Status.IMPORTING, actor=actor, rows=0, share=0)
        wake_worker()


def discard_import(row: VehicleImport, *, actor: Actor) -> None:
    """Import nothing, and keep neither the table nor its report."""
    names = [name for name in (row.file, row.refused) if name]
    with transaction.atomic():
        transition(row, _Status.DISCARDED, actor=actor, file="", refused="")
        transaction.on_commit(lambda: _delete(names))


def _delete(names: list[str]) -> None:
    for name in names:
        private_files().delete(name)


def wake_worker() -> None:
    """Call for a worker once the change is committed; without a broker the sweep comes by itself."""

    def send() -> None:
        try:
            current_app.send_task(TASK)
        except OperationalError:
            log.warning("broker_unreachable", task=TASK)

    transaction.on_commit(send)


def run_imports() -> int:
    """Check or import what waits, oldest first; returns how many were brought to an end."""
    ended = 0
    for pk in (
        VehicleImport.objects.filter(status__in=[_Status.CHECKING, _Status.IMPORTING])
        .values_list("pk", flat=True)
        .order_by("pk")
    ):
        try:
            with only_import(f"vehicle import {pk}"):
                ended += run_import(pk)
        except ImportRunning:
            continue
    return ended


def run_import(pk: int) -> bool:
    """Check or import one table, as its status says; False when there is nothing to do, or not now."""
    row = VehicleImport.objects.get(pk=pk)
    if not row.is_running:
        return False
    is_check = row.status == _Status.CHECKING
    with translation.override(row.language), tempfile.TemporaryDirectory(prefix="import-") as folder:
        listener = _Keeper(row, Path(folder, "refused.csv"))
        try:
            with _local_copy(row, Path(folder)) as path, listener.file:
                summary = import_file(
                    path,
                    _importer(row),
                    listener=listener,
                    mapping=parse_mapping(row.mapping) if row.mapping else None,
                    dry_run=is_check,
                )
        except ImportRunning:
            return False
        except (UnreadableTable, OSError, DatabaseError) as error:
            log.warning("vehicle_import_failed", vehicle_import=pk, exc_info=True)
            _end(row, _Status.FAILED, message=str(error)[:500])
            return True
        refused = listener.keep_report() if summary.failed else ""
    status = _Status.CHECKED if is_check else _Status.DONE
    _end(row, status, outcome=listener.outcome(summary), rows=summary.rows, share=1, refused=refused)
    return True


def _end(row: VehicleImport, status: str, **changes: Any) -> None:
    """Write what came of it; the table is kept only as long as it is still to be imported."""
    gone = [row.refused] if "refused" in changes else []
    if status != _Status.CHECKED:
        gone.append(row.file)
        changes["file"] = ""
    transition(row, status, actor=SYSTEM, **changes)
    _delete([name for name in gone if name])


def _importer(row: VehicleImport) -> VehicleImporter:
    return VehicleImporter(
        on=timezone.now().date(),
        market=row.market_id or "",
        reason=f"import {row.file_name}",
        actor=Actor.staff(row.user) if row.user else SYSTEM,
    )


@contextmanager
def _local_copy(row: VehicleImport, folder: Path) -> Iterator[Path]:
    """The uploaded table as a file of this machine, wherever uploads are kept."""
    path = folder / "table"
    with private_files().open(row.file) as kept, path.open("wb") as copy:
        shutil.copyfileobj(kept, copy, 1 << 20)
    yield path


class _Keeper(Listener):
    """Keeps progress on the row, refused rows in a file, and the first faults and changes to show."""

    def __init__(self, row: VehicleImport, path: Path) -> None:
        self._row, self._path, self.file = row, path, RefusedFile(path)
        self._faults: list[list[Any]] = []
        self._changes: list[list[Any]] = []
        self._told = 0.0

    def begin(self, columns: tuple[str, ...]) -> None:
        self.file.begin(columns)

    def refuse(self, row: Row, errors: list[RowError]) -> None:
        self.file.write(row, errors)
        if len(self._faults) < SHOWN:
            self._faults += [[error.line, error.column, error.value, error.message] for error in errors]

    def change(self, line: int, name: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
        if len(self._changes) < SHOWN:
            said = [
                [field, *("" if value is None else str(value) for value in pair)] for field, pair in changes.items()
            ]
            self._changes.append([line, name, said])

    def progress(self, rows: int, share: float) -> None:
        now = time.monotonic()
        if now - self._told >= _TOLD_EVERY_S:
            self._told = now
            VehicleImport.objects.filter(pk=self._row.pk).update(rows=rows, share=share)

    def keep_report(self) -> str:
        """Store the refused rows; the name they are stored by."""
        with self._path.open("rb") as file:
            return private_files().save(f"imports/refused-{self._row.pk}.csv", File(file))

    def outcome(self, summary: Summary) -> dict[str, Any]:
        """What the page shows."""
        counts = ("created", "updated", "unchanged", "failed", "skipped")
        return {name: getattr(summary, name) for name in counts} | {
            "fields": summary.changed_fields.most_common(),
            "ignored": list(summary.ignored_columns),
            "faults": self._faults[:SHOWN],
            "changes": self._changes,
        }


def _text(value: Any) -> str:
    return "" if value is None else str(value)
