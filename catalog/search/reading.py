"""What people mean by the words they type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from o2o_platform.markets.models import Market

from .dictionary import TermGroup, match_words
from .spelling import fold, read_atoms

LONGEST_TEXT = 80


@dataclass(frozen=True)
class Reading:
    """Facet values, a price range in the market's currency, and groups of which a trim has to fit each.

    `left_out` are the words nothing is known of; `is_fuzzy` says that some word was read as a similar one.
    """

    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    groups: tuple[TermGroup, ...] = ()
    left_out: tuple[str, ...] = ()
    is_fuzzy: bool = False


def read_words(text: str, *, market: Market) -> Reading:
    """Read the words of a search box in at most two queries, whatever was typed; never fails."""
    atoms = read_atoms(fold(text[:LONGEST_TEXT]))
    if not atoms:
        return Reading()
    groups, left_out, is_fuzzy = match_words(atoms)
    return Reading(groups=tuple(groups), left_out=tuple(left_out), is_fuzzy=is_fuzzy)
