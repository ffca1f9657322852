"""Columns of an import: how each cell is checked and cleaned."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

Clean = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its normalised name. `clean` gets a non-empty cell; an empty one becomes `empty`."""

    name: str
    clean: Clean
    required: bool = False
    empty: Any = None
    aliases: tuple[str, ...] = ()


def clean_cells(columns: Iterable[Column], cells: Mapping[str, str]) -> dict[str, Any]:
    """Clean values by column name, of the columns the file has; ValidationError with all faults, by column."""
    values: dict[str, Any] = {}
    faults: dict[str, list[str]] = {}
    for column in columns:
        if column.name not in cells:
            continue
        cell = cells[column.name]
        if not cell:
            if column.required:
                faults[column.name] = [_("This cell must not be empty.")]
            values[column.name] = column.empty
            continue
        try:
            values[column.name] = column.clean(cell)
        except ValidationError as error:
            faults[column.name] = error.messages
    if faults:
        raise ValidationError(faults)
    return values


def text(max_length: int) -> Clean:
    """Printable text, normalised (NFC), that no spreadsheet would run as a formula when it is exported again."""

    def clean(cell: str) -> str:
        value = " ".join(unicodedata.normalize("NFC", cell).split())
        if len(value) > max_length:
            raise ValidationError(_("Too long: at most %(limit)s characters.") % {"limit": max_length})
        if any(unicodedata.category(letter) in ("Cc", "Cs", "Co") for letter in value):
            raise ValidationError(_("Contains characters that cannot be printed."))
        if value[:1] in ("=", "@") or (value[:1] in ("+", "-") and not value[1:2].isalnum()):
            raise ValidationError(_("Looks like a spreadsheet formula."))
        return value

    return clean


def whole_number(least: int, most: int) -> Clean:
    """A whole number within limits; "5.0" counts as one."""

    def clean(cell: str) -> int:
        value = _decimal(cell)
        if value != value.to_integral_value():
            raise ValidationError(_("Not a whole number."))
        _check_limits(value, least, most)
        return int(value)

    return clean


def number(least: str, most: str, *, places: int, is_exact: bool = True) -> Clean:
    """A decimal number within limits, never a float. More decimals than `places` are refused, or rounded half up."""
    low, high, step = Decimal(least), Decimal(most), Decimal(1).scaleb(-places)

    def clean(cell: str) -> Decimal:
        value = _decimal(cell)
        _check_limits(value, low, high)
        rounded = value.quantize(step, ROUND_HALF_UP)
        if is_exact and rounded != value:
            raise ValidationError(_("More than %(places)s decimals.") % {"places": places})
        return rounded

    return clean


def choice(choices: type[models.TextChoices], aliases: Mapping[str, str] | None = None) -> Clean:
    """One of the choices, whatever its case."""
    known = {value.casefold(): value for value in choices.values} | dict(aliases or {})

    def clean(cell: str) -> str:
        try:
            return known[cell.casefold()]
        except KeyError:
            allowed = ", ".join(choices.values)
            raise ValidationError(_("Not one of: %(allowed)s.") % {"allowed": allowed}) from None

    return clean


def date(cell: str) -> dt.date:
    """A date as 2026-11-22 or 2026/11/22."""
    try:
        return dt.date.fromisoformat("-".join(part.zfill(2) for part in cell.replace("/", "-").split("-")))
    except ValueError:
        raise ValidationError(_("Not a date such as 2026-11-22.")) from None


def names(cell: str) -> tuple[str, ...]:
    """Names parted by |, without repeats, in order."""
    clean = text(120)
    return tuple(dict.fromkeys(clean(part) for part in cell.split("|") if part.strip()))


def _decimal(cell: str) -> Decimal:
    plain = unicodedata.normalize("NFKC", cell).replace(",", "").replace(" ", "").lstrip("¥€")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise ValidationError(_("Not a number.")) from None
    if not value.is_finite() or "_" in plain:
        raise ValidationError(_("Not a number."))
    return value


def _check_limits(value: Decimal, least: Decimal | int, most: Decimal | int) -> None:
    if not least <= value <= most:
        raise ValidationError(_("Not between %(least)s and %(most)s.") % {"least": least, "most": most})
