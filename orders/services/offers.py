"""Offers of orders to dealerships, and the question to the buyer that comes before an offer to another seller.

Callers hold the order's lock.
"""

from __future__ import annotations

from django.utils import timezone

from catalog.models import StockUnit
from dealers.hours import business_deadline

from .. import exceptions
from ..models import Assignment, Order
from . import telling
from .claims import swap_claim


def offer_to_dealership(order: Order, *, topic: str, instead_of: Assignment | None = None) -> Assignment:
    """Open the offer to the order's dealership, due in its business time, and hand the order off.

    `instead_of` is the question the buyer said yes to: it becomes the offer.
    """
    offer = instead_of or Assignment(order=order)
    offer.dealership_id = order.dealership_id
    offer.offered_at = now = timezone.now()
    offer.answer_due_at = business_deadline(order.dealership, now, order.dealership.response_limit_minutes)
    offer.save()
    telling.tell_dealership(order, topic)
    return offer


def move_to(order: Order, unit: StockUnit) -> None:
    """The order is now of this car and its dealership; its claim has been moved already."""
    order.stock_unit, order.dealership = unit, unit.dealership
    order.save(update_fields=["stock_unit", "dealership"])


def close_offer(order: Order, answer: str) -> None:
    """What is open, an offer or a question to the buyer, ends with this answer."""
    order.assignments.filter(answer="").update(answer=answer, answered_at=timezone.now())


def pending_consent(order: Order) -> Assignment | None:
    """The open question to the buyer whether another dealership may be asked."""
    if order.status != Order.Status.RESERVED:
        return None
    return order.assignments.pending_consent().select_related("dealership").first()


def take_back(order: Order) -> None:
    """Give up the car held elsewhere for the one ordered. Raises OutOfStock when that one is gone."""
    if not swap_claim(order, order.stock_unit_id):
        raise exceptions.OutOfStock
    close_offer(order, Assignment.Answer.WITHDRAWN)
