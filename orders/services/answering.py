"""The dealership's answer: received, accepted, declined, or none in time."""

from __future__ import annotations

from django.db import models, transaction
from django.db.models import Case, When
from django.utils import timezone

from catalog.models import Stage, StockUnit
from catalog.services.stock import withdraw_unit
from dealers.models import Dealership
from o2o_platform.journal.models import Actor
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import lock, record_event, transition
from o2o_platform.markets.distance import distance_km
from o2o_platform.outbox.services import acknowledge_about

from .. import exceptions
from ..models import Assignment, Order
from . import telling
from .claims import claim_for, release_claim, units_equal
from .offers import move_to, offer_to_dealership, pending_consent, take_back
from .papering import issue_contract, move_receipt

UNIT_IS_GONE = (Assignment.DeclineReason.SOLD, Assignment.DeclineReason.DAMAGED, Assignment.DeclineReason.NOT_HERE)


def acknowledge_order(order_id: int, *, dealership: Dealership, actor: Actor) -> Assignment:
    """Note that the dealer's system has the order; not yet an answer. Repeating it changes nothing."""
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        assignment = order.assignments.made().filter(dealership=dealership).last()
        if assignment is None:
            raise exceptions.NothingToAnswer
        if assignment.acknowledged_at is None:
            assignment.acknowledged_at = timezone.now()
            assignment.save(update_fields=["acknowledged_at"])
            record_event(order, "acknowledged", actor=actor)
            acknowledge_about(order, recipient=dealership.recipient)
    return assignment


@retry_on_deadlock
def accept_order(order_id: int, *, dealership: Dealership, actor: Actor) -> Order:
    """The dealership takes the order; accepting twice is harmless. Raises NothingToAnswer, WrongState.

    One that comes late is still in time while the buyer has not agreed to another: the car ordered is
    held again in place of the other, or OutOfStock.
    """
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        if order.status == Order.Status.ACCEPTED and order.dealership_id == dealership.pk:
            return order
        if order.dealership_id == dealership.pk and pending_consent(order) is not None:
            take_back(order)
            _reopen(order, dealership)
        _answer(order, dealership, Assignment.Answer.ACCEPTED)
        transition(order, Order.Status.ACCEPTED, actor=actor)
        telling.tell_buyer(order, "order_accepted")
        issue_contract(order)
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
        move_to(order, unit)
        record_event(order, "alternative_chosen", actor=actor, data={"dealership": unit.dealership_id})
        offer_to_dealership(order, topic="order.reserved")
        move_receipt(order)
    return order


def awaits_choice(order: Order) -> bool:
    """Whether the dealership declined and the buyer has not chosen yet."""
    return order.status == Order.Status.RESERVED and not order.claims.filter(released_at__isnull=True).exists()


def nearest_equal_units(order: Order, *, limit: int = 3) -> list[tuple[StockUnit, float]]:
    """The best equal car of each dealership not asked yet, nearest first, with km from the ordered one's."""
    return sorted(equal_units_by_distance(order), key=lambda pair: (pair[1], pair[0].pk))[:limit]


def equal_units_by_distance(order: Order) -> list[tuple[StockUnit, float]]:
    """One equal car of each dealership not asked yet, in store before on its way, with km from the ordered one's."""
    here = order.dealership
    in_store_first = Case(When(stage=Stage.IN_STORE, then=0), default=1)
    best = _equal_units(order).order_by("dealership_id", in_store_first, "pk").distinct("dealership_id")
    return [
        (unit, distance_km(here.latitude, here.longitude, unit.dealership.latitude, unit.dealership.longitude))
        for unit in best
    ]


def _equal_units(order: Order) -> models.QuerySet[StockUnit]:
    asked = order.assignments.made().values("dealership_id")
    return (
        units_equal(order)
        .available()
        .filter(dealership__is_active=True)
        .exclude(dealership__in=asked)
        .select_related("dealership__city", "colour", "trim")
    )


def _reopen(order: Order, dealership: Dealership) -> None:
    """The offer this dealership let pass is open once more."""
    last = order.assignments.filter(dealership=dealership, answer=Assignment.Answer.TIMED_OUT).last()
    if last is not None:
        order.assignments.filter(pk=last.pk).update(answer="", answered_at=None)


def _answer(order: Order, dealership: Dealership, answer: str, **fields: str) -> None:
    """Close the open offer; the row count says whether this dealership was asked and had not answered."""
    closed = (
        order.assignments.offered()
        .filter(dealership=dealership)
        .update(answer=answer, answered_at=timezone.now(), **fields)
    )
    if not closed:
        raise exceptions.NothingToAnswer
