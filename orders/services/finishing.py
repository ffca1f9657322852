"""The car is ready, and the buyer takes it."""

from __future__ import annotations

import secrets

from django.db import transaction

from catalog.models import Stage, StockUnit
from catalog.services.stock import sell_unit
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import WrongState, lock, transition

from .. import exceptions
from ..models import Order
from . import telling
from .agency import record_fee
from .papering import issue_handover_papers


def mark_ready(order_id: int, *, actor: Actor) -> Order:
    """The car stands in the store, ready to be paid and collected. Raises WrongState unless accepted.

    Where the deposit was the whole price nothing is left to pay, and the order is paid at once.
    """
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        transition(order, Order.Status.READY, actor=actor)
        StockUnit.objects.filter(pk=order.stock_unit_id).update(stage=Stage.IN_STORE, expected_on=None)
        telling.tell_buyer(order, "order_ready")
        if not order.balance_due:
            transition(order, Order.Status.PAID, actor=actor)
    return order


def hand_over(order_id: int, *, actor: Actor, code: str) -> Order:
    """The buyer shows the collection code and takes the car. Raises WrongHandoverCode, WrongState.

    A direct order is handed over at the door, by protocol alone (`direct.deliver`).
    """
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        if order.is_direct:
            raise WrongState(order, Order.Status.DELIVERED)
        if not secrets.compare_digest(order.handover_code.encode(), code.strip().encode()):
            raise exceptions.WrongHandoverCode
        transition(order, Order.Status.DELIVERED, actor=actor)
        sell_unit(order.stock_unit_id)
        telling.tell_buyer(order, "order_delivered")
        telling.tell_dealership(order, "order.delivered")
        record_fee(order, actor=actor)
        issue_handover_papers(order)
    return order
