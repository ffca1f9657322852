"""What can be wrong with a file or a row, and the report of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError

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
