"""The only writers of a car's availability. `orders` calls them with its claim, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from ..models import Availability, StockUnit


@dataclass(frozen=True, slots=True)
class ClaimedUnit:
    """A car just held: what an order needs to know of it. `discount` in the market's currency."""

    pk: int
    trim_id: int
    colour_id: int
    market_id: str
    dealership_id: int
    discount: Decimal
    option_ids: tuple[int, ...]


# One statement, because everybody who wants a car in a rush goes through it: the conditional
# UPDATE is the verdict, and what it returns saves reading the row again.
_CLAIM = """
UPDATE catalog_stockunit SET availability = 'held', updated_at = now()
WHERE id = ({candidate}) AND availability = 'available'
  AND (SELECT is_active FROM dealers_dealership WHERE id = catalog_stockunit.dealership_id)
RETURNING id, trim_id, colour_id, market_id, dealership_id, discount,
  ARRAY(SELECT option_id FROM catalog_stockunit_options WHERE stockunit_id = catalog_stockunit.id ORDER BY option_id)
"""
_CLAIM_ONE = _CLAIM.format(candidate="%s")
_CLAIM_ANY = _CLAIM.format(
    candidate="""SELECT id FROM catalog_stockunit
    WHERE trim_id = %s AND colour_id = %s AND dealership_id = %s AND availability = 'available'
    ORDER BY stage <> 'in_store', id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED"""
)


def claim_unit(unit_id: int) -> ClaimedUnit | None:
    """Hold an available car at an active dealership; None when someone else has it."""
    return _claim(_CLAIM_ONE, [unit_id])


def claim_any(*, trim_id: int, colour_id: int, dealership_id: int) -> ClaimedUnit | None:
    """Hold an available car of this trim and colour there, passing over cars other transactions hold.

    Cars in store come first, then the longest in stock.
    """
    return _claim(_CLAIM_ANY, [trim_id, colour_id, dealership_id])


def _claim(statement: str, parameters: list[int]) -> ClaimedUnit | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    return row and ClaimedUnit(*row[:-1], option_ids=tuple(row[-1]))


def release_unit(unit_id: int) -> bool:
    """Make a held car available again."""
    return _move(unit_id, (Availability.HELD,), Availability.AVAILABLE)


def sell_unit(unit_id: int) -> bool:
    """Mark a held car sold."""
    return _move(unit_id, (Availability.HELD,), Availability.SOLD)


def withdraw_unit(unit_id: int) -> bool:
    """Take a car off sale, unless it is claimed or sold."""
    return _move(unit_id, (Availability.AVAILABLE,), Availability.WITHDRAWN)


def offer_unit(unit_id: int) -> bool:
    """Put a withdrawn car back on sale."""
    return _move(unit_id, (Availability.WITHDRAWN,), Availability.AVAILABLE)


def _move(unit_id: int, sources: tuple[str, ...], to: str) -> bool:
    rows = StockUnit.objects.filter(pk=unit_id, availability__in=sources)
    return bool(rows.update(availability=to, updated_at=timezone.now()))


def withdraw_units(unit_ids: Sequence[int]) -> set[int]:
    """Take cars off sale, with one statement; the ids of those that were neither claimed, sold nor off sale."""
    return _move_all(unit_ids, Availability.AVAILABLE, Availability.WITHDRAWN)


def offer_units(unit_ids: Sequence[int]) -> set[int]:
    """Put withdrawn cars back on sale, with one statement; the ids of those that were withdrawn."""
    return _move_all(unit_ids, Availability.WITHDRAWN, Availability.AVAILABLE)


_MOVE_ALL = """
UPDATE catalog_stockunit SET availability = %s, updated_at = now() WHERE id = ANY(%s) AND availability = %s RETURNING id
"""


def _move_all(unit_ids: Sequence[int], source: str, to: str) -> set[int]:
    if not unit_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_ALL, [to, list(unit_ids), source])
        return {pk for (pk,) in cursor.fetchall()}
