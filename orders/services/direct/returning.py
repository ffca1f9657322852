"""Giving the car back within the return window, for the price less a charge for kilometres beyond the free ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from catalog.services.stock import take_back_unit
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import lock, record_event, transition

from ...exceptions import RefundChanged
from ...exceptions_direct import NotReturnable, ReturnNotAsked, WrongOdometer
from ...models import DirectSale, Order
from .. import telling
from ..claims import release_claim
from .opening import sale_of


@dataclass(frozen=True, slots=True)
class ReturnQuote:
    """What a return at this odometer gives back, and the charge; in the order's currency."""

    driven_km: int
    charged_km: int
    charge: Decimal
    refund: Decimal


def quote_return(sale: DirectSale, *, odometer_km: int) -> ReturnQuote:
    """The exact refund by the terms frozen on the sale; the charge is at most what was paid. Raises WrongOdometer."""
    if sale.odometer_km is None or odometer_km < sale.odometer_km:
        raise WrongOdometer
    driven = odometer_km - sale.odometer_km
    charged = max(0, driven - sale.return_km_limit)
    charge = min(sale.return_km_charge * charged, sale.order.paid_total)
    return ReturnQuote(driven, charged, charge, sale.order.paid_total - charge)


def return_deadline(sale: DirectSale) -> dt.datetime | None:
    """The end of the last day on which a return may be asked for, by the market's clock; None before handover.

    Where the law gives longer to withdraw, that time counts; the car goes back the same way.
    """
    # Withdrawing cancels, and cancelling leaves a delivery window: the two packages would import each other.
    from ..withdrawing import withdrawal_until

    if sale.handed_over_at is None:
        return None
    zone = sale.order.market.zone
    after = sale.handed_over_at.astimezone(zone).date() + dt.timedelta(days=sale.return_days + 1)
    promised = dt.datetime.combine(after, dt.time.min, zone) if sale.return_days else None
    ends = [end for end in (promised, withdrawal_until(sale.order)) if end is not None]
    return max(ends, default=None)


def may_return(sale: DirectSale) -> bool:
    """Whether the buyer may ask now."""
    deadline = return_deadline(sale)
    is_open = sale.order.status == Order.Status.DELIVERED and sale.return_asked_at is None
    return is_open and deadline is not None and timezone.now() < deadline


def ask_return(
    order_id: int, *, odometer_km: int, expected_refund: Decimal, actor: Actor, reason: str = ""
) -> DirectSale:
    """The buyer gives the car back; the refund shown was for the odometer they read.

    What staff read when the car is fetched decides. Raises NotReturnable, RefundChanged, WrongOdometer.
    """
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        sale = sale_of(order)
        if not may_return(sale):
            raise NotReturnable
        quote = quote_return(sale, odometer_km=odometer_km)
        if quote.refund != expected_refund:
            raise RefundChanged
        sale.return_asked_at, sale.return_reason = timezone.now(), reason.strip()[:300]
        sale.save(update_fields=["return_asked_at", "return_reason"])
        data = {"odometer_km": odometer_km, "refund": str(quote.refund)}
        record_event(order, "return_asked", actor=actor, reason=reason, data=data)
        telling.tell_buyer(order, "direct_return_asked", quote=quote)
    return sale


def record_return(order_id: int, *, odometer_km: int, actor: Actor) -> DirectSale:
    """The car is back: the refund follows, and it waits, withdrawn, for staff to decide what becomes of it.

    Raises ReturnNotAsked, WrongOdometer, WrongState.
    """
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        sale = sale_of(order)
        if sale.return_asked_at is None:
            raise ReturnNotAsked
        quote = quote_return(sale, odometer_km=odometer_km)
        data = {"odometer_km": odometer_km, "charge": str(quote.charge), "refund": str(quote.refund)}
        transition(order, Order.Status.RETURNED, actor=actor, data=data, refund_due=quote.refund)
        sale.return_odometer_km, sale.return_charge, sale.returned_at = odometer_km, quote.charge, timezone.now()
        sale.save(update_fields=["return_odometer_km", "return_charge", "returned_at"])
        release_claim(order)
        take_back_unit(order.stock_unit_id)
        telling.tell_buyer(order, "direct_returned", quote=quote)
    return sale
