"""What can be wrong with a file or a row, and the report of it."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from django.core.exceptions import ValidationError

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_EXCERPT = 80


class UnreadableTable(Exception):
    """The file as a whole cannot be imported; the message is for the reader."""


@dataclass(frozen=True, slots=True)
class RowError:
    """One fault: the line of the file it is on (the header is line 1), the column or "", and the message."""

    line: int
    column: str
    message: str
    value: str = ""


def row_errors(line: int, error: ValidationError, values: dict[str, str]) -> list[RowError]:
    """The faults in a ValidationError, by column where it names columns."""
    if not hasattr(error, "error_dict"):
        return [RowError(line, "", message) for message in error.messages]
    return [
        RowError(line, "" if column == "__all__" else column, message, values.get(column, "")[:_EXCERPT])
        for column, messages in error.message_dict.items()
        for message in messages
    ]


def defuse_formula(text: str) -> str:
    """Text that a spreadsheet shows rather than runs (CSV injection, OWASP)."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


class ErrorFile:
    """A CSV file of faults, written as they are found; the byte order mark makes Excel read it as UTF-8."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._file: IO[str] = self._path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(["line", "column", "message", "value"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, errors: Iterable[RowError]) -> None:
        for error in errors:
            texts = (error.column, error.message, error.value)
            self._writer.writerow([error.line, *map(defuse_formula, texts)])
