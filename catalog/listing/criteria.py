"""What a visitor asks of the list of cars, read from the address and written back to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict

from o2o_platform.markets.models import City, Market

FACETS = ("stock", "brand", "body", "energy", "price", "seats")
QUERY_LENGTH = 80
VALUES_PER_FACET = 40
LAST_PAGE = 100_000


@dataclass(frozen=True)
class CarCriteria:
    """Choices by facet (any of a facet's values, all facets together), words, order and page."""

    market: Market
    city: City | None = None
    query: str = ""
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sort: str = ""
    page: int = 1

    @classmethod
    def read(cls, parameters: QueryDict, *, market: Market, city: City | None) -> CarCriteria:
        """From the address; what cannot be read is left out."""
        query = "".join(letter if letter.isprintable() else " " for letter in parameters.get("q", ""))
        chosen = {name: frozenset(filter(None, parameters.getlist(name)[:VALUES_PER_FACET])) for name in FACETS}
        return cls(
            market=market,
            city=city,
            query=" ".join(query.split())[:QUERY_LENGTH],
            chosen={name: values for name, values in chosen.items() if values},
            sort=parameters.get("sort", "")[:20],
            page=_read_page(parameters.get("page", "")),
        )

    def without(self, facet: str, value: str = "") -> CarCriteria:
        """The same without one choice, or without all of a facet; `q` is the words."""
        if facet == "q":
            return replace(self, query="", page=1)
        left = self.chosen.get(facet, frozenset()) - {value} if value else frozenset()
        chosen = {name: values for name, values in self.chosen.items() if name != facet}
        return replace(self, chosen=chosen | ({facet: left} if left else {}), page=1)

    def at_page(self, page: int) -> CarCriteria:
        return replace(self, page=page)

    def as_query(self) -> str:
        """The canonical query string: `?brand=haval&page=2`, or `?` when nothing is asked."""
        pairs = [("q", self.query)] if self.query else []
        pairs += [(name, value) for name in FACETS for value in sorted(self.chosen.get(name, ()))]
        if self.sort:
            pairs.append(("sort", self.sort))
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        return f"?{urlencode(pairs)}"


def _read_page(text: str) -> int:
    """A page number; anything else is the first page and a huge one just beyond the last."""
    digits = text.strip()
    if not digits.isascii() or not digits.isdigit():
        return 1
    return max(1, min(int(digits[:12]), LAST_PAGE))
