"""The life of one order until today: what happened, when, by whom, and the rows it left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils import translation

from catalog.campaign_price import CampaignTerms, with_campaign
from catalog.models import Availability, Campaign, Colour, Offer, Stage, StockUnit
from catalog.pricing import ZERO, PriceBreakdown, build_price
from catalog.vin import build_vin
from dealers.models import Dealership
from o2o_platform.accounts.models import User
from o2o_platform.documents.models import DocumentKind
from o2o_platform.journal.models import Actor
from o2o_platform.markets.models import Channel, City, SalesModel
from orders.demo.stock import vin_parts
from orders.models import Assignment, Claim, DirectSale, Order, Quote
from orders.services.agency import fee_of
from orders.services.conditions import deposit_asked
from orders.services.rules import frozen_law
from payments.models import Compensation, Payment, Refund

from .facts import Facts

Status = Order.Status
SERIALS_FROM = 200_000
KEY = "demo-past"


class Fate(StrEnum):
    """Where an order was heading; one begun lately has not come there yet."""

    DELIVERED = "delivered"
    UNPAID = "unpaid"
    COOLED = "cooled"
    LEFT_LATE = "left_late"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    SELLER_LEFT = "seller_left"
    BROUGHT_BACK = "brought_back"


@dataclass
class Plan:
    """Who orders which car where and when, and what will come of it. Sold directly there is no dealership."""

    number: int
    placed_at: dt.datetime
    buyer: User
    offer: Offer
    channel: str
    fate: Fate
    place: Dealership | None
    city: City
    campaign: Campaign | None = None
    campaign_discount: Decimal = ZERO
    campaign_place: int = 0
    next_place: Dealership | None = None
    takes_voucher: bool = False


@dataclass
class Told:
    """An event of a row that may not have its key yet."""

    subject: Any
    name: str
    at: dt.datetime
    actor: Actor
    from_status: str = ""
    to_status: str = ""
    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Issued:
    """A paper to be issued as of a moment, with what had been paid then."""

    kind: DocumentKind
    at: dt.datetime
    paid: Decimal
    payment: Payment | None = None
    amount: Decimal = ZERO


@dataclass
class Life:
    """An order and all rows about it, unsaved."""

    plan: Plan
    order: Order
    unit: StockUnit
    claim: Claim
    lock_at: dt.datetime
    told: list[Told] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    compensation: Compensation | None = None
    sale: DirectSale | None = None
    quote: Quote | None = None
    papers: list[Issued] = field(default_factory=list)
    ended_at: dt.datetime | None = None
    # Called just before the balance is paid: a voucher is spent.
    before_paying: Callable[[dt.datetime], None] | None = None

    def move(self, to: str, at: dt.datetime, actor: Actor, *, name: str = "", **data: Any) -> None:
        """The order changes its state."""
        before, self.order.status = self.order.status, to
        self.told.append(Told(self.order, name or to, at, actor, before, to, data=data))

    def tell(self, name: str, at: dt.datetime, actor: Actor, /, **data: Any) -> None:
        self.told.append(Told(self.order, name, at, actor, data=data))

    def paper(self, kind: DocumentKind, at: dt.datetime, **fields: Any) -> None:
        self.papers.append(Issued(kind, at, self.order.paid_total, **fields))

    def free_car(self, at: dt.datetime, availability: str = Availability.WITHDRAWN) -> None:
        """The order lets go of its car, which this demonstration does not put on sale again."""
        self.claim.released_at, self.unit.availability, self.ended_at = at, availability, at


def begin(plan: Plan, facts: Facts) -> Life:
    """The order as it was placed or, in the showroom, sold."""
    colour = facts.paint(plan.offer)
    unit = _unit(plan, colour)
    order = _order(plan, colour, unit, facts)
    claim = Claim(order=order, stock_unit=unit, claimed_at=plan.placed_at)
    life = Life(plan, order, unit, claim, lock_at=order.refundable_until)
    if order.channel == Channel.OFFLINE:
        order.status = Status.ACCEPTED
        name, actor = "sold_offline", Actor.dealer(order.advisor)
    else:
        name, actor = "placed", Actor.buyer(plan.buyer)
    life.told.append(Told(order, name, plan.placed_at, actor, to_status=order.status))
    return life


def dealer_of(life: Life, facts: Facts) -> Actor:
    """The advisor who has the order; platform staff where no dealership has a step."""
    if life.plan.place is None:
        return Actor.staff(facts.staff)
    return Actor.dealer(life.order.advisor or facts.advisor(life.order.dealership))


def _unit(plan: Plan, colour: Colour) -> StockUnit:
    trim = plan.offer.trim
    return StockUnit(
        vin=build_vin(**vin_parts(trim), serial=SERIALS_FROM + plan.number),
        trim=trim,
        colour=colour,
        market_id=plan.offer.market_id,
        dealership=plan.next_place if plan.fate is Fate.UNANSWERED and plan.next_place else plan.place,
        stage=Stage.IN_STORE,
        availability=Availability.HELD,
    )


def _price(plan: Plan, colour: Colour, facts: Facts) -> PriceBreakdown:
    """By the rules of the day it was ordered, with what its campaign took off."""
    offer = plan.offer
    on = plan.placed_at.astimezone(offer.market.zone).date()
    rules = facts.price_rules(offer.market_id, on)
    surcharge = facts.surcharge(colour, offer.market_id)
    price = build_price(offer=offer, on=on, colour=colour, surcharge=surcharge, rules=rules)
    if plan.campaign is None:
        return price
    return with_campaign(price, _campaign_terms(plan), trim=offer.trim, rules=rules)


def _order(plan: Plan, colour: Colour, unit: StockUnit, facts: Facts) -> Order:
    offer, at, price = plan.offer, plan.placed_at, _price(plan, colour, facts)
    rule, channel = facts.law(offer), plan.channel
    is_walk_in = channel == Channel.OFFLINE
    with translation.override(plan.buyer.language):
        law = frozen_law(rule, at_a_distance=channel in (Channel.ONLINE_TO_OFFLINE, Channel.DIRECT))
    cooling = offer.cooling_hours if rule.cooling_hours is None else rule.cooling_hours
    has_advisor = channel in (Channel.OFFLINE, Channel.OFFLINE_TO_ONLINE)
    return Order(
        reference=facts.reference("O"),
        buyer=plan.buyer,
        buyer_name=plan.buyer.name,
        market=offer.market,
        channel=channel,
        sales_model=offer.sales_model,
        trim=offer.trim,
        colour=colour,
        stock_unit=unit,
        dealership=plan.place,
        city=None if is_walk_in else plan.city,
        advisor=facts.advisor(plan.place) if has_advisor and plan.place else None,
        currency=offer.market.currency,
        price_lines=price.as_json(),
        contract_total=price.contract_total,
        on_the_road_total=price.on_the_road_total,
        deposit_kind=offer.deposit_kind,
        deposit_amount=ZERO if is_walk_in else deposit_asked(offer, price.contract_total),
        handover_fee=fee_of(offer),
        **law,
        terms=facts.terms(offer, at),
        terms_accepted_at=at,
        placed_at=at,
        refundable_until=at + dt.timedelta(hours=cooling),
        hold_expires_at=at + dt.timedelta(minutes=settings.HOLD_MINUTES),
        handover_code=f"{facts.random.randrange(10**6):06d}",
        idempotency_key=f"{KEY}-{plan.number}",
        shop=facts.shop(offer) if not has_advisor and plan.campaign is None else "",
    )


def _campaign_terms(plan: Plan) -> CampaignTerms:
    campaign = plan.campaign
    return CampaignTerms(
        discount=plan.campaign_discount,
        is_stackable=campaign.is_stackable,
        name=f"{campaign.name}: {campaign.gift}",
        name_zh=f"{campaign.name_zh}: {campaign.gift_zh}",
    )


def is_agency(life: Life) -> bool:
    return life.order.sales_model == SalesModel.AGENCY
