"""Words for facets and words that say nothing, from the table in `catalog/data/search_words.csv`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from o2o_platform.markets.tables import read_table

from .figures import ranges_from
from .spelling import compact, has_chinese

WORDS = Path(__file__).parent.parent / "data" / "search_words.csv"
LONG_RANGE_KM = 600
# Choices that look at single cars in stock, not at trims.
OF_CARS = frozenset(("stock", "delivery"))


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


@lru_cache(maxsize=1024)
def facet_completions(beginning: str) -> tuple[FacetWord, ...]:
    """The choices whose words begin so, the shortest word first; a letter or a number tells too little."""
    if not has_chinese(beginning) and (len(beginning) < 2 or beginning[0].isdigit()):
        return ()
    words = sorted((word for word in facet_words() if word.startswith(beginning)), key=lambda word: (len(word), word))
    meanings = (facet_words()[word] for word in words)
    return tuple(dict.fromkeys(meaning for meaning in meanings if meaning.facet and meaning.facet not in OF_CARS))


def _read_meaning(facet: str, values: str) -> FacetWord:
    if facet == "ignore":
        return FacetWord("", frozenset())
    chosen = ranges_from(LONG_RANGE_KM) if (facet, values) == ("range", "long") else frozenset(values.split("|"))
    return FacetWord(facet, chosen)
