"""Orders of the list of cars; each is total, so that pages never share or lose a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from .criteria import CarCriteria
from .text import relevance, tokens

if TYPE_CHECKING:
    from .search import Match

RANGE = "range-"


def order_matches(matches: list[Match], criteria: CarCriteria) -> tuple[list[Match], str]:
    """The matches in the order asked for, and its code; an order not offered here is the default, an empty code."""
    sort = criteria.sort if criteria.sort in dict(sort_choices(matches, criteria)) else ""
    matches.sort(key=_tie)
    if not sort and criteria.query:
        words = tokens(criteria.query)
        matches.sort(key=lambda match: -relevance(match.model.text, words))
    elif sort == "price":
        matches.sort(key=lambda match: match.low)
    elif sort == "-price":
        matches.sort(key=lambda match: match.high, reverse=True)
    elif sort == "power":
        matches.sort(key=lambda match: -max(trim.power_kw for trim in match.trims))
    elif sort.startswith(RANGE):
        cycle = sort.removeprefix(RANGE).upper()
        matches.sort(key=lambda match: -longest_range(match, cycle))
    return matches, sort


def sort_choices(matches: list[Match], criteria: CarCriteria) -> list[tuple[str, str]]:
    """Orders that make sense here; ranges only within one test cycle, as cycles cannot be compared."""
    choices = [("", _("Best match")), ("newest", _("Newest"))] if criteria.query else [("", _("Newest"))]
    choices += [
        ("price", _("Price, lowest first")),
        ("-price", _("Price, highest first")),
        ("power", _("Power")),
    ]
    cycles = sorted({trim.range_cycle for match in matches for trim in match.trims if trim.range_cycle})
    return choices + [
        (f"{RANGE}{cycle.lower()}", _("Electric range (%(cycle)s)") % {"cycle": cycle}) for cycle in cycles
    ]


def longest_range(match: Match, cycle: str) -> int:
    """Electric range in km among the trims measured in `cycle`; 0 when none was."""
    return max((trim.range_km for trim in match.trims if trim.range_cycle == cycle), default=0)


def _tie(match: Match) -> tuple[int, str, int]:
    newest = max(trim.year for trim in match.trims)
    return (-newest, match.model.brand_slug, match.model.model_id)
