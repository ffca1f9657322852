"""Rows of a CSV or Excel file, one at a time."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import IO, Any, Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .errors import UnreadableTable
from .excel import read_xlsx
from .formulas import unguard_formula

MAX_LINE = 1 << 20
MAX_COLUMNS = 300
_CHUNK = 1 << 16
_ENCODINGS = ("utf-8-sig", "gb18030")
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Row:
    """Cells by normalised column name, all text; `fault` says why the row as such cannot be used.

    `progress` is the share of the file read so far, 0 to 1. `source` holds the cells as the file has them, where a
    mapping made `cells` of them, and `key` what tells rows of that file apart.
    """

    line: int
    cells: dict[str, str]
    progress: float
    fault: ValidationError | None = None
    source: Mapping[str, str] | None = None
    key: str = ""
    is_skipped: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """An open table: its header, normalised, and its rows; `source` is the file's header where a mapping made ours."""

    columns: tuple[str, ...]
    rows: Iterator[Row]
    source: tuple[str, ...] = ()


Format = Literal["csv", "xlsx"]


def open_table(path: Path, kind: Format | None = None) -> Table:
    """The table in a .csv (UTF-8, UTF-16 or GB 18030; comma, semicolon or tab) or .xlsx file.

    UnreadableTable when it has no usable header, is neither, or is not of the `kind` asked for.
    """
    if not path.is_file():
        raise UnreadableTable(_("No such file: %(path)s") % {"path": path})
    with path.open("rb") as file:
        start = file.read(8)
    is_xlsx = start.startswith(b"PK\x03\x04")
    if kind and is_xlsx != (kind == "xlsx"):
        raise UnreadableTable(_("This is not a file of the format %(format)s.") % {"format": kind})
    if is_xlsx:
        return _as_table(read_xlsx(path))
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
    columns = tuple(normalise(cell) for cell in header)
    while columns and not columns[-1]:
        columns = columns[:-1]
    if len(columns) > MAX_COLUMNS:
        raise UnreadableTable(_("More than %(limit)s columns.") % {"limit": MAX_COLUMNS})
    named = [column for column in columns if column]
    repeated = sorted({column for column in named if named.count(column) > 1})
    if repeated:
        raise UnreadableTable(_("Columns that occur twice: %(columns)s") % {"columns": ", ".join(repeated)})
    return Table(columns, _rows(columns, lines))


def normalise(cell: str) -> str:
    """A column's name as `model_year`, whatever its case, spaces and hyphens."""
    name = unguard_formula(cell.strip()).casefold()
    return "_".join(name.replace("-", " ").replace("_", " ").split())


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
    """The first encoding that fits the whole file, read once in pieces; Chinese Excel writes GB 18030.

    A file that says by its mark which one it is in is read in no other.
    """
    mark = raw.read(3)
    names = ("utf-16",) if mark[:2] in _UTF16_MARKS else _ENCODINGS[:1] if mark == codecs.BOM_UTF8 else _ENCODINGS
    for name in names:
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
