"""Rows of a CSV or Excel file, one at a time."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .errors import UnreadableTable

MAX_LINE = 1 << 20
MAX_UNPACKED = 400 << 20
_CHUNK = 1 << 16
_ENCODINGS = ("utf-8-sig", "gb18030")
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Row:
    """Cells by normalised column name, all text; `fault` says why the row as such cannot be used.

    `progress` is the share of the file read so far, 0 to 1.
    """

    line: int
    cells: dict[str, str]
    progress: float
    fault: ValidationError | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """An open table: its header, normalised, and its rows."""

    columns: tuple[str, ...]
    rows: Iterator[Row]


def open_table(path: Path) -> Table:
    """The table in a .csv (UTF-8, UTF-16 or GB 18030; comma, semicolon or tab) or .xlsx file.

    UnreadableTable when it has no usable header or is neither.
    """
    if not path.is_file():
        raise UnreadableTable(_("No such file: %(path)s") % {"path": path})
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK\x03\x04"):
        return _as_table(_read_xlsx(path))
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise UnreadableTable(_("This is an old Excel file: save it as .xlsx or .csv."))
    return _as_table(_read_csv(path))


def _as_table(lines: Iterator[tuple[int, list[str] | ValidationError, float]]) -> Table:
    for _line, header, _progress in lines:
        if isinstance(header, ValidationError):
            raise UnreadableTable(_("The header line cannot be read."))
        if any(cell.strip() for cell in header):
            break
    else:
        raise UnreadableTable(_("The file is empty."))
    columns = tuple(_normalise(cell) for cell in header)
    while columns and not columns[-1]:
        columns = columns[:-1]
    named = [column for column in columns if column]
    repeated = sorted({column for column in named if named.count(column) > 1})
    if repeated:
        raise UnreadableTable(_("Columns that occur twice: %(columns)s") % {"columns": ", ".join(repeated)})
    return Table(columns, _rows(columns, lines))


def _normalise(cell: str) -> str:
    return "_".join(cell.strip().casefold().replace("-", " ").replace("_", " ").split())


def _rows(columns: tuple[str, ...], lines: Iterator[tuple[int, list[str] | ValidationError, float]]) -> Iterator[Row]:
    for line, cells, progress in lines:
        if isinstance(cells, ValidationError):
            yield Row(line, {}, progress, cells)
            continue
        cells = [cell.strip() for cell in cells]
        while len(cells) > len(columns) and not cells[-1]:
            cells.pop()
        if not any(cells):
            continue
        fault = None
        if len(cells) > len(columns):
            fault = ValidationError(_("More cells than the header has columns."))
        elif any("\0" in cell for cell in cells):
            fault = ValidationError(_("The row contains a NUL character."))
        yield Row(line, dict(zip_longest(columns, cells[: len(columns)], fillvalue="")), progress, fault)


# --- CSV -------------------------------------------------------------------------------


class _Lines:
    """Lines of a text file that knows where it is and steps over lines too long to hold."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.number = 0
        self.too_long: list[int] = []

    def __iter__(self) -> Iterator[str]:
        while text := self._file.readline(MAX_LINE):
            self.number += 1
            if len(text) == MAX_LINE and not text.endswith("\n"):
                self.too_long.append(self.number)
                while (rest := self._file.readline(MAX_LINE)) and not rest.endswith("\n"):
                    pass
                continue
            yield text


def _read_csv(path: Path) -> Iterator[tuple[int, list[str] | ValidationError, float]]:
    size = path.stat().st_size or 1
    with path.open("rb") as raw:
        encoding = _find_encoding(raw)
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as file:
        lines = _Lines(file)
        source = iter(lines)
        first = next(source, "")
        reader = csv.reader(chain([first] if first else [], source), delimiter=_find_delimiter(first))
        for line, cells in _parse(reader, lines):
            yield line, cells, min(raw.tell() / size, 1.0)


def _parse(reader: Any, lines: _Lines) -> Iterator[tuple[int, list[str] | ValidationError]]:
    before = 0
    while True:
        cells: list[str] | ValidationError | None
        try:
            cells = next(reader, None)
        except csv.Error as error:
            cells = ValidationError(_("Not readable as CSV: %(error)s") % {"error": error})
        for number in lines.too_long:
            yield number, ValidationError(_("This line is too long."))
            before = number
        lines.too_long.clear()
        if cells is None:
            return
        yield before + 1, cells
        before = lines.number


def _find_encoding(raw: IO[bytes]) -> str:
    """The first encoding that fits the whole file, read once in pieces; Chinese Excel writes GB 18030."""
    is_utf16 = raw.read(2) in _UTF16_MARKS
    for name in ("utf-16",) if is_utf16 else _ENCODINGS:
        raw.seek(0)
        decoder = codecs.getincrementaldecoder(name)()
        try:
            while chunk := raw.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return name
    raise UnreadableTable(_("The file is neither UTF-8 nor UTF-16 nor GB 18030 text."))


def _find_delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


# --- Excel -----------------------------------------------------------------------------


def _read_xlsx(path: Path) -> Iterator[tuple[int, list[str] | ValidationError, float]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > MAX_UNPACKED:
                raise UnreadableTable(_("The Excel file is too large: save it as .csv."))
        book = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise UnreadableTable(_("The Excel file is damaged.")) from error
    try:
        sheet = book.worksheets[0]
        total = sheet.max_row or 0
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            yield number, [_cell_text(cell) for cell in cells], min(number / total, 1.0) if total else 0.0
    finally:
        book.close()


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
