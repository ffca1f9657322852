"""The command line of an import: `manage.py import_… FILE [--dry-run] [--strict] [--errors-to FILE]`."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from .engine import Importer, Summary, import_file
from .errors import ErrorFile, RowError, UnreadableTable

SHOWN_ERRORS = 50


class ImportCommand(BaseCommand):
    """Subclasses say which importer; exit status 1 when a row failed."""

    def make_importer(self, options: dict[str, Any]) -> Importer:
        raise NotImplementedError

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="table in .csv or .xlsx")
        parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
        parser.add_argument("--strict", action="store_true", help="stop at the first bad row and write nothing")
        parser.add_argument("--errors-to", type=Path, metavar="FILE", help="write the faults to a CSV file as well")
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
        errors_to = options["errors_to"]
        is_shown = not options["quiet"] and self.stderr.isatty()
        progress = _Progress(self) if is_shown else None
        try:
            with ErrorFile(errors_to) if errors_to else nullcontext() as file:
                report = _Report(self, file)
                summary = import_file(
                    options["file"],
                    self.make_importer(options),
                    report=report,
                    dry_run=options["dry_run"],
                    strict=options["strict"],
                    **({"progress": progress} if progress else {}),
                )
        except (UnreadableTable, OSError) as error:
            raise CommandError(str(error)) from error
        if progress:
            progress.clear()
        return summary

    def _write_summary(self, summary: Summary, *, dry_run: bool) -> None:
        if summary.ignored_columns:
            self.stderr.write(_("Columns not used: %(columns)s") % {"columns": ", ".join(summary.ignored_columns)})
        if summary.is_stopped:
            self.stdout.write(_("Stopped at the first bad row; nothing was written."))
            return
        self.stdout.write(
            _("%(created)s created, %(updated)s updated, %(unchanged)s unchanged, %(failed)s failed")
            % {
                "created": summary.created,
                "updated": summary.updated,
                "unchanged": summary.unchanged,
                "failed": summary.failed,
            }
        )
        if dry_run:
            self.stdout.write(_("Dry run: nothing was written."))


class _Report:
    """Writes faults to the terminal, up to a limit, and all of them to the file."""

    def __init__(self, command: BaseCommand, file: ErrorFile | None) -> None:
        self._command, self._file, self._shown = command, file, 0

    def __call__(self, errors: list[RowError]) -> None:
        if self._file:
            self._file.write(errors)
        for error in errors:
            self._shown += 1
            if self._shown <= SHOWN_ERRORS:
                place = _("Line %(line)s") % {"line": error.line}
                column = f", {error.column}" if error.column else ""
                self._command.stderr.write(f"{place}{column}: {error.message}")
            elif self._shown == SHOWN_ERRORS + 1:
                self._command.stderr.write(_("More faults follow; --errors-to FILE keeps them all."))


class _Progress:
    """One line on the terminal, rewritten after each batch."""

    def __init__(self, command: BaseCommand) -> None:
        self._stream = command.stderr

    def __call__(self, rows: int, share: float) -> None:
        done = int(share * 20)
        self._stream.write(f"\r[{'#' * done}{'.' * (20 - done)}] {share:4.0%} {rows:>9,}", ending="")

    def clear(self) -> None:
        self._stream.write("\r" + " " * 50 + "\r", ending="")
