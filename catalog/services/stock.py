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
    """A car just held: what an order needs to know of it. `discount` in the market's currency.

    Held for a direct sale it has no dealership, wherever it stands.
    """

    pk: int
    trim_id: int
    colour_id: int
    market_id: str
    dealership_id: int | None
    discount: Decimal
    option_ids: tuple[int, ...]


# One statement, because everybody who wants a car in a rush goes through it: the conditional
# UPDATE is the verdict, and what it returns saves reading the row again.
_CLAIM = """
UPDATE catalog_stockunit SET availability = 'held', updated_at = now()
WHERE id = ({candidate}) AND availability = 'available'{condition}
RETURNING id, trim_id, colour_id, market_id, {place}, discount,
  ARRAY(SELECT option_id FROM catalog_stockunit_options WHERE stockunit_id = catalog_stockunit.id ORDER BY option_id)
"""
_AT_ACTIVE = """
  AND (SELECT is_active FROM dealers_dealership WHERE id = catalog_stockunit.dealership_id)"""
_CLAIM_ONE = _CLAIM.format(candidate="%s", condition=_AT_ACTIVE, place="dealership_id")
_CLAIM_ANY = _CLAIM.format(
    condition=_AT_ACTIVE,
    place="dealership_id",
    candidate="""SELECT id FROM catalog_stockunit
    WHERE trim_id = %s AND colour_id = %s AND dealership_id = %s AND availability = 'available'
    ORDER BY stage <> 'in_store', id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED""",
)
# Sold directly: wherever the car stands, central stock first, and no dealership has a part in it.
_CLAIM_ONE_DIRECT = _CLAIM.format(candidate="%s", condition="", place="NULL::bigint")
_CLAIM_ANY_DIRECT = _CLAIM.format(
    condition="",
    place="NULL::bigint",
    candidate="""SELECT id FROM catalog_stockunit
    WHERE trim_id = %s AND colour_id = %s AND market_id = %s AND availability = 'available'
    ORDER BY dealership_id IS NOT NULL, stage <> 'in_store', id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED""",
)


def claim_unit(unit_id: int) -> ClaimedUnit | None:
    """Hold an available car at an active dealership; None when someone else has it."""
    return _claim(_CLAIM_ONE, [unit_id])


def claim_any(*, trim_id: int, colour_id: int, dealership_id: int) -> ClaimedUnit | None:
    """Hold an available car of this trim and colour there, passing over cars other transactions hold.

    Cars in store come first, then the longest in stock.
    """
    return _claim(_CLAIM_ANY, [trim_id, colour_id, dealership_id])


def claim_unit_direct(unit_id: int) -> ClaimedUnit | None:
    """Hold an available car for a direct sale, in central stock or at any dealership; None when someone else has it."""
    return _claim(_CLAIM_ONE_DIRECT, [unit_id])


def claim_any_direct(*, trim_id: int, colour_id: int, market: str) -> ClaimedUnit | None:
    """Hold an available car of this trim and colour in the market for a direct sale, passing over locked ones."""
    return _claim(_CLAIM_ANY_DIRECT, [trim_id, colour_id, market])


def _claim(statement: str, parameters: list[int | str]) -> ClaimedUnit | None:
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


def take_back_unit(unit_id: int) -> bool:
    """A sold car came back: it is off sale until staff decide."""
    return _move(unit_id, (Availability.SOLD,), Availability.WITHDRAWN)


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
