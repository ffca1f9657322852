"""Writing tables that spreadsheets open and imports read back unchanged, row by row."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any

from .formulas import guard_formula

# What XML cannot hold.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
BYTE_ORDER_MARK = "\ufeff"


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of a CSV file; the byte order mark makes Excel read it as UTF-8."""
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK + writer.writerow(header)
    for row in rows:
        yield writer.writerow([cell_text(value) for value in row])


def write_xlsx(file: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """An Excel file of one sheet, kept on disk while it grows; numbers stay numbers."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("vehicles")
    sheet.append(list(header))
    for row in rows:
        sheet.append(
            [
                value if isinstance(value, int | Decimal) and not isinstance(value, bool) else _sheet_text(value)
                for value in row
            ]
        )
    book.save(file)


def cell_text(value: Any) -> str:
    """A value as a cell of text that no spreadsheet runs."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return guard_formula(str(value))


def _sheet_text(value: Any) -> str | None:
    return _UNPRINTABLE.sub("", cell_text(value)) or None
