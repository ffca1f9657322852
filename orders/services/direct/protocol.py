"""The handover at the buyer's door, by protocol."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils import timezone

from catalog.services.stock import sell_unit
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import lock, transition

from ...exceptions import WrongHandoverCode
from ...exceptions_direct import WindowNeeded
from ...models import DirectSale, Order
from .. import telling
from ..papering import issue_handover_papers
from .opening import sale_of


def deliver(
    order_id: int, *, actor: Actor, code: str, odometer_km: int, signed_name: str, remarks: str = ""
) -> DirectSale:
    """The car is the buyer's: with the collection code, the odometer and the name signed.

    Raises WrongHandoverCode, WindowNeeded, NotDirect, WrongState.
    """
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        sale = sale_of(order)
        if not secrets.compare_digest(order.handover_code.encode(), code.strip().encode()):
            raise WrongHandoverCode
        if sale.delivery_window_id is None:
            raise WindowNeeded
        transition(order, Order.Status.DELIVERED, actor=actor, data={"odometer_km": odometer_km})
        sale.odometer_km, sale.signed_name = odometer_km, signed_name.strip()[:80]
        sale.protocol_remarks, sale.handed_over_at = remarks.strip()[:500], timezone.now()
        sale.save(update_fields=["odometer_km", "signed_name", "protocol_remarks", "handed_over_at"])
        sell_unit(order.stock_unit_id)
        telling.tell_buyer(order, "order_delivered", sale=sale)
        issue_handover_papers(order)
        issue_handover_papers(order)
    return sale
