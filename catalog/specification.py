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
from django.utils.safestring import SafeString, mark_safe
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
            return mark_safe(f'<tr><th scope="row">{escape(self.label)}</th>{cells}</tr>')  # noqa: S308 - escaped
        return mark_safe(  # noqa: S308 - escaped
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
    groups = [
        (_("Drive"), _drive_rows()),
        (_("Range and consumption"), _energy_rows()),
        (_("Size"), _size_rows()),
    ]
    built = [(label, tuple(row for row in (_row(*spec, trims) for spec in specs) if row)) for label, specs in groups]
    return [SpecGroup(label, rows) for label, rows in built if rows]


Spec = tuple[str, Callable[[Trim], str]]


def _gearbox(trim: Trim) -> str:
    """As makers write it (`7DCT`, `6MT`); the one of electric cars in words."""
    return _("Single speed") if trim.transmission.lower() == "1-speed" else trim.transmission


def _drive_rows() -> list[Spec]:
    return [
        (_("Energy"), lambda trim: _choice(EnergyType, trim.energy_type)),
        (_("Power"), lambda trim: _figure(trim.power_kw, "kW")),
        (_("Torque"), lambda trim: _figure(trim.torque_nm, "N·m")),
        (_("Engine size"), lambda trim: _figure(trim.engine_displacement_l, "L")),
        (_("Gearbox"), _gearbox),
        (_("Driven wheels"), lambda trim: _choice(Drivetrain, trim.drivetrain)),
        (_("0–100 km/h"), lambda trim: _figure(trim.accel_0_100_s, "s")),
        (_("Top speed"), lambda trim: _figure(trim.top_speed_kmh, "km/h")),
    ]


def _energy_rows() -> list[Spec]:
    return [
        (_("Electric range"), lambda trim: _measured(trim.electric_range_km, "km", trim.range_cycle)),
        (_("Battery"), lambda trim: _figure(trim.battery_kwh, "kWh")),
        (_("Consumption"), lambda trim: _measured(trim.fuel_l_per_100km, "L/100 km", trim.fuel_cycle)),
    ]


def _size_rows() -> list[Spec]:
    return [
        (_("Seats"), lambda trim: _figure(trim.seats, "")),
        (_("Doors"), lambda trim: _figure(trim.doors, "")),
        (_("Length"), lambda trim: _figure(trim.length_mm, "mm")),
        (_("Width"), lambda trim: _figure(trim.width_mm, "mm")),
        (_("Height"), lambda trim: _figure(trim.height_mm, "mm")),
        (_("Wheelbase"), lambda trim: _figure(trim.wheelbase_mm, "mm")),
    ]


def _row(label: str, read: Callable[[Trim], str], trims: Sequence[Trim]) -> SpecRow | None:
    values = tuple(read(trim) or MISSING for trim in trims)
    return SpecRow(label, values) if any(value != MISSING for value in values) else None


def _choice(choices: type[TextChoices], value: str) -> str:
    """Its label; Django's own way looks through all labels of the field, which takes longer than the rest of a row."""
    return str(choices(value).label) if value else ""


def _figure(value: int | Decimal | None, unit: str) -> str:
    return "" if value is None else _format(value, unit, active_locale())


@lru_cache(maxsize=16_384)
def _format(value: int | Decimal, unit: str, locale: Locale) -> str:
    return f"{format_decimal(value, format='#,##0.##', locale=locale)} {unit}".strip()


def _measured(value: int | Decimal | None, unit: str, cycle: str) -> str:
    """A figure with the test cycle it was measured in, as figures of different cycles cannot be compared."""
    return f"{_figure(value, unit)} {cycle}".strip() if value is not None else ""
