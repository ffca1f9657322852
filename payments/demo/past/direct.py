"""Orders the maker sells itself: identity, parts of the price online, the door, sometimes back again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from catalog.models import Stage
from o2o_platform.documents.models import DocumentKind
from o2o_platform.journal.models import SYSTEM, Actor
from orders.models import DeliveryWindow, DirectSale
from payments.models import Payment

from .facts import Facts, in_working_hours
from .life import Fate, Life, Status
from .money import PROVIDER, give_back, take
from .steps import HOUR, UNSETTLED, end_early, hand_over, pay_deposit

STREETS = {"CN": "人民路 {} 号", "DE": "Lindenstraße {}", "PL": "ul. Lipowa {}"}
POSTCODES = {"CN": "100000", "DE": "10115", "PL": "00-001"}
POSTCODES_OF = {
    "hamburg": "20095",
    "munich": "80331",
    "leipzig": "04109",
    "cologne": "50667",
    "stuttgart": "70173",
    "frankfurt-am-main": "60311",
    "shanghai": "200000",
    "ningbo": "315000",
    "baoding": "071000",
    "guangzhou": "510000",
    "shenzhen": "518000",
    "chengdu": "610000",
    "hangzhou": "310000",
    "nanjing": "210000",
}
WINDOW = dt.timedelta(hours=3)
Windows = dict[tuple[int, dt.datetime], DeliveryWindow]


def live_directly(life: Life, facts: Facts, windows: Windows) -> None:
    """Take a direct order as far as it has come; the times taken for deliveries are added to `windows`."""
    rule = facts.law(life.plan.offer)
    life.sale = DirectSale(
        order=life.order,
        return_days=rule.return_days,
        return_km_limit=rule.return_km_limit,
        return_km_charge=rule.return_km_charge,
        created_at=life.plan.placed_at,
    )
    if not pay_deposit(life, facts):
        return
    accepted_at = _identify(life, facts)
    if accepted_at is None or end_early(life, accepted_at, facts):
        return
    _bring(life, accepted_at, facts, windows)


def _identify(life: Life, facts: Facts) -> dt.datetime | None:
    """When staff had seen the buyer's document, by which the order was accepted; None when that is to come."""
    sale, order = life.sale, life.order
    shown_at = order.placed_at + dt.timedelta(minutes=facts.random.randint(20, 500))
    seen_at = in_working_hours(shown_at + dt.timedelta(minutes=facts.random.randint(40, 900)), order.zone)
    if seen_at >= facts.now - UNSETTLED:
        return None
    staff = Actor.staff(facts.staff)
    sale.identity, sale.identity_name = DirectSale.Identity.VERIFIED, order.buyer_name
    sale.identity_ending = f"{facts.random.randrange(10_000):04d}"
    sale.identity_checked_at, sale.identity_checked_by = seen_at, facts.staff
    life.tell("identity_submitted", shown_at, Actor.buyer(order.buyer))
    life.tell("identity_verified", seen_at, staff)
    life.move(Status.ACCEPTED, seen_at, SYSTEM)
    life.paper(DocumentKind.CONTRACT, seen_at)
    return seen_at


def _bring(life: Life, since: dt.datetime, facts: Facts, windows: Windows) -> None:
    draw, end = facts.random, facts.now - UNSETTLED
    staff = Actor.staff(facts.staff)
    zone = life.order.zone
    ready_at = in_working_hours(since + dt.timedelta(days=draw.randint(3, 16), hours=2), zone)
    paid_at = ready_at + dt.timedelta(days=draw.randint(1, 4), hours=1)
    day = (paid_at + dt.timedelta(days=draw.randint(2, 6))).astimezone(zone).date()
    begins = dt.datetime.combine(day, dt.time(draw.choice((9, 13))), zone)
    if ready_at >= end:
        life.unit.stage, life.unit.expected_on = Stage.IN_TRANSIT, ready_at.date()
        return
    life.move(Status.READY, ready_at, staff)
    if paid_at >= end:
        return
    _pay_in_parts(life, paid_at, facts)
    if begins + WINDOW >= end:
        return
    _choose(life, paid_at + HOUR, begins, windows)
    sale, at = life.sale, begins + HOUR
    sale.odometer_km, sale.signed_name, sale.handed_over_at = draw.randint(4, 40), life.order.buyer_name, at
    hand_over(life, at, staff)
    life.told[-1].data["odometer_km"] = sale.odometer_km
    if life.plan.fate is Fate.BROUGHT_BACK and sale.return_days:
        _bring_back(life, at, facts)


def _pay_in_parts(life: Life, at: dt.datetime, facts: Facts) -> None:
    """Half and half, a day apart, or in one sum."""
    order = life.order
    if facts.random.random() < 0.5:
        half = (order.balance_due / 2).quantize(Decimal(1))
        take(life, half, at - dt.timedelta(hours=20), facts)
        life.tell("balance_part", at - dt.timedelta(hours=20), PROVIDER, amount=str(half), method="online")
    payment = take(life, order.balance_due, at, facts, method=Payment.Method.ONLINE)
    life.move(Status.PAID, at, PROVIDER, amount=str(payment.amount), method="online")


def _choose(life: Life, at: dt.datetime, begins: dt.datetime, windows: Windows) -> None:
    """Address and window; a window of the past has as many places as were taken."""
    sale, city, buyer = life.sale, life.plan.city, Actor.buyer(life.order.buyer)
    number = 1 + life.plan.number % 80
    market = life.order.market_id
    sale.address_line, sale.postcode = STREETS[market].format(number), POSTCODES_OF.get(city.slug, POSTCODES[market])
    sale.address_city = city.name
    key = (city.pk, begins)
    if key not in windows:
        windows[key] = DeliveryWindow(city=city, starts_at=begins, ends_at=begins + WINDOW, capacity=3)
    window = windows[key]
    window.used += 1
    window.capacity = max(window.capacity, window.used)
    sale.delivery_window = window
    life.tell("address_set", at, buyer)
    life.tell("delivery_chosen", at, buyer, at=begins.isoformat())


def _bring_back(life: Life, delivered_at: dt.datetime, facts: Facts) -> None:
    """Within the window, for the price less the kilometres beyond the free ones."""
    sale, order = life.sale, life.order
    asked_at = delivered_at + dt.timedelta(days=6)
    back_at = asked_at + dt.timedelta(days=4)
    if back_at >= facts.now - UNSETTLED:
        return
    driven = next(facts.driven)
    sale.return_odometer_km = sale.odometer_km + driven
    charge = sale.return_km_charge * max(0, driven - sale.return_km_limit)
    sale.return_charge, sale.return_asked_at, sale.returned_at = charge, asked_at, back_at
    refund = order.paid_total - charge
    data = {"odometer_km": sale.return_odometer_km, "refund": str(refund)}
    life.tell("return_asked", asked_at, Actor.buyer(order.buyer), **data)
    life.move(Status.RETURNED, back_at, Actor.staff(facts.staff), charge=str(charge), **data)
    life.free_car(back_at)
    give_back(life, refund, back_at, facts)
