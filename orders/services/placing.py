"""Placing an order online, and selling a car in the showroom: two ways to the same claim.

The buyer's row is locked first, so that one person's requests queue up and limits hold; the claim is a
conditional UPDATE, with the partial unique constraint on `Claim` as the last line. Prices and terms are read
before the transaction and at most 1.8 s old. What is not offered everywhere is ordered from its cities only, but a
quote was made in the showroom. In a campaign a place is taken with the car, in the same transaction. Where people
wait for the car, the pass they were let in with is used up with it; a showroom's quote needs none.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from catalog.campaign_price import with_campaign
from catalog.models import Offer, Option, StockUnit
from catalog.pricing import PriceBreakdown, build_price
from catalog.services.stock import ClaimedUnit, claim_any, claim_any_direct, claim_unit, claim_unit_direct
from o2o_platform.accounts.models import User
from o2o_platform.interface.shops import shop_name
from o2o_platform.journal.models import Actor
from o2o_platform.journal.references import new_reference
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import record_event
from o2o_platform.markets.models import Channel, SalesModel
from o2o_platform.waiting.services import use_pass

from .. import exceptions
from ..models import Order, Quote
from .agency import fee_of, require_own_price
from .availability import find_refusal
from .campaigning import Place, address_digest, take_place, write_campaign_claim
from .claims import insert_claimed
from .conditions import SaleConditions, deposit_asked, sale_conditions
from .direct.opening import open_direct_sale
from .gating import gate_before
from .papering import issue_contract
from .quoting import order_from_quote, quoted_price
from .rules import frozen_law


@dataclass(frozen=True, slots=True)
class _Wish:
    """What somebody asks for. A quote names the car, its price and the advisor by itself."""

    market: str
    terms_id: int
    unit_id: int | None
    trim_id: int | None
    colour_id: int | None
    dealership_id: int | None
    expected_total: Decimal | None
    channel: str
    advisor_id: int | None
    quote: Quote | None
    city_id: int | None = None
    campaign_id: int | None = None
    address: str = ""

    @property
    def digest(self) -> str:
        """Tells the same request sent again from another one with its key."""
        named = (self.market, self.unit_id, self.trim_id, self.colour_id, self.dealership_id)
        quoted = () if self.quote is None else (self.quote.pk,)
        entered = () if self.campaign_id is None else ("campaign", self.campaign_id)
        return _digest(*named, self.terms_id, self.channel, *quoted, *entered)

    def conditions(self) -> SaleConditions | None:
        """Today's; None when it is not on sale: a request sent again still finds its order."""
        trim_id, colour_id = self.trim_id, self.colour_id
        if self.unit_id is not None:
            trim_id, colour_id = _trim_and_colour(self.unit_id)
        if trim_id is None or colour_id is None:
            raise exceptions.NotOnSale
        try:
            return sale_conditions(self.market, trim_id, colour_id)
        except exceptions.NotOnSale:
            return None


@retry_on_deadlock
def place_order(
    *,
    buyer: User,
    market: str,
    terms_id: int,
    buyer_name: str,
    idempotency_key: str,
    actor: Actor,
    unit_id: int | None = None,
    trim_id: int | None = None,
    colour_id: int | None = None,
    dealership_id: int | None = None,
    expected_total: Decimal | None = None,
    channel: str = Channel.ONLINE_TO_OFFLINE,
    advisor_id: int | None = None,
    quote: Quote | None = None,
    city_id: int | None = None,
    campaign_id: int | None = None,
    address: str = "",
) -> Order:
    """Hold a car for `buyer` and freeze price, terms, deposit, channel, advisor and sales model.

    Either a concrete `unit_id`, any car of a trim and colour at a dealership (sold directly: anywhere), or
    the car and price of the `quote` the buyer claimed. The same key sent twice returns the first order.
    `city_id` is the buyer's city, in this market; `address` is the network address the order came from.
    Raises an `exceptions.OrderError`, NotYourTurn.
    """
    if quote is not None:
        unit_id, channel, advisor_id = quote.stock_unit_id, Channel.OFFLINE_TO_ONLINE, quote.advisor_id
    named = (unit_id, trim_id, colour_id, dealership_id)
    wish = _Wish(market, terms_id, *named, expected_total, channel, advisor_id, quote, city_id, campaign_id, address)
    return _place(wish, buyer=buyer, buyer_name=buyer_name, key=idempotency_key, actor=actor)


