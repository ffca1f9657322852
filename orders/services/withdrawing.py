"""The buyer's right to withdraw from a contract made at a distance (Directive 2011/83/EU, articles 9 to 14).

Fourteen days from handover, without a reason, and before handover too: that is a cancellation with everything
back. Without a notice of the right the time is twelve months longer (article 10). After handover the buyer's
word ends the contract at once; the money may wait until the car is back (article 13(3)).
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from catalog.services.stock import take_back_unit
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import lock, record_event, transition
from o2o_platform.markets.holidays import next_working_day

from .. import exceptions
from ..models import Order
from . import telling
from .claims import release_claim
from .ending import cancel_order


def withdrawal_until(order: Order) -> dt.datetime | None:
    """The end of the time to withdraw, by the clock of the market; None without the right or before handover.

    Where the order was placed without a notice it is a year longer.
    """
    delivered_at = _delivered_at(order) if order.withdrawal_days else None
    if delivered_at is None:
        return None
    zone = order.market.zone
    day = delivered_at.astimezone(zone).date()
    had_notice = bool(order.notice_language)
    last = last_day(day, days=order.withdrawal_days, had_notice=had_notice, market=order.market_id)
    return dt.datetime.combine(last + dt.timedelta(days=1), dt.time.min, zone)


def last_day(handed_over_on: dt.date, *, days: int, had_notice: bool, market: str) -> dt.date:
    """The last day to withdraw on; twelve months later without a notice.

    The day of handover does not count, and a period that would end on a weekend or a public holiday ends on the
    next working day (Regulation 1182/71, article 3).
    """
    last = handed_over_on + dt.timedelta(days=days)
    if not had_notice:
        last = _a_year_later(last)
    return next_working_day(market, last)


def may_withdraw(order: Order) -> bool:
    """Whether the buyer may withdraw now; sold directly it is done by `direct.returning` after handover."""
    if not order.withdrawal_days or order.withdrawn_at is not None:
        return False
    if order.may_become(Order.Status.CANCELLED):
        return order.status != Order.Status.PLACED
    deadline = withdrawal_until(order)
    is_delivered = order.status == Order.Status.DELIVERED and not order.is_direct
    return is_delivered and deadline is not None and timezone.now() < deadline


def withdraw_order(order_id: int, *, actor: Actor, reason: str = "") -> Order:
    """The buyer withdraws: before handover the order is cancelled, after it the car is to be brought back.

    Withdrawing twice is harmless. Raises NotWithdrawable.
    """
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        if order.withdrawn_at is not None:
            return order
        if not may_withdraw(order):
            raise exceptions.NotWithdrawable
        if order.status != Order.Status.DELIVERED:
            return cancel_order(order.pk, actor=actor, reason=reason)
        order.withdrawn_at = timezone.now()
        order.save(update_fields=["withdrawn_at"])
        record_event(order, "withdrawn", actor=actor, reason=reason)
        telling.tell_buyer(order, "order_withdrawn")
        telling.tell_dealership(order, "order.withdrawal")
    return order


def take_car_back(order_id: int, *, actor: Actor) -> Order:
    """The dealership has the car again: everything paid is refunded, and the car waits, off sale, for staff.

    Raises NotWithdrawn, WrongState.
    """
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        if order.withdrawn_at is None:
            raise exceptions.NotWithdrawn
        data = {"refund": str(order.paid_total)}
        transition(order, Order.Status.RETURNED, actor=actor, data=data, refund_due=order.paid_total)
        release_claim(order)
        take_back_unit(order.stock_unit_id)
        telling.tell_buyer(order, "order_returned")
        telling.tell_dealership(order, "order.returned")
    return order


def _delivered_at(order: Order) -> dt.datetime | None:
    return order.events.filter(to_status=Order.Status.DELIVERED).values_list("at", flat=True).first()


def _a_year_later(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)
