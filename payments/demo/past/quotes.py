"""Quotes written in the showroom that the buyer claimed and ordered by."""

from __future__ import annotations

import datetime as dt

from o2o_platform.journal.models import Actor
from orders.models import Quote

from .facts import Facts
from .life import KEY, Life, Told

VALID_FOR = dt.timedelta(days=7)


def quote_of(life: Life, facts: Facts) -> Quote:
    """The quote of an order that came from the showroom, written one to thirty hours before it."""
    order, unit = life.order, life.unit
    written_at = order.placed_at - dt.timedelta(minutes=facts.random.randint(60, 1_800))
    claimed_at = written_at + (order.placed_at - written_at) / 2
    quote = Quote(
        reference=facts.reference("Q"),
        token=f"{KEY}-{facts.reference('')}{facts.reference('')}",
        dealership=life.plan.place,
        advisor=order.advisor,
        buyer=order.buyer,
        market=order.market,
        status=Quote.Status.ORDERED,
        stock_unit=unit,
        trim=order.trim,
        colour=order.colour,
        currency=order.currency,
        price_lines=order.price_lines,
        contract_total=order.contract_total,
        on_the_road_total=order.on_the_road_total,
        valid_until=written_at + VALID_FOR,
        order=order,
        created_at=written_at,
    )
    states, buyer = Quote.Status, Actor.buyer(order.buyer)
    life.told += [
        Told(quote, "issued", written_at, Actor.dealer(order.advisor), to_status=states.OPEN),
        Told(quote, states.CLAIMED, claimed_at, buyer, states.OPEN, states.CLAIMED),
        Told(quote, states.ORDERED, order.placed_at, buyer, states.CLAIMED, states.ORDERED),
    ]
    return quote
