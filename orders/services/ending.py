"""Cancelling, and what is refunded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.pricing import ZERO
from o2o_platform.journal.models import Actor, ActorKind
from o2o_platform.journal.services import lock, transition

from .. import exceptions
from ..models import Assignment, Order
from . import telling
from .breach import compensation_owed, earnest_kept, may_blame_buyer
from .campaigning import give_back_place
from .claims import release_claim
from .direct.delivery import leave_window
from .voucher_messages import returned_note

# In the journal, of an order that ended without anybody's breach by the word of staff.
GOODWILL = "goodwill"


@dataclass(frozen=True, slots=True)
class RefundQuote:
    """What cancelling now gives back, in the order's currency, and the rule that says so.

    `compensation` is what a seller in breach pays on top of it.
    """

    amount: Decimal
    text: str
    compensation: Decimal = ZERO


def refund_quote(
    order: Order, *, by: ActorKind = ActorKind.BUYER, buyer_in_breach: bool = False, as_goodwill: bool = False
) -> RefundQuote:
    """The exact refund if `by` cancels now, under the rules frozen on the order.

    Everything but earnest money (定金) always goes back; that depends on who breaks the contract
    (`breach`; Civil Code of China, articles 586-587). What a voucher paid comes back as the voucher.
    """
    if as_goodwill:
        quote = RefundQuote(order.paid_total, _("Everything you paid is refunded in full."))
    else:
        quote = _refund_by_rules(order, by=by, buyer_in_breach=buyer_in_breach)
    note = returned_note(order)
    return replace(quote, text=f"{quote.text} {note}") if note else quote


def _refund_by_rules(order: Order, *, by: ActorKind, buyer_in_breach: bool) -> RefundQuote:
    if not order.paid_total:
        return RefundQuote(ZERO, _("Nothing has been paid, so nothing is refunded."))
    kept = earnest_kept(order, by=by, buyer_in_breach=buyer_in_breach)
    if kept:
        return RefundQuote(
            order.paid_total - kept, _("The order is locked: the earnest money is kept, the rest is refunded.")
        )
    if not buyer_in_breach and (compensation := compensation_owed(order, by=by)):
        text = _("The seller does not keep the contract: you get everything back, and the earnest money once more.")
        return RefundQuote(order.paid_total, text, compensation)
    return RefundQuote(order.paid_total, _("Everything you paid is refunded in full."))


def cancel_order(
    order_id: int,
    *,
    actor: Actor,
    reason: str = "",
    expected_refund: Decimal | None = None,
    buyer_in_breach: bool = False,
    as_goodwill: bool = False,
) -> Order:
    """End an order, free its car and decide refund and compensation, which `payments` then carries out.

    `expected_refund` is the sum the buyer was shown: RefundChanged when it is no longer right. The seller
    ends it for the buyer's breach only when there is one: BuyerNotInBreach. `as_goodwill`: platform staff let the
    buyer go who asked for it, for a reason they name: everything back, nobody in breach; else GoodwillRefused.
    Raises WrongState after handover.
    """
    if as_goodwill and (actor.kind != ActorKind.STAFF or not reason.strip() or buyer_in_breach):
        raise exceptions.GoodwillRefused
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        if order.status == Order.Status.CANCELLED:
            return order
        if buyer_in_breach and not may_blame_buyer(order):
            raise exceptions.BuyerNotInBreach
        quote = refund_quote(order, by=actor.kind, buyer_in_breach=buyer_in_breach, as_goodwill=as_goodwill)
        if expected_refund is not None and quote.amount != expected_refund:
            raise exceptions.RefundChanged
        was_handed_off = order.status != Order.Status.PLACED
        data = {"refund": str(quote.amount), "compensation": str(quote.compensation)}
        data |= {GOODWILL: True} if as_goodwill else {}
        sums = {"refund_due": quote.amount, "compensation_due": quote.compensation}
        transition(order, Order.Status.CANCELLED, actor=actor, reason=reason, data=data, **sums)
        _let_go(order)
        telling.tell_buyer(order, "order_cancelled")
        if was_handed_off:
            telling.tell_dealership(order, "order.cancelled")
    return order


def _let_go(order: Order) -> None:
    """Free what an order held: car, place in a campaign, delivery window; nobody has to answer any more."""
    release_claim(order)
    give_back_place(order)
    if order.is_direct:
        leave_window(order)
    order.assignments.filter(answer="").update(answer=Assignment.Answer.WITHDRAWN, answered_at=timezone.now())
