"""Rows of an Excel file, one at a time, from a file nobody vouches for."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .errors import UnreadableTable

MAX_UNPACKED = 800 << 20
# Everything but the sheets is held in memory: shared texts, styles, names.
MAX_HELD = 48 << 20
MAX_ROWS = 1 << 20
_DAMAGES = (zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, IndexError, OSError)

Line = tuple[int, list[str] | ValidationError, float]


def read_xlsx(path: Path) -> Iterator[Line]:
    """Line number, cells and share read, of the first sheet. UnreadableTable when the file is damaged or a bomb.

    An archive cannot unpack to more than its directory says (zipfile stops there), and that is limited;
    entities do not expand without bound (expat from 2.4.1).
    """
    # Here, not above: a web process that never reads a workbook need not hold the library.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        # By the open file: openpyxl judges paths by their ending, and leaves them open when it fails.
        with path.open("rb") as file:
            with zipfile.ZipFile(file) as archive:
                _check_size(archive.infolist())
            with closing(load_workbook(file, read_only=True, data_only=True, keep_links=False)) as book:
                yield from _read_rows(book)
    except (InvalidFileException, *_DAMAGES) as error:
        raise UnreadableTable(_("The Excel file is damaged.")) from error


def _check_size(items: list[zipfile.ZipInfo]) -> None:
    held = sum(item.file_size for item in items if not item.filename.startswith("xl/worksheets/"))
    if held > MAX_HELD or sum(item.file_size for item in items) > MAX_UNPACKED:
        raise UnreadableTable(_("The Excel file is too large: save it as .csv."))


def _read_rows(book: Any) -> Iterator[Line]:
    sheet = book.worksheets[0]
    total = sheet.max_row or 0
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > MAX_ROWS:
            raise UnreadableTable(_("The Excel file is damaged."))
        yield number, [_cell_text(cell) for cell in cells], min(number / total, 1.0) if total else 0.0


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
