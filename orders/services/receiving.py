"""Money that `payments` saw succeed is applied to its order here, in the payment's transaction."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import lock, record_event, transition
from o2o_platform.markets.models import Channel

from .. import exceptions
from ..models import Order
from . import telling
from .campaigning import lock_person, retake_place
from .claims import claim_for, release_claim, units_equal
from .direct.opening import accept_verified
from .offers import offer_to_dealership
from .quoting import order_again


class MoneyOutcome(StrEnum):
    """What became of the money; `REFUND` asks the caller to give it back in full."""

    APPLIED = "applied"
    REVIVED = "revived"
    REFUND = "refund"


def apply_deposit(order_id: int, *, amount: Decimal, actor: Actor) -> MoneyOutcome:
    """Count a deposit. Late money revives an expired order if an equal car is free there, and in a
    campaign a place, else goes back.

    Money for an order that is already paid or cancelled goes back too: a double charge
    never voids a good order.
    """
    order = lock(Order, pk=order_id)
    if order.status == Order.Status.PLACED and amount == order.deposit_amount:
        _reserve(order, amount=amount, actor=actor, name="reserved")
        telling.tell_buyer(order, "order_reserved")
        _go_on(order)
        return MoneyOutcome.APPLIED
    if order.status == Order.Status.EXPIRED and amount == order.deposit_amount and _revive(order):
        _reserve(order, amount=amount, actor=actor, name="revived")
        order_again(order, actor=actor)
        telling.tell_buyer(order, "order_revived")
        _go_on(order)
        return MoneyOutcome.REVIVED
    record_event(order, "money_returned", actor=actor, data={"amount": str(amount)})
    return MoneyOutcome.REFUND


def apply_balance(order_id: int, *, amount: Decimal, actor: Actor, method: str) -> Order:
    """Count one part of the balance; the last part, exact to the cent, makes the order of a ready car paid.

    Raises WrongAmount for more than is due, and for a car that is not ready, unless it was sold in the
    showroom, where money is taken at once.
    """
    order = lock(Order, pk=order_id)
    if not takes_balance(order) or not Decimal(0) < amount <= order.balance_due:
        raise exceptions.WrongAmount
    order.paid_total += amount
    data = {"amount": str(amount), "method": method}
    if order.balance_due or order.status != Order.Status.READY:
        Order.objects.filter(pk=order.pk).update(paid_total=order.paid_total)
        record_event(order, "balance_part", actor=actor, data=data)
    else:
        transition(order, Order.Status.PAID, actor=actor, data=data, paid_total=order.paid_total)
        telling.tell_buyer(order, "order_paid")
        telling.tell_dealership(order, "order.paid")
    return order


def takes_balance(order: Order) -> bool:
    """Whether money for the car may be received at the dealership now."""
    is_showroom_sale = order.status == Order.Status.ACCEPTED and order.channel == Channel.OFFLINE
    return (order.status == Order.Status.READY or is_showroom_sale) and order.balance_due > 0


def _reserve(order: Order, *, amount: Decimal, actor: Actor, name: str) -> None:
    transition(
        order,
        Order.Status.RESERVED,
        actor=actor,
        name=name,
        data={"amount": str(amount)},
        paid_total=order.paid_total + amount,
        stock_unit_id=order.stock_unit_id,
    )
    if not order.is_direct:
        offer_to_dealership(order, topic="order.reserved")


def _go_on(order: Order) -> None:
    """No dealership has to answer for a direct order: it is accepted once its buyer is known."""
    if order.is_direct:
        accept_verified(order)


def _revive(order: Order) -> bool:
    """The car, or an equal one, and the place in its campaign again; neither when one of them is gone."""
    lock_person(order)
    if not _reclaim(order):
        return False
    if retake_place(order):
        return True
    release_claim(order)
    return False


def _reclaim(order: Order) -> bool:
    """Claim the order's own car again, or an equal one at the same dealership; sold directly, anywhere."""
    if claim_for(order, order.stock_unit_id):
        return True
    free = units_equal(order).available()
    if not order.is_direct:
        free = free.filter(dealership=order.dealership_id)
    for unit in free.filter(discount__gte=order.stock_unit.discount)[:5]:
        if claim_for(order, unit.pk):
            order.stock_unit = unit
            return True
    return False
