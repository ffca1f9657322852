"""What the address of a model's or trim's page asks for; what cannot be read is left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

OWN = frozenset({"colour", "option", "year", "part", "all", "at"})
OPTIONS_READ = 100
OTHERS_KEPT = 12
LONGEST_VALUE = 100
LAST_PAGE = 1000


@dataclass(frozen=True)
class Asked:
    """Choices of the page. `stock_page` is 0 for the short list of dealerships; `others` belong to other parts."""

    colour: str = ""
    options: frozenset[str] = frozenset()
    year: int | None = None
    part: int = 1
    stock_page: int = 0
    dealership: str = ""
    others: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, query: QueryDict) -> Asked:
        others = [(name, value) for name, value in query.items() if name not in OWN]
        return cls(
            colour=query.get("colour", "")[:LONGEST_VALUE],
            options=frozenset(query.getlist("option")[:OPTIONS_READ]),
            year=read_number(query.get("year", "")),
            part=read_number(query.get("part", "")) or 1,
            stock_page=(read_number(query["all"]) or 1) if "all" in query else 0,
            dealership=query.get("at", "")[:LONGEST_VALUE],
            others=tuple((name, value) for name, value in others if len(name + value) <= LONGEST_VALUE)[:OTHERS_KEPT],
        )


def read_number(text: str) -> int | None:
    """A whole number from 1, huge ones cut; None for anything else."""
    digits = text.strip()
    if not digits.isascii() or not digits.isdigit():
        return None
    return max(1, min(int(digits[:6]), 9999))


def address(pairs: Iterable[tuple[str, object]]) -> str:
    """The pairs that have a value as a query; `?` alone drops them all."""
    return f"?{urlencode([(name, value) for name, value in pairs if value not in ('', None)])}"
