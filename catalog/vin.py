"""Vehicle identification numbers (ISO 3779; check digit as in GB 16735)."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_FORM = re.compile(r"[A-HJ-NPR-Z0-9]{17}\Z")
_VALUES = {str(d): d for d in range(10)} | dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_YEAR_CODES = "ABCDEFGHJKLMNPRSTVWXY123456789"


def check_digit(vin: str) -> str:
    """The character that belongs at position 9 of a well-formed VIN."""
    remainder = sum(_VALUES[c] * w for c, w in zip(vin, _WEIGHTS, strict=True)) % 11
    return "X" if remainder == 10 else str(remainder)


def check_vin(vin: str, *, require_check_digit: bool) -> str:
    """The VIN in upper case; ValidationError when malformed, or with a wrong check digit where one is required."""
    vin = vin.strip().upper()
    if not _FORM.match(vin):
        raise ValidationError({"vin": _("A VIN has 17 letters and digits without I, O and Q.")})
    if require_check_digit and check_digit(vin) != vin[8]:
        raise ValidationError({"vin": _("The check digit of this VIN (position 9) is wrong.")})
    return vin


def build_vin(*, maker: str, descriptor: str, model_year: int, plant: str, serial: int) -> str:
    """A valid VIN from its parts: 3 + 5 characters, model year, plant, 6-digit serial number."""
    year = _YEAR_CODES[(model_year - 1980) % 30]
    vin = f"{maker:.3}{descriptor:.5}0{year}{plant:.1}{serial:06d}"
    return f"{vin[:8]}{check_digit(vin)}{vin[9:]}"
