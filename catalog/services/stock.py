"""The only writers of a car's availability. `orders` calls them with its claim, in one transaction."""

from __future__ import annotations

from django.db.models import Case, When
from django.utils import timezone

from ..models import Availability, Stage, StockUnit


def claim_unit(unit_id: int) -> bool:
    """Hold an available car; False when someone else has it. The row count of the UPDATE is the verdict."""
    return _move(unit_id, (Availability.AVAILABLE,), Availability.HELD)


def find_unit(*, trim_id: int, colour_id: int, dealership_id: int) -> int | None:
    """An available car of this trim and colour there, locked; cars other transactions hold are passed over.

    Cars in store come first, then the longest in stock.
    """
    return (
        StockUnit.objects.available()
        .filter(trim_id=trim_id, colour_id=colour_id, dealership_id=dealership_id)
        .order_by(Case(When(stage=Stage.IN_STORE, then=0), default=1), "pk")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .values_list("pk", flat=True)
        .first()
    )


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
