"""Taking a guard away for a control, and putting it back."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from catalog.models import Availability, StockUnit
from catalog.services.stock import ClaimedUnit


@contextmanager
def without_index(name: str) -> Iterator[None]:
    """Drop a unique index while the block runs; the rows it would refuse are gone before it returns."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
        definition = cursor.fetchone()[0]
        cursor.execute(f'DROP INDEX "{name}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE orders_claim")
            cursor.execute(definition)


def claim_after_reading(unit_id: int) -> ClaimedUnit | None:
    """What a claim looks like without its guard: read, decide, write."""
    unit = StockUnit.objects.get(pk=unit_id)
    if unit.availability != Availability.AVAILABLE:
        return None
    unit.availability = Availability.HELD
    unit.save()
    return ClaimedUnit(
        unit.pk, unit.trim_id, unit.colour_id, unit.market_id, unit.dealership_id, unit.discount, option_ids=()
    )


@pytest.fixture
def unguarded_claims(monkeypatch) -> Iterator[None]:
    """Claims that check outside a lock, on a table that does not refuse a second one."""
    monkeypatch.setattr("orders.services.placing.claim_unit", claim_after_reading)
    with without_index("orders_claim_one_per_unit"):
        yield
