"""Moving an order's claim between cars; the callers hold the order's lock."""

from __future__ import annotations

from django.utils import timezone

from catalog.services.stock import claim_unit, release_unit

from ..models import Claim, Order


def release_claim(order: Order) -> bool:
    """Free the order's car; False when it had none."""
    released = order.claims.filter(released_at__isnull=True).update(released_at=timezone.now())
    if released:
        release_unit(order.stock_unit_id)
    return bool(released)


def claim_for(order: Order, unit_id: int) -> bool:
    """Claim a car for an order without one; False when someone else has it."""
    if not claim_unit(unit_id):
        return False
    Claim.objects.create(order=order, stock_unit_id=unit_id)
    return True
