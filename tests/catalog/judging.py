"""Queries as people type them, what they should find among the demonstration's cars, and how well they do."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.http import QueryDict
from django.utils.http import urlencode

from catalog.listing import CarCriteria, search_cars
from o2o_platform.markets.models import Market

TABLE = Path(__file__).parent / "relevance.csv"
LOOKED_AT = 3


class Query(NamedTuple):
    """`expected` are slugs of models parted by |, a list as its address (`?brand=haval`), or - for nothing."""

    text: str
    expected: str
    kind: str


class Verdict(NamedTuple):
    """What came, whether the first of it belongs there, and which share of the first three does."""

    found: list[str]
    is_first_right: bool
    share: float


@lru_cache(maxsize=1)
def read_queries() -> tuple[Query, ...]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(Query(row["query"], row["expected"], row["kind"]) for row in csv.DictReader(file))


def judge(query: Query) -> Verdict:
    """The list for these words, beside the models that should come first."""
    found = find_models(urlencode({"q": query.text}))
    if query.expected == "-":
        return Verdict(found, not found, float(not found))
    wanted = find_models(query.expected[1:]) if query.expected.startswith("?") else query.expected.split("|")
    if not wanted:
        raise ValueError(f"nothing in the demonstration is {query.expected}")
    looked_at = min(LOOKED_AT, len(wanted))
    share = sum(slug in wanted for slug in found[:looked_at]) / looked_at
    return Verdict(found, bool(found) and found[0] in wanted, share)


def find_models(address: str) -> list[str]:
    """Slugs of the models of the first page at an address of the list in China."""
    criteria = CarCriteria.read(QueryDict(address), market=Market.objects.get(pk="CN"), city=None)
    return [card.url.rstrip("/").rpartition("/")[2] for card in search_cars(criteria).cards]
