"""What a visitor asks of the list of cars, read from the address and written back to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import cached_property

from o2o_platform.interface.shops import shop_brand
from o2o_platform.markets.models import City, Market

from .facets import FACETS

VIEWS = ("models", "trims", "stock")
QUERY_LENGTH = 80
VALUES_PER_FACET = 40
LAST_PAGE = 1_000_000
HIGHEST_PRICE = Decimal(10**9)


@dataclass(frozen=True)
class CarCriteria:
    """Choices by facet (any of a facet's values, all facets together), words, view, order and page.

    `price_from` and `price_to` are list prices with VAT in the market's currency, both included; `more` names
    a facet to be shown with all its values. `brand_id` is the shop's: then nothing else is there, nor a choice of
    brands.
    """

    market: Market
    city: City | None = None
    query: str = ""
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    view: str = VIEWS[0]
    sort: str = ""
    page: int = 1
    more: str = ""
    brand_id: int | None = field(default_factory=shop_brand)

    @classmethod
    def read(cls, parameters: QueryDict, *, market: Market, city: City | None) -> CarCriteria:
        """From the address; what cannot be read is left out."""
        query = "".join(letter if letter.isprintable() else " " for letter in parameters.get("q", "")[:2000])
        chosen = {name: frozenset(filter(None, parameters.getlist(name)[:VALUES_PER_FACET])) for name in FACETS}
        if shop_brand() is not None:
            chosen.pop("brand")
        view = parameters.get("view", "")
        return cls(
            market=market,
            city=city,
            query=" ".join(query.split())[:QUERY_LENGTH],
            chosen={name: values for name, values in chosen.items() if values},
            price_from=_read_price(parameters.get("price_from", "")),
            price_to=_read_price(parameters.get("price_to", "")),
            view=view if view in VIEWS else VIEWS[0],
            sort=parameters.get("sort", "")[:20],
            page=_read_page(parameters.get("page", "")),
            more=more if (more := parameters.get("more", "")) in FACETS else "",
        )

    @property
    def has_price_range(self) -> bool:
        return self.price_from is not None or self.price_to is not None

    @property
    def active(self) -> list[str]:
        """The filters that are on; `q` is the words, `price` the bands and the free range."""
        names = ["q"] if self.query else []
        return names + [name for name in FACETS if name in self.chosen or (name == "price" and self.has_price_range)]

    def without(self, facet: str, value: str = "") -> CarCriteria:
        """The same without one choice, or without all of a facet; `q` is the words, `price_from` the free range."""
        if facet == "q":
            return replace(self, query="", page=1)
        if facet == "price_from" or (facet == "price" and not value):
            chosen = self.chosen if facet == "price_from" else self._chosen_without("price", "")
            return replace(self, chosen=chosen, price_from=None, price_to=None, page=1)
        return replace(self, chosen=self._chosen_without(facet, value), page=1)

    def page_query(self, page: int) -> str:
        """The query string of another page of the same."""
        first = self.first_page_query
        return first if page == 1 else f"{first}{'' if first == '?' else '&'}page={page}"

    @cached_property
    def first_page_query(self) -> str:
        return replace(self, page=1).as_query()

    def in_view(self, view: str) -> CarCriteria:
        return replace(self, view=view, page=1)

    def as_query(self) -> str:
        """The canonical query string: `?brand=haval&page=2`, or `?` when nothing is asked."""
        pairs = [("q", self.query)] if self.query else []
        pairs += [(name, value) for name in FACETS for value in sorted(self.chosen.get(name, ()))]
        if self.price_from is not None:
            pairs.append(("price_from", f"{self.price_from:f}"))
        if self.price_to is not None:
            pairs.append(("price_to", f"{self.price_to:f}"))
        if self.view != VIEWS[0]:
            pairs.append(("view", self.view))
        if self.sort:
            pairs.append(("sort", self.sort))
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        return f"?{urlencode(pairs)}"

    def _chosen_without(self, facet: str, value: str) -> dict[str, frozenset[str]]:
        left = self.chosen.get(facet, frozenset()) - {value} if value else frozenset()
        chosen = {name: values for name, values in self.chosen.items() if name != facet}
        return chosen | ({facet: left} if left else {})


def _read_price(text: str) -> Decimal | None:
    """Whole currency units; thousands may be grouped. Anything else is no limit."""
    digits = text.strip().replace(",", "").replace(" ", "")
    if not digits.isascii() or not digits.isdigit():
        return None
    return min(Decimal(digits[:12]), HIGHEST_PRICE)


def _read_page(text: str) -> int:
    """A page number; anything else is the first page and a huge one just beyond the last."""
    digits = text.strip()
    if not digits.isascii() or not digits.isdigit():
        return 1
    return max(1, min(int(digits[:12]), LAST_PAGE))
