"""The balance of a direct sale, paid online in parts."""

from __future__ import annotations

from decimal import Decimal

from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import lock, record_event

from ...models import Order


def takes_online_balance(order: Order) -> bool:
    """Whether the buyer may pay a part of the balance online now."""
    return order.is_direct and order.status == Order.Status.READY and order.balance_due > 0


def apply_online_balance(order_id: int, *, amount: Decimal, actor: Actor) -> bool:
    """Count a part of the balance that a provider received; False asks the caller to give all of it back.

    Money for an order that is paid or ended meanwhile, and a part larger than what is left, goes back
    in full: parts count whole or not at all.
    """
    from ..receiving import apply_balance

    order = lock(Order, pk=order_id)
    if not takes_online_balance(order) or amount > order.balance_due:
        record_event(order, "money_returned", actor=actor, data={"amount": str(amount)})
        return False
    apply_balance(order_id, amount=amount, actor=actor, method="online")
    return True
