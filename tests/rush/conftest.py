from collections.abc import Iterator

import pytest
from django.core.cache import cache

from o2o_platform.waiting import line
from orders.services import gating
from tests.factories import make_terms


@pytest.fixture
def fresh(db: None) -> Iterator[None]:
    """Nothing kept in the process or counted in the cache from another test; terms to order by."""
    cache.clear()
    gating.forget_gates()
    line.forget_paces()
    make_terms()
    yield
    gating.forget_gates()
    line.forget_paces()