def _place(wish: _Wish, *, buyer: User, buyer_name: str, key: str, actor: Actor) -> Order:
    """What is read before the transaction, and the transaction: the buyer's lock, the pass, the car, the rest."""
    conditions, quote = wish.conditions(), wish.quote
    refusal = find_refusal(conditions, wish.city_id) if quote is None else None
    gate = None if quote else gate_before(conditions, campaign_id=wish.campaign_id)
    with transaction.atomic():
        if earlier := _earlier_order(buyer, key, wish.digest, most_holds=settings.HOLDS_PER_BUYER):
            return earlier
        if refusal is not None:
            raise refusal
        if gate is not None:
            use_pass(gate.pk, person_id=buyer.pk)
        order, place = _hold(wish, conditions, buyer=buyer, buyer_name=buyer_name)
        order.idempotency_key, order.request_digest = key, wish.digest
        order.city_id = wish.city_id
        _write(order, "placed", actor)
        if order.is_direct and conditions is not None:
            open_direct_sale(order, conditions.rule)
        if place is not None:
            write_campaign_claim(order, place)
        if quote is not None:
            order_from_quote(quote.pk, order=order, actor=actor)
    return order


@retry_on_deadlock
def sell_offline(
    *,
    unit_id: int,
    dealership_id: int,
    buyer: User,
    buyer_name: str,
    actor: Actor,
    advisor_id: int | None = None,
    idempotency_key: str | None = None,
) -> Order:
    """A walk-in sale from the same stock: claimed at once, accepted by the dealership that makes it.

    The same key sent twice is one sale. Raises NotOnSale for what is sold directly, OutOfStock when the car
    is held online or sold: the database decides between the two.
    """
    digest = _digest("offline", unit_id, dealership_id)
    with transaction.atomic():
        if idempotency_key and (earlier := _earlier_order(buyer, idempotency_key, digest)):
            return earlier
        unit = _claim(unit_id, None, None, None)
        if unit.dealership_id != dealership_id:
            raise exceptions.NotOnSale
        conditions = sale_conditions(unit.market_id, unit.trim_id, unit.colour_id)
        if conditions.offer.sales_model == SalesModel.DIRECT:
            raise exceptions.NotOnSale
        order = _new_order(unit, conditions, buyer=buyer, buyer_name=buyer_name, channel=Channel.OFFLINE)
        order.deposit_amount, order.advisor_id = Decimal(0), advisor_id
        order.status = Order.Status.ACCEPTED
        if idempotency_key:
            order.idempotency_key, order.request_digest = idempotency_key, digest
        _write(order, "sold_offline", actor)
        issue_contract(order)
    return order


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _trim_and_colour(unit_id: int) -> tuple[int, int]:
    found = StockUnit.objects.filter(pk=unit_id).values_list("trim_id", "colour_id").first()
    if found is None:
        raise exceptions.NotOnSale
    return found


# Two statements in one message: the second sees what was committed while the first waited.
_LOCK_BUYER_AND_LOOK = """
SELECT 1 FROM accounts_user WHERE id = %(buyer)s FOR NO KEY UPDATE;
SELECT id, idempotency_key, request_digest FROM orders_order
WHERE buyer_id = %(buyer)s AND (idempotency_key = %(key)s OR status = 'placed')
"""


def _earlier_order(buyer: User, key: str, digest: str, *, most_holds: int | None = None) -> Order | None:
    """Lock the buyer's row; the order this key made before. Checks the limit of holds for a new one."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_BUYER_AND_LOOK, {"buyer": buyer.pk, "key": key})
        rows = cursor.fetchall()
    for pk, earlier_key, earlier_digest in rows:
        if earlier_key == key:
            if earlier_digest != digest:
                raise exceptions.KeyReused
            return Order.objects.get(pk=pk)
    if most_holds is not None and len(rows) >= most_holds:
        raise exceptions.TooManyHolds
    return None


def _hold(
    wish: _Wish, conditions: SaleConditions | None, *, buyer: User, buyer_name: str
) -> tuple[Order, Place | None]:
    """Hold the car and a place in the campaign; the order, unsaved, if all that the buyer was shown still holds."""
    if conditions is None:
        raise exceptions.NotOnSale
    if conditions.terms.pk != wish.terms_id:
        raise exceptions.TermsChanged
    claim = _claim_direct if conditions.offer.sales_model == SalesModel.DIRECT else _claim
    unit = claim(wish.unit_id, wish.trim_id, wish.colour_id, wish.dealership_id, wish.market)
    _check_conditions_fit(unit, conditions)
    place = _enter(wish, unit, buyer)
    order = _new_order(
        unit, conditions, buyer=buyer, buyer_name=buyer_name, channel=wish.channel, quote=wish.quote, place=place
    )
    order.advisor_id = wish.advisor_id
    if wish.expected_total is not None and order.contract_total != wish.expected_total:
        raise exceptions.PriceChanged
    return order, place


def _enter(wish: _Wish, unit: ClaimedUnit, buyer: User) -> Place | None:
    """A place in the campaign the buyer came from, after the car's lock. Raises CampaignRefused."""
    if wish.campaign_id is None:
        return None
    place = take_place(
        wish.campaign_id,
        person_id=buyer.pk,
        market_id=unit.market_id,
        trim_id=unit.trim_id,
        dealership_id=unit.dealership_id,
        city_id=wish.city_id,
        digest=address_digest(wish.campaign_id, wish.address),
    )
    if wish.quote is not None and not place.terms.is_stackable:
        raise exceptions.CampaignNotWithQuote
    return place


