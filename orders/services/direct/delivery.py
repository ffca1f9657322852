"""Where and when the car is brought: an address, and a window whose places are taken by conditional UPDATE."""

from __future__ import annotations

import datetime as dt
import re

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from o2o_platform.journal.models import Actor
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import lock, record_event
from o2o_platform.markets.models import City

from ...exceptions_direct import AddressNeeded, NotDeliverable, WindowFixed, WindowFull, WrongPostcode
from ...models import DeliveryWindow, DirectSale, Order
from .. import telling
from .opening import sale_of

Status = Order.Status
OPEN = (Status.RESERVED, Status.ACCEPTED, Status.READY, Status.PAID)
# China: six digits; Germany: five; Poland: two, a dash, three.
POSTCODES = {
    "CN": (re.compile(r"\d{6}", re.ASCII), "071000"),
    "DE": (re.compile(r"\d{5}", re.ASCII), "20095"),
    "PL": (re.compile(r"\d{2}-\d{3}", re.ASCII), "00-950"),
}
ANY_POSTCODE = (re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{2,10}"), "12345")


def check_postcode(market_code: str, text: str) -> str:
    """The postcode as the market writes it. Raises WrongPostcode."""
    pattern, example = POSTCODES.get(market_code, ANY_POSTCODE)
    postcode = text.strip()
    if not pattern.fullmatch(postcode):
        raise WrongPostcode(example)
    return postcode


def set_address(order_id: int, *, line: str, postcode: str, city: City, actor: Actor) -> DirectSale:
    """Where the car shall be brought. Another city gives up the time chosen before.

    Raises WrongPostcode, NotDeliverable, WindowFixed.
    """
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        sale = sale_of(order)
        if order.status not in (*OPEN, Status.PLACED) or city.market_id != order.market_id:
            raise NotDeliverable
        if not may_choose(sale):
            raise WindowFixed
        postcode = check_postcode(order.market_id, postcode)
        if sale.delivery_window is not None and sale.delivery_window.city_id != city.pk:
            leave_window(order)
        DirectSale.objects.filter(pk=sale.pk).update(
            address_line=line.strip()[:160], postcode=postcode, address_city=city.name
        )
        record_event(order, "address_set", actor=actor)
    sale.refresh_from_db()
    return sale


def windows_for(sale: DirectSale) -> QuerySet[DeliveryWindow]:
    """The windows in the address's city from tomorrow on that have a place left."""
    order = sale.order
    tomorrow = _day(timezone.now(), order) + dt.timedelta(days=1)
    first = dt.datetime.combine(tomorrow, dt.time.min, order.market.zone)
    there = DeliveryWindow.objects.filter(city__market=order.market_id, city__name=sale.address_city)
    return there.filter(starts_at__gte=first, used__lt=F("capacity")).order_by("starts_at", "pk")


def may_choose(sale: DirectSale) -> bool:
    """Until the day before; and again once a time went by without the car."""
    window = sale.delivery_window
    if window is None:
        return True
    now = timezone.now()
    return _day(window.starts_at, sale.order) > _day(now, sale.order) or window.ends_at < now


@retry_on_deadlock
def choose_window(order_id: int, *, window_id: int, actor: Actor) -> DirectSale:
    """Take a place in a window, giving up the one taken before; choosing the same again changes nothing.

    The row count of the conditional UPDATE is the verdict. Raises AddressNeeded, NotDeliverable,
    WindowFixed, WindowFull.
    """
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        sale = sale_of(order)
        if order.status not in OPEN:
            raise NotDeliverable
        if not sale.address_line:
            raise AddressNeeded
        if sale.delivery_window_id == window_id:
            return sale
        if not may_choose(sale):
            raise WindowFixed
        window = windows_for(sale).filter(pk=window_id).first()
        if window is None or not take_place(window_id):
            raise WindowFull
        leave_window(order)
        DirectSale.objects.filter(pk=sale.pk).update(delivery_window=window)
        sale.delivery_window = window
        record_event(order, "delivery_chosen", actor=actor, data={"at": window.starts_at.isoformat()})
        telling.tell_buyer(order, "direct_delivery", window=window, sale=sale)
    return sale


def take_place(window_id: int) -> bool:
    """Take one of the window's places; False when none is left."""
    free = DeliveryWindow.objects.filter(pk=window_id, used__lt=F("capacity"))
    return bool(free.update(used=F("used") + 1))


def leave_window(order: Order) -> None:
    """Give the order's place back, if it has one; the caller holds the order's lock."""
    window_id = DirectSale.objects.filter(order=order.pk).values_list("delivery_window_id", flat=True).first()
    if window_id is None:
        return
    DirectSale.objects.filter(order=order.pk).update(delivery_window=None)
    DeliveryWindow.objects.filter(pk=window_id).update(used=F("used") - 1)


def _day(moment: dt.datetime, order: Order) -> dt.date:
    return moment.astimezone(order.market.zone).date()
