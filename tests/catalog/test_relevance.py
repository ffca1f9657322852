"""What the search box finds first, for queries as people type them."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import transaction

from catalog.listing import search
from catalog.listing.fleet import cars_on_sale
from o2o_platform.markets.models import Market

from .judging import LOOKED_AT, Query, judge, read_queries

FEWEST_QUERIES = 120


@pytest.fixture(scope="module")
def demonstration(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """The demonstration's cars for all queries at once, taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patched:
        call_command("seed_demo", verbosity=0)
        # Inside a transaction the index is read anew at each request; here nothing changes in between.
        index = cars_on_sale(Market.objects.get(pk="CN"))
        patched.setattr(search, "cars_on_sale", lambda market: index)
        yield
        transaction.set_rollback(True)


def test_the_table_is_large_and_asks_nothing_twice() -> None:
    texts = [query.text for query in read_queries()]
    assert len(texts) >= FEWEST_QUERIES
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("query", read_queries(), ids=lambda query: query.text)
def test_what_is_meant_comes_first(demonstration: None, db: None, query: Query) -> None:
    verdict = judge(query)
    assert verdict.is_first_right, f"{query.text}: {verdict.found[:LOOKED_AT]}, not {query.expected}"
    assert verdict.share == 1, f"{query.text}: {verdict.found[:LOOKED_AT]}, not {query.expected}"
