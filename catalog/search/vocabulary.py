"""Words for facets and words that say nothing, from the table in `catalog/data/search_words.csv`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from o2o_platform.markets.tables import read_table

from .figures import ranges_from
from .spelling import compact

WORDS = Path(__file__).parent.parent / "data" / "search_words.csv"
LONG_RANGE_KM = 600


class FacetWord(NamedTuple):
    """What a word chooses; a word without a facet is passed over."""

    facet: str
    values: frozenset[str]


@lru_cache(maxsize=1)
def facet_words() -> Mapping[str, FacetWord]:
    """Every word of the table, compacted."""
    words: dict[str, FacetWord] = {}
    for row in read_table(WORDS):
        meaning = _read_meaning(row["facet"], row["values"])
        for word in row["words"].split("|"):
            words.setdefault(compact(word), meaning)
    return words


def _read_meaning(facet: str, values: str) -> FacetWord:
    if facet == "ignore":
        return FacetWord("", frozenset())
    chosen = ranges_from(LONG_RANGE_KM) if (facet, values) == ("range", "long") else frozenset(values.split("|"))
    return FacetWord(facet, chosen)
