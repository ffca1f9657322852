"""Silence: the dealership is reminded at half of its time, and at the end the order goes to the next one.

Where the dealership itself sells (`SalesModel.DEALER`) the next one is another seller, and nobody is given
another seller unasked: an equal car is held there and the buyer decides (`consent`). Until then the order
stays where it was placed, the other dealership knows nothing of it, and the first may still accept.
Where the maker sells (`AGENCY`) the seller stays the same: the order moves, and the buyer is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, Value
from django.utils import timezone

from catalog.models import Stage, StockUnit
from dealers.hours import business_deadline
from dealers.models import Membership
from o2o_platform.journal.models import SYSTEM
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import lock, record_event
from o2o_platform.markets.models import SalesModel
from o2o_platform.notifications.services import notify

from ..models import Assignment, Order
from . import telling
from .answering import equal_units_by_distance
from .claims import swap_claim
from .consent import ask_buyer
from .offers import close_offer, move_to, offer_to_dealership

ANSWERS_WITHIN = timedelta(days=90)
# So near to each other that stock and answers count for more than the way.
BAND_KM = 25
UNKNOWN_RATE = 0.5
NEXT_TRIED = 3
ANSWERERS = (Membership.Role.ADVISOR, Membership.Role.MANAGER)


def remind_silent(*, limit: int = 500) -> int:
    """Tell dealerships once that half of their time to answer is over; returns how many were told."""
    now = timezone.now()
    minute = Value(timedelta(minutes=1), output_field=DurationField())
    half = ExpressionWrapper(F("dealership__response_limit_minutes") * minute / 2, output_field=DurationField())
    waiting = Assignment.objects.offered().filter(reminded_at__isnull=True, is_escalated=False, answer_due_at__gt=now)
    # Business time is never shorter than time: whatever is not half old by the clock needs no reckoning.
    waiting = waiting.filter(offered_at__lte=ExpressionWrapper(now - half, output_field=models.DateTimeField()))
    found = waiting.select_related("dealership").order_by("answer_due_at")[:limit]
    return sum(_remind(offer.order_id) for offer in found if half_time(offer) <= now)


def half_time(offer: Assignment) -> datetime:
    """When half of the business time to answer is over."""
    place = offer.dealership
    return business_deadline(place, offer.offered_at, place.response_limit_minutes // 2)


@retry_on_deadlock
def _remind(order_id: int) -> bool:
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        offer = order.assignment
        if offer is None or order.status != Order.Status.RESERVED or offer.reminded_at is not None:
            return False
        offer.reminded_at = timezone.now()
        offer.save(update_fields=["reminded_at"])
        record_event(order, "reminded", actor=SYSTEM, data={"dealership": offer.dealership_id})
        _tell_members(order, offer)
    return True


def _tell_members(order: Order, offer: Assignment) -> None:
    people = Membership.objects.filter(dealership=offer.dealership, is_active=True, role__in=ANSWERERS)
    for member in people.filter(user__is_active=True, user__email__isnull=False).select_related("user"):
        notify(
            member.user,
            "order_unanswered",
            subject=order,
            context={"order": order, "offer": offer, "url": telling.desk_url(order)},
            dedupe_key=f"order_unanswered:{offer.pk}:{member.user_id}",
        )


def reassign_overdue(*, limit: int = 200) -> int:
    """Pass on orders whose dealership stayed silent past its business-time limit; returns how many.

    With no equal car elsewhere the assignment goes to platform staff instead and stays open.
    """
    overdue = Assignment.objects.offered().filter(is_escalated=False, answer_due_at__lte=timezone.now())
    ids = list(overdue.order_by("answer_due_at").values_list("order_id", flat=True)[:limit])
    return sum(_reassign(order_id) for order_id in ids)


@retry_on_deadlock
def _reassign(order_id: int) -> bool:
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        offer = order.assignment
        silent = offer is not None and not offer.is_escalated and offer.answer_due_at <= timezone.now()
        if order.status != Order.Status.RESERVED or not silent:
            return False
        for unit in next_units(order):
            if swap_claim(order, unit.pk):
                close_offer(order, Assignment.Answer.TIMED_OUT)
                if order.sales_model == SalesModel.DEALER:
                    ask_buyer(order, unit)
                else:
                    _move_on(order, unit)
                return True
        Assignment.objects.filter(pk=offer.pk).update(is_escalated=True)
        record_event(order, "escalated", actor=SYSTEM)
    return False


def next_units(order: Order) -> list[StockUnit]:
    """Whom to ask next: near ones first; among those, a car in store; among those, who answers in time."""
    found = equal_units_by_distance(order)
    rates = answer_rates({unit.dealership_id for unit, _km in found})

    def rank(pair: tuple[StockUnit, float]) -> tuple:
        unit, km = pair
        rate = rates.get(unit.dealership_id, UNKNOWN_RATE)
        return km // BAND_KM, unit.stage != Stage.IN_STORE, -rate, km, unit.pk

    return [unit for unit, _km in sorted(found, key=rank)[:NEXT_TRIED]]


def answer_rates(dealership_ids: Iterable[int]) -> dict[int, float]:
    """The share of offers of the last 90 days answered in time, by dealership; those with none are missing."""
    since = timezone.now() - ANSWERS_WITHIN
    by_itself = (Assignment.Answer.ACCEPTED, Assignment.Answer.DECLINED)
    in_time = Count("pk", filter=Q(answer__in=by_itself, answered_at__lte=F("answer_due_at")))
    settled = Assignment.objects.filter(
        dealership__in=dealership_ids, offered_at__gte=since, answer__in=(*by_itself, Assignment.Answer.TIMED_OUT)
    )
    rows = settled.order_by().values_list("dealership_id").annotate(asked=Count("pk"), in_time=in_time)
    return {place: in_time / asked for place, asked, in_time in rows}


def _move_on(order: Order, unit: StockUnit) -> None:
    """To the next dealership of the same seller: done, and the buyer is told."""
    telling.tell_dealership(order, "order.withdrawn")
    move_to(order, unit)
    record_event(order, "reassigned", actor=SYSTEM, data={"dealership": unit.dealership_id})
    offer_to_dealership(order, topic="order.reserved")
    telling.tell_buyer(order, "order_reassigned")
