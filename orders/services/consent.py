"""The buyer's word before another dealership becomes the seller."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from catalog.models import StockUnit
from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import lock, record_event

from .. import exceptions
from ..models import Assignment, Order
from . import telling
from .claims import release_claim
from .offers import close_offer, move_to, offer_to_dealership, pending_consent, take_back
from .papering import move_receipt

CONSENT_WITHIN = timedelta(hours=24)


def ask_buyer(order: Order, unit: StockUnit) -> None:
    """Ask about the equal car that is held for the buyer; order, car and dealership stay what was ordered."""
    now = timezone.now()
    Assignment.objects.create(
        order=order,
        dealership_id=unit.dealership_id,
        offered_at=now,
        answer_due_at=now + CONSENT_WITHIN,
        needs_consent=True,
        consent_due_at=now + CONSENT_WITHIN,
    )
    record_event(order, "consent_asked", actor=SYSTEM, data={"dealership": unit.dealership_id})
    telling.tell_buyer(order, "order_consent", dealership=unit.dealership)


@retry_on_deadlock
def give_consent(order_id: int, *, actor: Actor) -> Order:
    """The buyer agrees: the other dealership gets the order now. Raises NoLongerAsked when the question is settled."""
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        question, now = pending_consent(order), timezone.now()
        if question is None or question.consent_due_at <= now:
            raise exceptions.NoLongerAsked
        claim = order.claims.filter(released_at__isnull=True).select_related("stock_unit__dealership").get()
        telling.tell_dealership(order, "order.withdrawn")
        move_to(order, claim.stock_unit)
        record_event(order, "consent_given", actor=actor, data={"dealership": order.dealership_id})
        question.consented_at = now
        offer_to_dealership(order, topic="order.reserved", instead_of=question)
        move_receipt(order)
    return order


@retry_on_deadlock
def wait_for_dealership(order_id: int, *, actor: Actor) -> Order:
    """The buyer would rather wait for the first dealership: its car is held again and staff look after the order.

    Raises NoLongerAsked when the question is settled, OutOfStock when that car is gone meanwhile.
    """
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        if pending_consent(order) is None:
            raise exceptions.NoLongerAsked
        take_back(order)
        now = timezone.now()
        Assignment.objects.create(
            order=order, dealership_id=order.dealership_id, offered_at=now, answer_due_at=now, is_escalated=True
        )
        record_event(order, "kept_waiting", actor=actor, data={"dealership": order.dealership_id})
    return order


def lapse_consents(*, limit: int = 200) -> int:
    """Let go of cars held for buyers who did not decide within the day; returns how many.

    Their money is not stuck: as after a decline they take any equal car, or all of it back.
    """
    lapsed = Assignment.objects.pending_consent().filter(consent_due_at__lte=timezone.now())
    ids = list(lapsed.order_by("answer_due_at").values_list("order_id", flat=True)[:limit])
    return sum(_lapse(order_id) for order_id in ids)


@retry_on_deadlock
def _lapse(order_id: int) -> bool:
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        question = pending_consent(order)
        if question is None or question.consent_due_at > timezone.now():
            return False
        release_claim(order)
        close_offer(order, Assignment.Answer.WITHDRAWN)
        telling.tell_dealership(order, "order.withdrawn")
        record_event(order, "consent_lapsed", actor=SYSTEM)
        telling.tell_buyer(order, "order_choice")
    return True
