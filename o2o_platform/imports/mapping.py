"""Mapping files: how a foreign table's columns become ours.

A TOML or JSON file with these parts, all optional; names are of the table on the right, ours on the left:

    key = ["make", "model", "year"]         # what tells the rows of that file apart: repetitions are reported
    [constants]                             # the same in every row
    energy_type = "bev"
    [columns]
    make = "manufacturer"                   # renamed
    trim = { join = ["trim", "variant"] }   # several, with a space between, none said twice
    power_kw = { from = "hp", times = "0.7457", places = 0 }
    body_type = { from = "body", values = { liftback = "hatchback" }, default = "sedan" }
    msrp_cny = { from = "msrp", between = ["CN:", " CNY"] }
    market = { from = "countries", keep = ["CN", "DE"] }
    electric_range_km = { first = ["wltp_km", "cltc_km"], sets = { range_cycle = ["WLTP", "CLTC"] } }
    [[skip]]                                # rows passed over and counted: the cell is one of these
    column = "status"
    values = ["discontinued"]
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .columns import read_decimal
from .errors import UnreadableTable
from .tables import Row, Table, normalise

MAX_BYTES = 1 << 18
_PARTS = frozenset({"key", "constants", "columns", "skip"})
_RULES = frozenset({"from", "join", "first", "sets", "values", "default", "times", "places", "between", "keep"})


@dataclass(frozen=True, slots=True)
class Rule:
    """How one of our columns is made of theirs."""

    sources: tuple[str, ...]
    is_joined: bool = False
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    times: Decimal | None = None
    places: int | None = None
    between: tuple[str, str] | None = None
    keep: frozenset[str] = frozenset()

    def read(self, cells: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """The cell, and the cells that say which of several sources it was taken from."""
        if self.is_joined:
            parts = dict.fromkeys(cells[name] for name in self.sources if cells[name])
            return self._convert(" ".join(parts)), {}
        for place, name in enumerate(self.sources):
            if cell := self._convert(cells[name]):
                return cell, {target: marks[place] for target, marks in self.sets.items()}
        return self.default, dict.fromkeys(self.sets, "")

    def _convert(self, cell: str) -> str:
        if self.between:
            before, after = self.between
            cell = cell.partition(before)[2].partition(after)[0].strip()
        if self.keep:
            cell = "|".join(part for part in cell.split("|") if part.strip().casefold() in self.keep)
        cell = self.values.get(cell.casefold(), cell)
        if cell and self.times is not None:
            cell = self._scale(cell)
        return cell or ("" if len(self.sources) > 1 and not self.is_joined else self.default)

    def _scale(self, cell: str) -> str:
        """The number in our unit; what is no number is left for the column to refuse."""
        try:
            value = read_decimal(cell) * (self.times or 1)
            if self.places is not None:
                value = value.quantize(Decimal(1).scaleb(-self.places), ROUND_HALF_UP)
        except (ValidationError, InvalidOperation):
            return cell
        return f"{value:f}"


@dataclass(frozen=True, slots=True)
class ForeignColumns:
    """A mapping file, read and checked."""

    rules: Mapping[str, Rule]
    constants: Mapping[str, str]
    skip: tuple[tuple[str, frozenset[str]], ...] = ()
    key: tuple[str, ...] = ()

    def apply(self, table: Table) -> Table:
        """The table in our columns; UnreadableTable when it lacks one the mapping needs."""
        needed = {name for rule in self.rules.values() for name in rule.sources}
        needed |= {column for column, _values in self.skip} | set(self.key)
        if missing := sorted(needed - set(table.columns)):
            raise UnreadableTable(_("Columns that are missing: %(columns)s") % {"columns": ", ".join(missing)})
        marks = [target for rule in self.rules.values() for target in rule.sets]
        columns = dict.fromkeys([*self.constants, *self.rules, *marks])
        return Table(tuple(columns), self._rows(table.rows), source=table.columns)

    def _rows(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            if row.fault:
                yield replace(row, source=row.cells)
                continue
            cells = dict(self.constants)
            for name, rule in self.rules.items():
                cell, marks = rule.read(row.cells)
                cells |= marks | {name: cell}
            key = " · ".join(row.cells[name] for name in self.key)
            is_skipped = any(row.cells[column].casefold() in values for column, values in self.skip)
            yield replace(row, cells=cells, source=row.cells, key=key, is_skipped=is_skipped)


def read_mapping(path: Path) -> ForeignColumns:
    """The mapping in a .toml or .json file. UnreadableTable says what is wrong with it."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableTable(_("The mapping file is too large."))
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableTable(_("The mapping file cannot be used: %(error)s") % {"error": error}) from error
    return parse_mapping(text, is_json=path.suffix.lower() == ".json")


def parse_mapping(text: str, *, is_json: bool = False) -> ForeignColumns:
    """The mapping in a text of TOML or JSON. UnreadableTable says what is wrong with it."""
    try:
        return _build(json.loads(text) if is_json else tomllib.loads(text))
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError, InvalidOperation) as error:
        raise UnreadableTable(_("The mapping file cannot be used: %(error)s") % {"error": error}) from error


def _build(document: dict[str, Any]) -> ForeignColumns:
    _refuse_unknown(document, _PARTS)
    return ForeignColumns(
        rules={normalise(name): _build_rule(rule) for name, rule in document.get("columns", {}).items()},
        constants={normalise(name): str(value) for name, value in document.get("constants", {}).items()},
        skip=tuple((normalise(each["column"]), _folded(each["values"])) for each in document.get("skip", [])),
        key=_names(document.get("key", [])),
    )


def _build_rule(rule: str | dict[str, Any]) -> Rule:
    if isinstance(rule, str):
        return Rule((normalise(rule),))
    _refuse_unknown(rule, _RULES)
    sources = _names(rule.get("first") or rule.get("join") or [rule["from"]])
    sets = {normalise(name): tuple(map(str, marks)) for name, marks in rule.get("sets", {}).items()}
    if any(len(marks) != len(sources) for marks in sets.values()):
        raise ValueError(_("“sets” needs a value for each source."))
    between = rule.get("between")
    return Rule(
        sources=sources,
        is_joined="join" in rule,
        sets=sets,
        values={str(value).casefold(): str(ours) for value, ours in rule.get("values", {}).items()},
        default=str(rule.get("default", "")),
        times=Decimal(str(rule["times"])) if "times" in rule else None,
        places=int(rule["places"]) if "places" in rule else None,
        between=(str(between[0]), str(between[1])) if between else None,
        keep=_folded(rule.get("keep", [])),
    )


def _refuse_unknown(part: dict[str, Any], known: frozenset[str]) -> None:
    if unknown := sorted(part.keys() - known):
        raise ValueError(_("unknown entries: %(names)s") % {"names": ", ".join(unknown)})


def _names(names: list[str]) -> tuple[str, ...]:
    return tuple(normalise(name) for name in names)


def _folded(values: list[Any]) -> frozenset[str]:
    return frozenset(str(value).casefold() for value in values)
