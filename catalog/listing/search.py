"""The one way into the list of cars: criteria in, a page out.

A search that outgrows one process replaces what is behind these functions, not what is before them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from catalog.places import cities_in

from .criteria import CarCriteria
from .facets import CENT
from .finding import Found, Where, find_trims, known_choices, read_query
from .fleet import cars_on_sale
from .index import ordinals_of, picked
from .page import CarListPage, build_page, draft_page


@contextmanager
def finding(criteria: CarCriteria) -> Iterator[Found]:
    """What fits, with the index kept as it is until the block ends."""
    index = cars_on_sale(criteria.market)
    where = Where.of(cities_in(criteria.market), criteria.city)
    reading = read_query(criteria)
    with index.lock:
        yield find_trims(index, known_choices(index, criteria, where), where, reading)


def search_cars(criteria: CarCriteria) -> CarListPage:
    """One page of models, trims or cars in stock, and the facets beside them.

    Facet counts are trims, each facet counted without its own choice. Answers are at most two
    seconds behind the database.
    """
    with finding(criteria) as found:
        draft = draft_page(found)
    return build_page(draft)


def matching_trims(criteria: CarCriteria, limit: int) -> list[tuple[int, Decimal]]:
    """The cheapest trims that fit: id and list price with VAT in the market's currency."""
    with finding(criteria) as found:
        ordinals = ordinals_of(found.trims)
        columns = found.index.columns
        cheapest = ordinals[picked(columns["price"], ordinals).argsort(kind="stable")][:limit]
        ids, prices = columns["trim_id"][cheapest].tolist(), columns["price"][cheapest].tolist()
    return [(trim_id, Decimal(price) / CENT) for trim_id, price in zip(ids, prices, strict=True)]
