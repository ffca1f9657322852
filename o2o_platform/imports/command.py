"""The command line of an import: `manage.py import_… FILE [--dry-run] [--strict] [--report FILE] …`."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from .engine import Importer, Listener, Summary, import_file
from .errors import RowError, UnreadableTable
from .locking import ImportRunning
from .mapping import read_mapping
from .report import RefusedFile
from .tables import Row

SHOWN_ERRORS = 50
SHOWN_CHANGES = 20
QUIET_S = 5.0


class ImportCommand(BaseCommand):
    """Subclasses say which importer; exit status 1 when a row was refused, 2 when the import did not run."""

    def make_importer(self, options: dict[str, Any]) -> Importer:
        raise NotImplementedError

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="table in .csv or .xlsx")
        parser.add_argument("--format", choices=("csv", "xlsx"), help="refuse a file of another format")
        parser.add_argument("--mapping", type=Path, metavar="FILE", help="TOML or JSON: what foreign columns mean")
        parser.add_argument("--dry-run", action="store_true", help="check, count and show changes, write nothing")
        parser.add_argument("--strict", action="store_true", help="stop at the first bad row and write nothing")
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="write refused rows and why to a CSV file, to mend and import"
        )
        parser.add_argument("--changes", type=int, default=SHOWN_CHANGES, help="rows whose changes a dry run shows")
        parser.add_argument("--quiet", action="store_true", help="no progress and no summary")
        parser.add_argument(
            "--language",
            choices=[code for code, _name in settings.LANGUAGES],
            default=settings.LANGUAGE_CODE,
            help="language of the messages",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            summary = self._import(options)
            if not options["quiet"]:
                self._write_summary(summary, dry_run=options["dry_run"])
        if summary.failed:
            sys.exit(1)

    def _import(self, options: dict[str, Any]) -> Summary:
        with ExitStack() as stack:
            try:
                refused = stack.enter_context(RefusedFile(options["report"])) if options["report"] else None
                screen = _Screen(self, options, refused)
                stack.callback(screen.clear)
                return import_file(
                    options["file"],
                    self.make_importer(options),
                    listener=screen,
                    mapping=read_mapping(options["mapping"]) if options["mapping"] else None,
                    kind=options["format"],
                    dry_run=options["dry_run"],
                    strict=options["strict"],
                )
            except (UnreadableTable, ImportRunning, OSError) as error:
                raise CommandError(str(error), returncode=2) from error

    def _write_summary(self, summary: Summary, *, dry_run: bool) -> None:
        if summary.ignored_columns:
            self.stderr.write(_("Columns not used: %(columns)s") % {"columns": ", ".join(summary.ignored_columns)})
        if summary.is_stopped:
            self.stdout.write(_("Stopped at the first bad row; nothing was written."))
            return
        for name, count in summary.changed_fields.most_common():
            self.stdout.write(f"  {name}: {count}")
        self.stdout.write(
            _("%(created)s created, %(updated)s updated, %(unchanged)s unchanged, %(failed)s refused")
            % {
                "created": summary.created,
                "updated": summary.updated,
                "unchanged": summary.unchanged,
                "failed": summary.failed,
            }
        )
        if summary.skipped:
            self.stdout.write(_("%(count)s passed over, as the mapping says") % {"count": summary.skipped})
        if dry_run:
            self.stdout.write(_("Dry run: nothing was written."))


class _Screen(Listener):
    """Shows faults and changes, up to a limit, and progress; all refused rows go to the report."""

    def __init__(self, command: BaseCommand, options: dict[str, Any], refused: RefusedFile | None) -> None:
        self._out, self._err, self._file = command.stdout, command.stderr, refused
        self._changes = options["changes"] if options["dry_run"] else 0
        self._faults = 0
        self._is_quiet, self._is_live = options["quiet"], command.stderr.isatty()
        self._began = self._said = time.monotonic()

    def begin(self, columns: tuple[str, ...]) -> None:
        if self._file:
            self._file.begin(columns)

    def refuse(self, row: Row, errors: list[RowError]) -> None:
        if self._file:
            self._file.write(row, errors)
        self._faults += 1
        if self._faults == SHOWN_ERRORS + 1:
            self._err.write(_("More rows are refused; --report FILE keeps them all."))
        if self._faults > SHOWN_ERRORS:
            return
        self.clear()
        for error in errors:
            place = _("Line %(line)s") % {"line": error.line}
            column = f", {error.column}" if error.column else ""
            value = f" [{error.value}]" if error.value else ""
            self._err.write(f"{place}{column}: {error.message}{value}")

    def change(self, line: int, name: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
        if self._changes <= 0:
            return
        self._changes -= 1
        self.clear()
        place = _("Line %(line)s") % {"line": line}
        texts = [f"{field}: {_shown(old)} → {_shown(new)}" for field, (old, new) in changes.items()]
        self._out.write(f"{place}, {name}: " + "; ".join(texts))

    def progress(self, rows: int, share: float) -> None:
        """On a terminal one line rewritten; elsewhere a line every few seconds."""
        now = time.monotonic()
        if self._is_quiet or (not self._is_live and now - self._said < QUIET_S):
            return
        self._said = now
        speed = rows / max(now - self._began, 0.001)
        left = (now - self._began) * (1 - share) / share if share else 0.0
        text = _("%(share)s, %(rows)s rows, %(speed)s rows/s, %(left)s s left") % {
            "share": f"{share:4.0%}",
            "rows": f"{rows:,}",
            "speed": f"{speed:,.0f}",
            "left": f"{left:,.0f}",
        }
        if self._is_live:
            done = int(share * 20)
            self._err.write(f"\r[{'#' * done}{'.' * (20 - done)}] {text} ", ending="")
        else:
            self._err.write(text)

    def clear(self) -> None:
        """Take the line of progress away."""
        if self._is_live and not self._is_quiet:
            self._err.write("\r" + " " * 100 + "\r", ending="")


def _shown(value: Any) -> str:
    return "–" if value in (None, "") else str(value)
