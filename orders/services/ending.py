"""Cancelling, and what is refunded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from o2o_platform.journal.models import Actor, ActorKind
from o2o_platform.journal.services import lock, transition
from o2o_platform.markets.models import DepositKind

from .. import exceptions
from ..models import Assignment, Order
from . import telling
from .answering import awaits_choice
from .campaigning import give_back_place
from .claims import release_claim
from .direct.delivery import leave_window
from .offers import pending_consent


@dataclass(frozen=True, slots=True)
class RefundQuote:
    """What cancelling now gives back, in the order's currency, and the rule that says so."""

    amount: Decimal
    text: str


def refund_quote(order: Order, *, by: ActorKind = ActorKind.BUYER) -> RefundQuote:
    """The exact refund if `by` cancels now, under the rules frozen on the order.

    Everything but earnest money always goes back. Earnest money (定金) goes back before the
    lock, and whenever the seller is the one who can't or won't; after the lock a buyer who
    cancels loses it (Civil Code of China, articles 586-587).
    """
    if not order.paid_total:
        return RefundQuote(Decimal(0), _("Nothing has been paid, so nothing is refunded."))
    forfeits = (
        order.deposit_kind == DepositKind.EARNEST
        and by == ActorKind.BUYER
        and timezone.now() >= order.refundable_until
        and not awaits_choice(order)
        and pending_consent(order) is None
    )
    if not forfeits:
        return RefundQuote(order.paid_total, _("Everything you paid is refunded in full."))
    kept = min(order.deposit_amount, order.paid_total)
    return RefundQuote(
        order.paid_total - kept, _("The order is locked: the earnest money is kept, the rest is refunded.")
    )


def cancel_order(order_id: int, *, actor: Actor, reason: str = "", expected_refund: Decimal | None = None) -> Order:
    """End an order, free its car and decide the refund, which `payments` then carries out.

    `expected_refund` is the sum the buyer was shown: RefundChanged when it is no longer right.
    Raises WrongState after handover.
    """
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        if order.status == Order.Status.CANCELLED:
            return order
        quote = refund_quote(order, by=actor.kind)
        if expected_refund is not None and quote.amount != expected_refund:
            raise exceptions.RefundChanged
        was_handed_off = order.status != Order.Status.PLACED
        transition(
            order,
            Order.Status.CANCELLED,
            actor=actor,
            reason=reason,
            data={"refund": str(quote.amount)},
            refund_due=quote.amount,
        )
        release_claim(order)
        give_back_place(order)
        if order.is_direct:
            leave_window(order)
        order.assignments.filter(answer="").update(answer=Assignment.Answer.WITHDRAWN, answered_at=timezone.now())
        telling.tell_buyer(order, "order_cancelled")
        if was_handed_off:
            telling.tell_dealership(order, "order.cancelled")
    return order
