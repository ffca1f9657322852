"""The messages about orders, quotes and trade-ins: when they are sent, and examples of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Colour
from dealers.message_kinds import sample_dealership, sample_trim
from o2o_platform.accounts.models import User
from o2o_platform.markets.models import City, Market
from o2o_platform.notifications import subjects
from o2o_platform.notifications.kinds import Audience, Category, declare
from o2o_platform.notifications.samples import site_url

from .models import Assignment, InterestRequest, Order, Quote, TradeIn

Status = Order.Status
ENDED = (Status.EXPIRED, Status.CANCELLED, Status.RETURNED)
PRICES = {"CN": Decimal(98_800), "DE": Decimal(39_900), "PL": Decimal(169_900)}


def declare_all() -> None:
    subjects.register("orders.order", lambda places: Order.objects.filter(dealership__in=places))
    subjects.register("orders.quote", lambda places: Quote.objects.filter(dealership__in=places))
    interests = InterestRequest.objects.select_related("dealership")
    subjects.register("orders.interestrequest", lambda places: interests.filter(dealership__in=places))
    subjects.register("orders.tradein", lambda places: TradeIn.objects.filter(dealership__in=places))
    orders: dict[str, Any] = {"category": Category.ORDERS, "sample": order_sample}
    # Money moved, a car is lost or the buyer stands at the counter: told at any hour.
    declare("order_reserved", _("Deposit received"), waits=False, is_current=is_live, **orders)
    declare("order_revived", _("Late deposit, reserved after all"), waits=False, is_current=is_live, **orders)
    declare("order_expired", _("Hold ran out"), waits=False, is_current=has_expired, **orders)
    declare("order_cancelled", _("Order cancelled"), waits=False, is_current=is_cancelled, **orders)
    declare("order_paid", _("Paid in full"), waits=False, is_current=is_paid, **orders)
    declare("order_delivered", _("Car handed over"), waits=False, is_current=is_delivered, **orders)
    declare("order_withdrawn", _("Withdrawal received"), waits=False, **orders)
    declare("order_returned", _("Car returned after a withdrawal"), waits=False, **orders)
    declare("order_accepted", _("Accepted by the dealership"), is_current=is_live, **orders)
    declare("order_declined", _("Declined by the dealership"), is_current=is_reserved, **orders)
    declare("order_reassigned", _("Passed on to another dealership"), is_current=is_live, **orders)
    declare("order_ready", _("Car ready"), is_current=is_ready, **orders)
    # A car is held and a clock runs.
    declare("order_choice", _("Time to decide is over"), waits=False, is_current=is_reserved, **orders)
    orders["sample"] = consent_sample
    declare("order_consent", _("Another dealership, if you agree"), waits=False, is_current=is_reserved, **orders)
    declare_offers()
    declare(
        "order_unanswered",
        _("Order still unanswered"),
        category=Category.WORK,
        audience=Audience.STAFF,
        sample=unanswered_sample,
        waits=False,
        is_current=is_reserved,
    )


def declare_offers() -> None:
    offers: dict[str, Any] = {"category": Category.OFFERS, "sample": trade_in_sample}
    declare("trade_in_estimated", _("Estimate of a trade-in"), is_current=is_estimated, **offers)
    declare("trade_in_declined", _("Trade-in declined"), **offers)
    declare("interest_opened", _("Your city has opened"), **offers | {"sample": interest_sample})
    offers["sample"] = quote_sample
    declare("quote_ready", _("Quote from the showroom"), waits=False, is_current=is_open, **offers)


def is_live(order: Order) -> bool:
    return order.status not in ENDED


def has_expired(order: Order) -> bool:
    return order.status == Status.EXPIRED


def is_cancelled(order: Order) -> bool:
    return order.status == Status.CANCELLED


def is_reserved(order: Order) -> bool:
    """Nobody has accepted it yet."""
    return order.status == Status.RESERVED


def is_undecided(order: Order) -> bool:
    """The buyer has not said yet whether another dealership may be asked."""
    return order.status == Status.RESERVED and order.assignments.pending_consent().exists()


def is_ready(order: Order) -> bool:
    """The balance is still to be paid."""
    return order.status == Status.READY


def is_paid(order: Order) -> bool:
    return order.status in (Status.PAID, Status.DELIVERED)


def is_delivered(order: Order) -> bool:
    return order.status == Status.DELIVERED


def is_estimated(trade_in: TradeIn) -> bool:
    return trade_in.status == TradeIn.Status.ESTIMATED


def is_open(quote: Quote) -> bool:
    return quote.status in (Quote.Status.OPEN, Quote.Status.CLAIMED)


def sample_order(market: Market) -> Order:
    price = PRICES.get(market.code, PRICES["DE"])
    return Order(
        reference="O-20481632",
        market=market,
        dealership=sample_dealership(market),
        trim=sample_trim(market),
        colour=Colour(name="Passion red", name_zh="激情红", hex="#b3261e"),
        status=Status.RESERVED,
        currency=market.currency,
        contract_total=price,
        on_the_road_total=price,
        deposit_amount=Decimal(1_000),
        paid_total=Decimal(1_000),
        refund_due=Decimal(1_000),
        refundable_until=timezone.now() + timedelta(hours=72),
    )


def order_sample(market: Market) -> dict[str, Any]:
    return {"order": sample_order(market), "url": site_url("/orders/O-20481632/")}


def consent_sample(market: Market) -> dict[str, Any]:
    return order_sample(market) | {"dealership": sample_dealership(market)}


def refund_sample(market: Market) -> dict[str, Any]:
    return order_sample(market) | {"amount": Decimal(1_000)}


def unanswered_sample(market: Market) -> dict[str, Any]:
    order, now = sample_order(market), timezone.now()
    offer = Assignment(
        order=order, dealership=order.dealership, offered_at=now, answer_due_at=now + timedelta(minutes=15)
    )
    return {"order": order, "offer": offer, "url": site_url("/admin/")}


def trade_in_sample(market: Market) -> dict[str, Any]:
    trade_in = TradeIn(
        reference="B-20481632",
        dealership=sample_dealership(market),
        market=market,
        currency=market.currency,
        car="Volkswagen Polo 1.4",
        low_amount=Decimal(42_000),
        high_amount=Decimal(46_000),
        valid_until=timezone.localdate() + timedelta(days=14),
        note="Two new tyres count.",
    )
    return {"trade_in": trade_in, "url": site_url("/trade-ins/B-20481632/")}


def interest_sample(market: Market) -> dict[str, Any]:
    order = sample_order(market)
    city = City(name="Hamburg", name_local="Hamburg", market=market)
    interest = InterestRequest(trim=order.trim, city=city, dealership=order.dealership)
    return {"interest": interest, "url": site_url("/cars/")}


def quote_sample(market: Market) -> dict[str, Any]:
    order = sample_order(market)
    quote = Quote(
        reference="Q-20481632",
        dealership=order.dealership,
        advisor=User(name="Wang Fang"),
        market=market,
        trim=order.trim,
        colour=order.colour,
        currency=market.currency,
        contract_total=order.contract_total,
        on_the_road_total=order.on_the_road_total,
        valid_until=timezone.now() + timedelta(days=7),
    )
    return {"quote": quote, "url": site_url("/quotes/Zm9yLXRoZS1wcmV2aWV3/")}
