"""The figures of trims as rows to read side by side; missing figures are left out, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from html import escape

from babel import Locale
from babel.numbers import format_decimal
from django.db.models import TextChoices
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.models import Drivetrain, EnergyType, Trim
from o2o_platform.interface.formats import active_locale

MISSING = "–"


@dataclass(frozen=True)
class SpecRow:
    label: str
    values: tuple[str, ...]

    @property
    def is_equal(self) -> bool:
        """Whether all trims agree, so that the row may be folded when differences are asked for."""
        return len(set(self.values)) == 1

    @property
    def html(self) -> SafeString:
        """As a row of a table: one cell across where all agree. Put together by hand, as a table has hundreds."""
        if not self.is_equal:
            cells = "".join([f'<td class="figures">{escape(value)}</td>' for value in self.values])
            return SafeString(f'<tr><th scope="row">{escape(self.label)}</th>{cells}</tr>')
        return SafeString(
            f'<tr class="is-equal"><th scope="row">{escape(self.label)}</th><td class="figures" '
            f'colspan="{len(self.values)}"><span>{escape(self.values[0])}</span></td></tr>'
        )


@dataclass(frozen=True)
class SpecGroup:
    label: str
    rows: tuple[SpecRow, ...]

    @property
    def is_equal(self) -> bool:
        return all(row.is_equal for row in self.rows)


def spec_groups(trims: Sequence[Trim]) -> list[SpecGroup]:
    """Groups of rows with one value per trim; a row nobody has a figure for is left out."""
    locale = active_locale()
    built = [
        (label, tuple(row for row in (_row(name, read, trims, locale) for name, read in specs) if row))
        for label, specs in _groups(get_language())
    ]
    return [SpecGroup(label, rows) for label, rows in built if rows]


Reader = Callable[[Trim, Locale], str]
Spec = tuple[str, Reader]


@lru_cache(maxsize=16)
def _groups(_language: str | None) -> tuple[tuple[str, tuple[Spec, ...]], ...]:
    """The rows in a language: their labels are looked up once."""
    return (
        (_("Drive"), _drive_rows()),
        (_("Range and consumption"), _energy_rows()),
        (_("Size"), _size_rows()),
    )


def _choice_of(name: str, choices: type[TextChoices]) -> Reader:
    """The label of a field, in the language in force when the rows are made."""
    labels = {str(choice.value): str(choice.label) for choice in choices}
    return lambda trim, _locale: labels.get(getattr(trim, name), "")


def _figure_of(name: str, unit: str) -> Reader:
    return lambda trim, locale: _figure(getattr(trim, name), unit, locale)


def _measured_of(name: str, unit: str, cycle: str) -> Reader:
    """A figure with the test cycle it was measured in, as figures of different cycles cannot be compared."""

    def read(trim: Trim, locale: Locale) -> str:
        value = getattr(trim, name)
        return f"{_figure(value, unit, locale)} {getattr(trim, cycle)}".strip() if value is not None else ""

    return read


def _co2_of(name: str) -> Reader:
    """Always by WLTP."""

    def read(trim: Trim, locale: Locale) -> str:
        value = getattr(trim, name)
        return f"{_format(value, 'g/km', locale)} WLTP" if value is not None else ""

    return read


def _gearbox() -> Reader:
    """As makers write it (`7DCT`, `6MT`); the one of electric cars in words."""
    single = _("Single speed")
    return lambda trim, _locale: single if trim.transmission.lower() == "1-speed" else trim.transmission


def _drive_rows() -> tuple[Spec, ...]:
    return (
        (_("Energy"), _choice_of("energy_type", EnergyType)),
        (_("Power"), _figure_of("power_kw", "kW")),
        (_("Torque"), _figure_of("torque_nm", "N·m")),
        (_("Engine size"), _figure_of("engine_displacement_l", "L")),
        (_("Gearbox"), _gearbox()),
        (_("Driven wheels"), _choice_of("drivetrain", Drivetrain)),
        (_("0–100 km/h"), _figure_of("accel_0_100_s", "s")),
        (_("Top speed"), _figure_of("top_speed_kmh", "km/h")),
    )


def _energy_rows() -> tuple[Spec, ...]:
    return (
        (_("Electric range"), _measured_of("electric_range_km", "km", "range_cycle")),
        (_("Battery"), _figure_of("battery_kwh", "kWh")),
        (_("Consumption"), _measured_of("fuel_l_per_100km", "L/100 km", "fuel_cycle")),
        (_("CO₂ emissions"), _co2_of("co2")),
        (_("CO₂ emissions, battery empty"), _co2_of("co2_depleted_g_per_km")),
        (_("CO₂ class (Germany)"), lambda trim, _locale: trim.co2_class),
        (_("CO₂ class, battery empty (Germany)"), lambda trim, _locale: trim.co2_class_depleted),
    )


def _size_rows() -> tuple[Spec, ...]:
    return (
        (_("Seats"), _figure_of("seats", "")),
        (_("Doors"), _figure_of("doors", "")),
        (_("Length"), _figure_of("length_mm", "mm")),
        (_("Width"), _figure_of("width_mm", "mm")),
        (_("Height"), _figure_of("height_mm", "mm")),
        (_("Wheelbase"), _figure_of("wheelbase_mm", "mm")),
    )


def _row(label: str, read: Reader, trims: Sequence[Trim], locale: Locale) -> SpecRow | None:
    values = tuple([read(trim, locale) or MISSING for trim in trims])
    return SpecRow(label, values) if set(values) != {MISSING} else None


def _figure(value: int | Decimal | None, unit: str, locale: Locale) -> str:
    return "" if value is None else _format(value, unit, locale)


@lru_cache(maxsize=16_384)
def _format(value: int | Decimal, unit: str, locale: Locale) -> str:
    return f"{format_decimal(value, format='#,##0.##', locale=locale)} {unit}".strip()
