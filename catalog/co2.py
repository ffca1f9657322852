"""CO₂ emissions of a car and the class they put it in, as Germany wants shown with every offer.

Pkw-Energieverbrauchskennzeichnungsverordnung (Pkw-EnVKV) as in force since 23 February 2024 (BGBl. 2024 I Nr. 50),
its classes in online offers since 1 May 2024. Figures are combined ones by WLTP, in g/km. Plug-in hybrids have
two: weighted by use, and with the battery empty.
"""

from __future__ import annotations

from typing import Any

from babel.numbers import format_decimal
from django.utils.translation import gettext as _

from o2o_platform.interface.formats import active_locale

# The highest figure of a class, by the ordinance's table; above the last it is G.
CLASSES = ((0, "A"), (95, "B"), (115, "C"), (135, "D"), (155, "E"), (175, "F"))
WORST = "G"
# Markets whose law wants the class beside every offer.
SHOWN_IN = frozenset({"DE"})


def co2_class(grams: int | None) -> str:
    """The class of an emission in g/km; "" where it is not known."""
    if grams is None:
        return ""
    return next((name for most, name in CLASSES if grams <= most), WORST)


def class_range(lowest: int | None, highest: int | None) -> str:
    """Of several cars: `B`, or `B–E`."""
    low, high = co2_class(lowest), co2_class(highest)
    return low if low == high else f"{low}–{high}"


def describe_co2(trim: Any) -> str:
    """The ordinance's words for one car: consumption, emissions and class, of plug-in hybrids both; "" if unknown."""
    if trim.co2 is None:
        return ""
    fuel = trim.fuel_l_per_100km
    cycle = trim.fuel_cycle
    consumed = f"{format_decimal(fuel, '0.##', locale=active_locale())} L/100 km {cycle}" if fuel is not None else ""
    grams, name = trim.co2, trim.co2_class
    if trim.co2_depleted_g_per_km is None:
        parts = [_("Consumption (combined): %(value)s") % {"value": consumed}] if consumed else []
        parts += [_("CO₂ emissions (combined): %(grams)s g/km") % {"grams": grams}]
        return " · ".join([*parts, _("CO₂ class: %(class)s") % {"class": name}])
    parts = [_("Consumption (weighted, combined): %(value)s") % {"value": consumed}] if consumed else []
    parts += [_("CO₂ emissions (weighted, combined): %(grams)s g/km") % {"grams": grams}]
    classes = {"class": name, "empty": trim.co2_class_depleted}
    parts += [_("CO₂ classes: %(class)s weighted, combined; %(empty)s with the battery empty") % classes]
    return " · ".join(parts)
