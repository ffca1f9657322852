"""Cars side by side: what they cost, whether they are in stock, and every figure with the better one marked.

A figure is marked as the better one only where "better" holds for every buyer and the values
can be compared: the lower price, the longer electric range, the lower consumption and the
shorter time to 100 km/h. Power, torque, top speed, battery, seats and size are *more*, not
better: they cost tax, fuel, insurance and parking space, and what they bring shows in the
figures that are judged. Range and consumption are compared within one test cycle, and plug-in
hybrids only with each other: their figures say how far the battery goes before the engine, and
a weighted average that depends on charging. A tie marks nobody; a missing value never wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from catalog.models import Colour, Option, Trim
from catalog.models.vehicle import PLUG_INS
from catalog.pricing import PriceBreakdown
from catalog.specification import MISSING, spec_groups
from o2o_platform.interface.formats import format_money


class Figure(NamedTuple):
    """A value with what it was measured by; values of different bases are not compared."""

    value: Decimal | int
    basis: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    text: str
    is_best: bool = False
    is_good: bool = False
    colours: tuple[Colour, ...] = ()


@dataclass(frozen=True)
class Row:
    """One line of the table; `note` says why it is not judged, `best_word` is what the best figure is called."""

    label: str
    cells: tuple[Cell, ...]
    note: str = ""
    best_word: str = ""

    @property
    def is_equal(self) -> bool:
        """Whether all cars agree, so that it is hidden when only differences are asked for."""
        return len({cell.text for cell in self.cells}) == 1


@dataclass(frozen=True)
class RowGroup:
    label: str
    rows: tuple[Row, ...]

    @property
    def is_equal(self) -> bool:
        return all(row.is_equal for row in self.rows)


@dataclass(frozen=True)
class Judged:
    """How the figures of a row are judged; `label` is the row's in English, `best_word` names the best."""

    label: str
    read: Callable[[Trim], Figure | None]
    best_word: str
    is_lower_better: bool = False


def _range(trim: Trim) -> Figure | None:
    value = trim.electric_range_km
    return Figure(value, (trim.range_cycle, _plug(trim))) if value else None


def _consumption(trim: Trim) -> Figure | None:
    value = trim.fuel_l_per_100km
    return Figure(value, (trim.fuel_cycle, _plug(trim))) if value is not None else None


def _acceleration(trim: Trim) -> Figure | None:
    return Figure(trim.accel_0_100_s) if trim.accel_0_100_s else None


def _plug(trim: Trim) -> str:
    return "plug-in" if trim.energy_type in PLUG_INS else ""


JUDGED = (
    Judged(gettext_noop("Electric range"), _range, gettext_noop("Longest")),
    Judged(gettext_noop("Consumption"), _consumption, gettext_noop("Lowest"), is_lower_better=True),
    Judged(gettext_noop("0–100 km/h"), _acceleration, gettext_noop("Quickest"), is_lower_better=True),
)


def find_best(figures: Sequence[Figure | None], *, is_lower_better: bool) -> int | None:
    """The place of the one best figure; None for a tie, a lone value or values that cannot be compared."""
    known = [(figure.value, place) for place, figure in enumerate(figures) if figure]
    if len(known) < 2 or has_mixed_bases(figures):
        return None
    best = (min if is_lower_better else max)(value for value, _place in known)
    places = [place for value, place in known if value == best]
    return places[0] if len(places) == 1 else None


def has_mixed_bases(figures: Iterable[Figure | None]) -> bool:
    """Whether the values there are were measured in different ways."""
    return len({figure.basis for figure in figures if figure}) > 1


def figure_groups(trims: Sequence[Trim]) -> list[RowGroup]:
    """The figures of the specification, the better one marked where there is one."""
    judged = {_(rule.label): rule for rule in JUDGED}
    groups = []
    for group in spec_groups(trims):
        rows = [_figure_row(row.label, row.values, judged.get(row.label), trims) for row in group.rows]
        groups.append(RowGroup(group.label, tuple(rows)))
    return groups


def _figure_row(label: str, texts: Sequence[str], rule: Judged | None, trims: Sequence[Trim]) -> Row:
    figures = [rule.read(trim) for trim in trims] if rule else []
    best = find_best(figures, is_lower_better=rule.is_lower_better) if rule else None
    note = _("Not comparable") if has_mixed_bases(figures) else ""
    word = _(rule.best_word) if rule else ""
    return Row(label, tuple(Cell(text, place == best) for place, text in enumerate(texts)), note, word)


def price_rows(prices: Sequence[PriceBreakdown | None], *, currency: str) -> tuple[Row, Row]:
    """List price and on-the-road price, without paint and options; a car that is not on sale has neither."""
    listed = [price.contract_total if price else None for price in prices]
    on_the_road = [price.on_the_road_total if price else None for price in prices]
    return (
        _money_row(_("List price"), listed, currency),
        _money_row(_("On the road"), on_the_road, currency),
    )


def _money_row(label: str, amounts: Sequence[Decimal | None], currency: str) -> Row:
    figures = [None if amount is None else Figure(amount) for amount in amounts]
    best = find_best(figures, is_lower_better=True)
    texts = [MISSING if amount is None else format_money(amount, currency=currency) for amount in amounts]
    cells = tuple(Cell(text, place == best) for place, text in enumerate(texts))
    return Row(label, cells, best_word=_("Lowest"))


def option_group(
    trims: Sequence[Trim], prices: dict[tuple[int, int], tuple[Option, Decimal]], *, currency: str
) -> RowGroup | None:
    """Every option one of the cars can have, with its price; `prices` is by trim and option id."""
    options = {option.pk: option for option, _price in prices.values()}
    rows = []
    for option in sorted(options.values(), key=lambda option: option.pk):
        amounts = [prices[trim.pk, option.pk][1] if (trim.pk, option.pk) in prices else None for trim in trims]
        rows.append(Row(option.label, tuple(Cell(_option_text(amount, currency)) for amount in amounts)))
    return RowGroup(_("Options"), tuple(rows)) if rows else None


def _option_text(amount: Decimal | None, currency: str) -> str:
    if amount is None:
        return MISSING
    return f"+ {format_money(amount, currency=currency)}" if amount else _("No extra cost")


def colour_row(palettes: Sequence[Sequence[Colour]]) -> Row:
    """The paints each car comes in."""
    cells = [
        Cell(", ".join(colour.label for colour in colours) or MISSING, colours=tuple(colours)) for colours in palettes
    ]
    return Row(_("Colours"), tuple(cells))
