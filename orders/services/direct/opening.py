"""A direct sale begins with its order, and the platform accepts it once identity and deposit are there."""

from __future__ import annotations

from o2o_platform.journal.models import SYSTEM
from o2o_platform.journal.services import transition

from ...exceptions_direct import NotDirect
from ...models import DirectSale, Order, SaleRule
from .. import telling
from ..papering import issue_contract


def open_direct_sale(order: Order, rule: SaleRule) -> DirectSale:
    """Made in the transaction that places the order, with the return window of the rule frozen on it."""
    return DirectSale.objects.create(
        order=order,
        return_days=rule.return_days,
        return_km_limit=rule.return_km_limit,
        return_km_charge=rule.return_km_charge,
    )


def sale_of(order: Order) -> DirectSale:
    """The direct sale of an order whose lock the caller holds. Raises NotDirect."""
    sale = DirectSale.objects.select_related("delivery_window", "finance_plan").filter(order=order.pk).first()
    if sale is None:
        raise NotDirect
    sale.order = order
    return sale


def accept_verified(order: Order) -> bool:
    """Accept a reserved order of a buyer whose identity is verified; the caller holds the order's lock."""
    verified = DirectSale.objects.filter(order=order.pk, identity=DirectSale.Identity.VERIFIED)
    if order.status != Order.Status.RESERVED or not verified.exists():
        return False
    transition(order, Order.Status.ACCEPTED, actor=SYSTEM)
    telling.tell_buyer(order, "order_accepted")
    issue_contract(order)
    return True
