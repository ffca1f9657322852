"""The table of refused rows: as they came, with the reasons, to be mended and imported again."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from .errors import RowError
from .formulas import guard_formula
from .tables import Row

# An import passes over these: a mended report is a table like any other.
REASON_COLUMNS = ("refused_line", "refused_because")


class RefusedFile:
    """A CSV file of refused rows, written as they are found; the byte order mark makes Excel read it as UTF-8.

    The file's own columns follow the line and the reasons, so that it can be imported again, with the same mapping.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._columns: tuple[str, ...] | None = None

    def __enter__(self) -> Self:
        self._file: IO[str] = self._path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def begin(self, columns: Iterable[str]) -> None:
        """Write the header: the columns of the file that is imported."""
        self._columns = tuple(name for name in columns if name and name not in REASON_COLUMNS)
        self._writer.writerow([*REASON_COLUMNS, *self._columns])

    def write(self, row: Row, errors: Iterable[RowError]) -> None:
        """Write a refused row and why."""
        cells = row.cells if row.source is None else row.source
        if self._columns is None:
            self.begin(cells)
        reasons = "; ".join(f"{error.column}: {error.message}" if error.column else error.message for error in errors)
        kept = [cells.get(name, "").replace("\0", "") for name in self._columns or ()]
        self._writer.writerow([row.line, *map(guard_formula, (reasons, *kept))])
