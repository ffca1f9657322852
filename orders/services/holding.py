"""Holds run out."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from o2o_platform.journal.models import SYSTEM
from o2o_platform.journal.services import transition

from ..models import Order
from . import telling
from .campaigning import give_back_place
from .claims import release_claim
from .quoting import return_quote


def expire_holds(*, limit: int = 500) -> int:
    """Expire placed orders whose hold ran out and free their cars; returns how many.

    One transaction per order, passing over rows that a payment is confirming this moment.
    """
    ids = list(Order.objects.overdue_holds().order_by("hold_expires_at").values_list("pk", flat=True)[:limit])
    return sum(_expire(order_id) for order_id in ids)


def _expire(order_id: int) -> bool:
    with transaction.atomic():
        order = (
            Order.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            .filter(pk=order_id, status=Order.Status.PLACED, hold_expires_at__lte=timezone.now())
            .first()
        )
        if order is None:
            return False
        transition(order, Order.Status.EXPIRED, actor=SYSTEM)
        release_claim(order)
        give_back_place(order)
        return_quote(order)
        telling.tell_buyer(order, "order_expired")
    return True
