"""The command line of an export: `manage.py export_… [FILE] [--market CN] [--format csv|xlsx]`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from o2o_platform.markets.models import Market

from .output import csv_lines, write_xlsx


class ExportCommand(BaseCommand):
    """Subclasses say which rows; the table is one moment's, and memory does not grow with it."""

    header: Sequence[str] = ()

    def rows(self, market: str) -> Iterable[Sequence[Any]]:
        raise NotImplementedError

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", default="-", help="where to write; - is the standard output")
        parser.add_argument("--market", default="", help="what is sold in this market, and its prices alone")
        parser.add_argument("--format", choices=("csv", "xlsx"), help="by default told from the file's name")

    def handle(self, *args: Any, **options: Any) -> None:
        market = options["market"].upper()
        if market and not Market.objects.filter(pk=market).exists():
            raise CommandError(_("Unknown market: %(codes)s") % {"codes": market}, returncode=2)
        is_file = options["file"] != "-"
        kind = options["format"] or ("xlsx" if options["file"].lower().endswith(".xlsx") else "csv")
        with transaction.atomic():
            rows = self.rows(market)
            if kind == "xlsx":
                self._write_xlsx(Path(options["file"]) if is_file else None, rows)
            elif is_file:
                with Path(options["file"]).open("w", encoding="utf-8", newline="") as file:
                    file.writelines(csv_lines(self.header, rows))
            else:
                for line in csv_lines(self.header, rows):
                    self.stdout.write(line, ending="")

    def _write_xlsx(self, path: Path | None, rows: Iterable[Sequence[Any]]) -> None:
        if path is None:
            write_xlsx(sys.stdout.buffer, self.header, rows)
            return
        with path.open("wb") as file:
            write_xlsx(file, self.header, rows)
