"""Tables for a terminal, where a Chinese character is two columns wide."""

from __future__ import annotations

import unicodedata

from .tables import Report, Table

GAP = "  "


def width_of(text: str) -> int:
    """Columns a terminal needs for the text (Unicode UAX #11)."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )


def as_text(report: Report) -> str:
    """All tables of a report below each other, then what has to be known about them."""
    period = report.period
    head = f"{report.title} · {report.market} · {period.first} – {period.last} · {period.zone.key}"
    parts = [head, *(table_text(table, is_named=len(report.tables) > 1) for table in report.tables)]
    notes = "\n".join(str(note) for note in report.notes)
    return "\n\n".join([*parts, notes] if notes else parts) + "\n"


def table_text(table: Table, *, is_named: bool) -> str:
    heads = [str(column.label) for column in table.columns]
    lines = [[_one_line(cell) for cell in table.cells(row)] for row in table.rows]
    widths = [max(map(width_of, cells)) for cells in zip(heads, *lines, strict=True)]
    rule = GAP.join("-" * width for width in widths)
    body = [_line(cells, widths, table) for cells in lines] or [str(table.empty)]
    name = [str(table.label)] if is_named else []
    return "\n".join([*name, _line(heads, widths, table), rule, *body])


def _line(cells: list[str], widths: list[int], table: Table) -> str:
    padded = []
    for cell, width, column in zip(cells, widths, table.columns, strict=True):
        space = " " * (width - width_of(cell))
        padded.append(space + cell if column.is_figure else cell + space)
    return GAP.join(padded).rstrip()


def _one_line(cell: str) -> str:
    """Without anything that would move the cursor or colour the terminal."""
    return "".join(each if each.isprintable() else " " for each in cell)
