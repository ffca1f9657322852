"""What the search box finds first, for queries as people type them."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from catalog.listing import forget_cars
from catalog.places import forget_places

from .judging import LOOKED_AT, Query, judge, read_queries

FEWEST_QUERIES = 120


@pytest.fixture(scope="module")
def demonstration(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """The demonstration's cars for all queries at once; committed, as the index is kept only outside transactions."""
    with django_db_blocker.unblock():
        forget_cars()
        call_command("seed_demo", verbosity=0)
        try:
            yield
        finally:
            call_command("flush", verbosity=0, interactive=False)
            forget_cars()
            forget_places()


def test_the_table_is_large_and_asks_nothing_twice() -> None:
    texts = [query.text for query in read_queries()]
    assert len(texts) >= FEWEST_QUERIES
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("query", read_queries(), ids=lambda query: query.text)
def test_what_is_meant_comes_first(demonstration: None, query: Query) -> None:
    verdict = judge(query)
    assert verdict.is_first_right, f"{query.text}: {verdict.found[:LOOKED_AT]}, not {query.expected}"
    assert verdict.share == 1, f"{query.text}: {verdict.found[:LOOKED_AT]}, not {query.expected}"
