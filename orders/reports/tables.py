"""A report as tables of plain values, and as CSV and JSON: the same figures wherever they are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from babel.numbers import format_decimal
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from o2o_platform.imports.output import BYTE_ORDER_MARK, csv_lines
from o2o_platform.interface.formats import active_locale, format_money

from .period import Period

Text = str | Promise


class Kind(StrEnum):
    TEXT = "text"
    DAY = "day"
    HOUR = "hour"
    COUNT = "count"
    SHARE = "share"  # of 1, as a Decimal of four places
    MINUTES = "minutes"
    FIGURE = "figure"  # one decimal place
    MONEY = "money"
    MIXED = "mixed"  # each row says so itself, by `as`


@dataclass(frozen=True, slots=True)
class Column:
    """`key` never changes with the language; `choices` are the words for values that are codes."""

    key: str
    label: Text
    kind: Kind = Kind.COUNT
    currency: str = ""
    choices: Mapping[str, Text] | None = None

    @property
    def is_figure(self) -> bool:
        return self.kind not in (Kind.TEXT, Kind.DAY, Kind.HOUR)


@dataclass(slots=True)
class Table:
    key: str
    label: Text
    columns: list[Column]
    # Values by the columns' keys; `is_sum` marks a row that sums up others.
    rows: list[dict[str, Any]]
    empty: Text = ""

    def cells(self, row: dict[str, Any]) -> list[str]:
        """What people read, in the active language."""
        return [show(row.get(column.key), _column_of(row, column)) for column in self.columns]


@dataclass(slots=True)
class Report:
    """`main` names the table that stands for the report, by default the first; `chart` says what is drawn."""

    name: str
    title: Text
    market: str
    period: Period
    tables: list[Table]
    notes: list[Text] = field(default_factory=list)
    chart: dict[str, Any] | None = None
    main: str = ""

    def table(self, key: str = "") -> Table | None:
        """One of the tables; the main one without a key."""
        wanted = key or self.main or self.tables[0].key
        return next((table for table in self.tables if table.key == wanted), None)


def as_csv(table: Table, *, has_mark: bool) -> str:
    """RFC 4180: CRLF, quotes doubled; cells that a spreadsheet would run are marked as text."""
    keys = [column.key for column in table.columns]
    lines = csv_lines(keys, ([_plain(row.get(key)) for key in keys] for row in table.rows))
    return "".join(lines).removeprefix("" if has_mark else BYTE_ORDER_MARK)


def as_json(report: Report) -> str:
    """Money as text with its decimal places, shares and other figures as numbers, keys in a fixed order."""
    period = report.period
    data = {
        "report": report.name,
        "market": report.market,
        "time_zone": period.zone.key,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "by": period.by.value,
        "tables": {table.key: [_json_row(table, row) for row in table.rows] for table in report.tables},
        "notes": [str(note) for note in report.notes],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _json_row(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {column.key: _json_value(row.get(column.key), _column_of(row, column)) for column in table.columns}


def _column_of(row: dict[str, Any], column: Column) -> Column:
    return row["as"] if column.kind == Kind.MIXED else column


def _json_value(value: Any, column: Column) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value) if column.kind == Kind.MONEY else float(value)
    return value if value is None or isinstance(value, int) else str(value)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def show(value: Any, column: Column) -> str:
    """One cell for people; a dash where there is nothing to say."""
    if value is None or value == "":
        return "–"
    if column.choices is not None:
        return str(column.choices.get(value, value))
    if column.kind == Kind.SHARE:
        return f"{_number(value * 100, '#,##0.0')} %"
    if column.kind == Kind.MONEY:
        return format_money(value, currency=column.currency)
    if column.kind == Kind.HOUR:
        return f"{value:%Y-%m-%d %H:%M}"
    if column.kind == Kind.MINUTES:
        return _("%(minutes)s min") % {"minutes": _number(value, "#,##0.#")}
    if isinstance(value, int):
        return _number(value, "#,##0")
    return _number(value, "#,##0.0") if isinstance(value, Decimal) else str(value)


def _number(value: Decimal | int, pattern: str) -> str:
    """By the conventions of the active language."""
    return format_decimal(value, pattern, locale=active_locale())


def share(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """Part of the whole, to four places; None of nothing."""
    return (Decimal(part) / Decimal(whole)).quantize(Decimal("0.0001")) if whole else None