def _claim(
    unit_id: int | None, trim_id: int | None, colour_id: int | None, dealership_id: int | None, _market: str = ""
) -> ClaimedUnit:
    if unit_id is not None:
        claimed = claim_unit(unit_id)
    elif trim_id is None or colour_id is None or dealership_id is None:
        raise exceptions.NotOnSale
    else:
        claimed = claim_any(trim_id=trim_id, colour_id=colour_id, dealership_id=dealership_id)
    if claimed is not None:
        return claimed
    if StockUnit.objects.available().filter(pk=unit_id).exists():
        raise exceptions.NotOnSale
    raise exceptions.OutOfStock


def _claim_direct(
    unit_id: int | None, trim_id: int | None, colour_id: int | None, _dealership_id: int | None, market: str
) -> ClaimedUnit:
    """For a direct sale: the car named, or any of the market, wherever it stands."""
    if unit_id is not None:
        claimed = claim_unit_direct(unit_id)
    elif trim_id is None or colour_id is None:
        raise exceptions.NotOnSale
    else:
        claimed = claim_any_direct(trim_id=trim_id, colour_id=colour_id, market=market)
    if claimed is None:
        raise exceptions.OutOfStock
    return claimed


def _check_conditions_fit(unit: ClaimedUnit, conditions: SaleConditions) -> None:
    """The conditions were read before the car was held: they must be those of the car it now is."""
    if unit.market_id != conditions.offer.market_id:
        raise exceptions.NotOnSale
    if (unit.trim_id, unit.colour_id) != (conditions.offer.trim_id, conditions.colour.pk):
        raise exceptions.PriceChanged


def _price(unit: ClaimedUnit, conditions: SaleConditions) -> PriceBreakdown:
    return build_price(
        offer=conditions.offer,
        on=conditions.on,
        colour=conditions.colour,
        surcharge=conditions.surcharge,
        options=Option.objects.in_bulk(unit.option_ids).values() if unit.option_ids else (),
        discount=unit.discount,
        rules=conditions.rules,
    )


def _frozen_price(quote: Quote, unit: ClaimedUnit) -> PriceBreakdown:
    """The price promised. Raises QuoteOver when the car is not the one it was promised for any more."""
    quoted = (quote.dealership_id, quote.trim_id, quote.colour_id, sorted(quote.option_ids))
    if quoted != (unit.dealership_id, unit.trim_id, unit.colour_id, sorted(unit.option_ids)):
        raise exceptions.QuoteOver
    return quoted_price(quote)


def _new_order(
    unit: ClaimedUnit,
    conditions: SaleConditions,
    *,
    buyer: User,
    buyer_name: str,
    channel: str,
    quote: Quote | None = None,
    place: Place | None = None,
) -> Order:
    """An unsaved order with everything promised frozen on it."""
    offer, now = conditions.offer, timezone.now()
    price = _price(unit, conditions) if quote is None else _frozen_price(quote, unit)
    require_own_price(offer, price)
    if place is not None:
        price = with_campaign(price, place.terms, trim=offer.trim, rules=conditions.rules)
    if channel == Channel.ONLINE_TO_OFFLINE and offer.sales_model == SalesModel.DIRECT:
        channel = Channel.DIRECT
    return Order(
        reference=new_reference("O"),
        buyer=buyer,
        buyer_name=buyer_name,
        channel=channel,
        colour=conditions.colour,
        stock_unit_id=unit.pk,
        dealership_id=unit.dealership_id,
        **_promised(offer, price),
        **frozen_law(conditions.rule, at_a_distance=quote is None and channel != Channel.OFFLINE),
        terms=conditions.terms,
        terms_accepted_at=now,
        placed_at=now,
        refundable_until=now + timedelta(hours=conditions.cooling_hours),
        hold_expires_at=now + timedelta(minutes=settings.HOLD_MINUTES),
        shop=shop_name() if channel != Channel.OFFLINE else "",
        handover_code=f"{secrets.randbelow(10**6):06d}",
    )


def _promised(offer: Offer, price: PriceBreakdown) -> dict[str, Any]:
    """What an order keeps of the offer and of its price."""
    return {
        "market": offer.market,
        "sales_model": offer.sales_model,
        "trim": offer.trim,
        "currency": offer.market.currency,
        "price_lines": price.as_json(),
        "contract_total": price.contract_total,
        "on_the_road_total": price.on_the_road_total,
        "deposit_kind": offer.deposit_kind,
        "deposit_amount": deposit_asked(offer, price.contract_total),
        "handover_fee": fee_of(offer),
    }


def _write(order: Order, event: str, actor: Actor) -> None:
    insert_claimed(order)
    record_event(order, event, actor=actor, to_status=order.status)
