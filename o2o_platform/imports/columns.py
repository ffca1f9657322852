"""Columns of an import: how each cell is checked and cleaned."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from .formulas import is_formula, is_guarded, unguard_formula

Clean = Callable[[str], Any]
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'’")
_PLAIN = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?\Z")
_ENGLISH = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]{0,30})?\Z")
_GERMAN = re.compile(r"[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+,[0-9]{1,30}\Z|[+-]?[1-9][0-9]{0,2}(\.[0-9]{3}){2,}\Z")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]{1,30},[0-9]{1,30}\Z")
_YES_NO = dict.fromkeys(("yes", "true", "1", "是"), True) | dict.fromkeys(("no", "false", "0", "否"), False)
_EITHER = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}\Z")


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
    """Printable text, normalised (NFC); a formula is refused unless an apostrophe marks it as text."""

    def clean(cell: str) -> str:
        value = clean_text(unguard_formula(cell))
        if len(value) > max_length:
            raise ValidationError(_("Too long: at most %(limit)s characters.") % {"limit": max_length})
        if not value.isprintable() and any(unicodedata.category(letter) in ("Cc", "Cs", "Co") for letter in value):
            raise ValidationError(_("Contains characters that cannot be printed."))
        if is_formula(value) and not is_guarded(cell):
            raise ValidationError(_("Looks like a spreadsheet formula."))
        return value

    return clean


def clean_text(value: str) -> str:
    """Text as it is kept: NFC, single spaces."""
    return " ".join((value if value.isascii() else unicodedata.normalize("NFC", value)).split())


def whole_number(least: int, most: int) -> Clean:
    """A whole number within limits; "5.0" counts as one."""

    def clean(cell: str) -> int:
        value = read_decimal(cell)
        if value != value.to_integral_value():
            raise ValidationError(_("Not a whole number."))
        _check_limits(value, least, most)
        return int(value)

    return clean


def number(least: str, most: str, *, places: int, is_exact: bool = True) -> Clean:
    """A decimal number within limits, never a float. More decimals than `places` are refused, or rounded half up.

    An exact one is a sum of money: `98.800` could be read two ways and is refused.
    """
    low, high, step = Decimal(least), Decimal(most), Decimal(1).scaleb(-places)

    def clean(cell: str) -> Decimal:
        if is_exact and _EITHER.match(cell):
            raise ValidationError(_("Can be read two ways: write 98800 or 98.80."))
        value = read_decimal(cell)
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


def yes_or_no(cell: str) -> bool:
    """Whether the cell says yes."""
    try:
        return _YES_NO[cell.casefold()]
    except KeyError:
        raise ValidationError(_("Neither yes nor no.")) from None


def moment(cell: str) -> dt.datetime:
    """A moment with its offset from UTC, as 2026-11-22T08:00+08:00."""
    try:
        value = dt.datetime.fromisoformat(cell)
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise ValidationError(_("Not a moment such as 2026-11-22T08:00+08:00."))
    return value


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


def read_decimal(cell: str) -> Decimal:
    """A number as people write it: `98,800`, `98.800,50`, `7,3`, `¥98 800`, `９８８００`.

    One comma before exactly three digits parts thousands, else it is the decimal sign. ValidationError otherwise.
    """
    if _PLAIN.match(cell):
        return Decimal(cell)
    plain = unicodedata.normalize("NFKC", unguard_formula(cell)).translate(_SPACES).lstrip("¥€").replace("\u2212", "-")
    if _ENGLISH.match(plain):
        plain = plain.replace(",", "")
    elif _GERMAN.match(plain) or _DECIMAL_COMMA.match(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif not _PLAIN.match(plain):
        raise ValidationError(_("Not a number."))
    return Decimal(plain)


def _check_limits(value: Decimal, least: Decimal | int, most: Decimal | int) -> None:
    if not least <= value <= most:
        raise ValidationError(_("Not between %(least)s and %(most)s.") % {"least": least, "most": most})
