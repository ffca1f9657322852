"""Placing an order online, and selling a car in the showroom: two ways to the same claim."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from catalog.models import Offer, StockUnit
from catalog.pricing import build_price
from catalog.services.stock import claim_unit, find_unit
from o2o_platform.accounts.models import User
from o2o_platform.journal.models import Actor
from o2o_platform.journal.references import new_reference
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import lock, record_event
from o2o_platform.markets.models import Channel

from .. import exceptions
from ..models import Claim, Order, Terms


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
) -> Order:
    """Hold a car for `buyer` and freeze price, terms, deposit, channel and sales model.

    Either a concrete `unit_id`, or any car of a trim and colour at a dealership. The same
    key sent twice returns the first order. The buyer's row is locked first, so that one
    person's requests queue up and limits hold; the claim itself is a conditional UPDATE,
    with the partial unique constraint on `Claim` as the last line.

    Raises OutOfStock, NotOnSale, PriceChanged, TermsChanged, TooManyHolds, KeyReused.
    """
    digest = _digest(market, unit_id, trim_id, colour_id, dealership_id, terms_id, channel)
    with transaction.atomic():
        lock(User, pk=buyer.pk)
        if existing := _earlier_order(buyer, idempotency_key, digest):
            return existing
        terms = Terms.objects.in_force(market)
        if terms.pk != terms_id:
            raise exceptions.TermsChanged
        if unit_id is None:
            if trim_id is None or colour_id is None or dealership_id is None:
                raise exceptions.NotOnSale
            unit_id = find_unit(trim_id=trim_id, colour_id=colour_id, dealership_id=dealership_id)
        if unit_id is None or not claim_unit(unit_id):
            raise exceptions.OutOfStock
        unit = _sellable_unit(unit_id, market)
        order = _new_order(unit, buyer=buyer, buyer_name=buyer_name, terms=terms, channel=channel)
        if expected_total is not None and order.contract_total != expected_total:
            raise exceptions.PriceChanged
        order.idempotency_key, order.request_digest = idempotency_key, digest
        order.save(force_insert=True)
        Claim.objects.create(order=order, stock_unit=unit)
        record_event(order, "placed", actor=actor, to_status=order.status)
    return order


@retry_on_deadlock
def sell_offline(*, unit_id: int, dealership_id: int, buyer: User, buyer_name: str, actor: Actor) -> Order:
    """A walk-in sale from the same stock: claimed at once, accepted by the dealership that makes it.

    Raises OutOfStock when the car is held online or sold: the database decides between the two.
    """
    with transaction.atomic():
        if not claim_unit(unit_id):
            raise exceptions.OutOfStock
        unit = _sellable_unit(unit_id, None)
        if unit.dealership_id != dealership_id:
            raise exceptions.NotOnSale
        terms = Terms.objects.in_force(unit.market_id)
        order = _new_order(unit, buyer=buyer, buyer_name=buyer_name, terms=terms, channel=Channel.OFFLINE)
        order.deposit_amount = Decimal(0)
        order.status = Order.Status.ACCEPTED
        order.save(force_insert=True)
        Claim.objects.create(order=order, stock_unit=unit)
        record_event(order, "sold_offline", actor=actor, to_status=order.status)
    return order


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _earlier_order(buyer: User, key: str, digest: str) -> Order | None:
    """The order this key made before; checks the limit of holds for a new one."""
    rows = Order.objects.filter(Q(idempotency_key=key) | Q(status=Order.Status.PLACED), buyer=buyer)
    holds = 0
    for order in rows:
        if order.idempotency_key == key:
            if order.request_digest != digest:
                raise exceptions.KeyReused
            return order
        holds += 1
    if holds >= settings.HOLDS_PER_BUYER:
        raise exceptions.TooManyHolds
    return None


def _sellable_unit(unit_id: int, market: str | None) -> StockUnit:
    unit = (
        StockUnit.objects.select_related("trim__vehicle_model__brand", "colour", "dealership", "market")
        .prefetch_related("options")
        .get(pk=unit_id)
    )
    dealership = unit.dealership
    if dealership is None or not dealership.is_active or (market and unit.market_id != market):
        raise exceptions.NotOnSale
    return unit


def _new_order(unit: StockUnit, *, buyer: User, buyer_name: str, terms: Terms, channel: str) -> Order:
    """An unsaved order with everything promised frozen on it."""
    now = timezone.now()
    today = now.astimezone(unit.market.zone).date()
    offer = Offer.objects.valid(unit.market_id, today).filter(trim=unit.trim_id).first()
    if offer is None:
        raise exceptions.NotOnSale
    offer.trim, offer.market = unit.trim, unit.market
    price = build_price(offer=offer, on=today, colour=unit.colour, options=unit.options.all(), discount=unit.discount)
    return Order(
        reference=new_reference("O"),
        buyer=buyer,
        buyer_name=buyer_name,
        market=unit.market,
        channel=channel,
        sales_model=offer.sales_model,
        trim=unit.trim,
        colour=unit.colour,
        stock_unit=unit,
        dealership=unit.dealership,
        currency=unit.market.currency,
        price_lines=price.as_json(),
        contract_total=price.contract_total,
        on_the_road_total=price.on_the_road_total,
        deposit_kind=offer.deposit_kind,
        deposit_amount=min(offer.deposit_amount, price.contract_total),
        terms=terms,
        terms_accepted_at=now,
        placed_at=now,
        refundable_until=now + timedelta(hours=offer.cooling_hours),
        hold_expires_at=now + timedelta(minutes=settings.HOLD_MINUTES),
        handover_code=f"{secrets.randbelow(10**6):06d}",
    )
