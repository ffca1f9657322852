"""The dealership's answer: received, accepted, declined, or none in time."""

from __future__ import annotations

from django.db import models, transaction
from django.db.models import Case, When
from django.utils import timezone

from catalog.models import Stage, StockUnit
from catalog.services.stock import withdraw_unit
from dealers.hours import business_deadline
from dealers.models import Dealership
from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import lock, record_event, transition
from o2o_platform.markets.distance import distance_km
from o2o_platform.outbox.services import acknowledge_about

from .. import exceptions
from ..models import Assignment, Order
from . import telling
from .claims import claim_for, release_claim, swap_claim, units_equal

UNIT_IS_GONE = (Assignment.DeclineReason.SOLD, Assignment.DeclineReason.DAMAGED, Assignment.DeclineReason.NOT_HERE)


def offer_to_dealership(order: Order, *, topic: str) -> Assignment:
    """Open the offer to the order's dealership, due in its business time, and hand the order off."""
    now = timezone.now()
    due = business_deadline(order.dealership, now, order.dealership.response_limit_minutes)
    assignment = Assignment.objects.create(
        order=order, dealership_id=order.dealership_id, offered_at=now, answer_due_at=due
    )
    telling.tell_dealership(order, topic)
    return assignment


def acknowledge_order(order_id: int, *, dealership: Dealership, actor: Actor) -> Assignment:
    """Note that the dealer's system has the order; not yet an answer. Repeating it changes nothing."""
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        assignment = order.assignments.filter(dealership=dealership).last()
        if assignment is None:
            raise exceptions.NothingToAnswer
        if assignment.acknowledged_at is None:
            assignment.acknowledged_at = timezone.now()
            assignment.save(update_fields=["acknowledged_at"])
            record_event(order, "acknowledged", actor=actor)
            acknowledge_about(order, recipient=dealership.recipient)
    return assignment


def accept_order(order_id: int, *, dealership: Dealership, actor: Actor) -> Order:
    """The dealership takes the order; accepting twice is harmless. Raises NothingToAnswer, WrongState."""
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        if order.status == Order.Status.ACCEPTED and order.dealership_id == dealership.pk:
            return order
        _answer(order, dealership, Assignment.Answer.ACCEPTED)
        transition(order, Order.Status.ACCEPTED, actor=actor)
        telling.tell_buyer(order, "order_accepted")
    return order


def decline_order(order_id: int, *, dealership: Dealership, actor: Actor, reason_code: str, note: str = "") -> Order:
    """The dealership can't: the car is freed (or withdrawn when it is gone) and the buyer has the choice.

    The order stays reserved, without a car, until the buyer takes an equal car or the refund.
    """
    reason = Assignment.DeclineReason(reason_code)
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        _answer(order, dealership, Assignment.Answer.DECLINED, decline_reason=reason)
        release_claim(order)
        if reason in UNIT_IS_GONE:
            withdraw_unit(order.stock_unit_id)
        record_event(order, "declined", actor=actor, reason=note, data={"reason": reason})
        telling.tell_buyer(order, "order_declined")
    return order


@retry_on_deadlock
def choose_alternative(order_id: int, *, unit_id: int, actor: Actor) -> Order:
    """After a decline the buyer takes an equal car elsewhere, at the price frozen on the order.

    Raises NothingToAnswer when the order has its car, OutOfStock when that one is taken or not equal.
    """
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        if not awaits_choice(order):
            raise exceptions.NothingToAnswer
        unit = _equal_units(order).filter(pk=unit_id).first()
        if unit is None or not claim_for(order, unit.pk):
            raise exceptions.OutOfStock
        _move_to(order, unit)
        record_event(order, "alternative_chosen", actor=actor, data={"dealership": unit.dealership_id})
        offer_to_dealership(order, topic="order.reserved")
    return order


def awaits_choice(order: Order) -> bool:
    """Whether the dealership declined and the buyer has not chosen yet."""
    return order.status == Order.Status.RESERVED and not order.claims.filter(released_at__isnull=True).exists()


def nearest_equal_units(order: Order, *, limit: int = 3) -> list[tuple[StockUnit, float]]:
    """The best equal car of each dealership not asked yet, nearest first, with km from the ordered one's."""
    here = order.dealership
    in_store_first = Case(When(stage=Stage.IN_STORE, then=0), default=1)
    best = _equal_units(order).order_by("dealership_id", in_store_first, "pk").distinct("dealership_id")
    found = [
        (unit, distance_km(here.latitude, here.longitude, unit.dealership.latitude, unit.dealership.longitude))
        for unit in best
    ]
    return sorted(found, key=lambda pair: (pair[1], pair[0].pk))[:limit]


def reassign_overdue(*, limit: int = 200) -> int:
    """Offer orders whose dealership stayed silent past its business-time limit to the next; returns how many moved.

    With no equal car elsewhere the assignment goes to platform staff instead and stays open.
    """
    overdue = Assignment.objects.filter(answer="", is_escalated=False, answer_due_at__lte=timezone.now())
    ids = list(overdue.order_by("answer_due_at").values_list("order_id", flat=True)[:limit])
    return sum(_reassign(order_id) for order_id in ids)


@retry_on_deadlock
def _reassign(order_id: int) -> bool:
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        assignment = order.assignment
        silent = assignment is not None and not assignment.is_escalated and assignment.answer_due_at <= timezone.now()
        if order.status != Order.Status.RESERVED or not silent:
            return False
        for unit, _km in nearest_equal_units(order):
            if swap_claim(order, unit.pk):
                telling.tell_dealership(order, "order.withdrawn")
                _answer(order, order.dealership, Assignment.Answer.TIMED_OUT)
                _move_to(order, unit)
                record_event(order, "reassigned", actor=SYSTEM, data={"dealership": unit.dealership_id})
                offer_to_dealership(order, topic="order.reserved")
                telling.tell_buyer(order, "order_reassigned")
                return True
        Assignment.objects.filter(pk=assignment.pk).update(is_escalated=True)
        record_event(order, "escalated", actor=SYSTEM)
    return False


def _move_to(order: Order, unit: StockUnit) -> None:
    order.stock_unit, order.dealership = unit, unit.dealership
    order.save(update_fields=["stock_unit", "dealership"])


def _equal_units(order: Order) -> models.QuerySet[StockUnit]:
    asked = order.assignments.values("dealership_id")
    return (
        units_equal(order)
        .available()
        .filter(dealership__is_active=True)
        .exclude(dealership__in=asked)
        .select_related("dealership__city", "colour", "trim")
    )


def _answer(order: Order, dealership: Dealership, answer: str, **fields: str) -> None:
    """Close the open offer; the row count says whether this dealership was asked and had not answered."""
    closed = order.assignments.filter(answer="", dealership=dealership).update(
        answer=answer, answered_at=timezone.now(), **fields
    )
    if not closed:
        raise exceptions.NothingToAnswer
