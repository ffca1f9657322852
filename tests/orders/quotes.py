"""What the tests of quotes share: an advisor with a limit, and quotes written by them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from catalog.models import StockUnit
from dealers.models import Dealership, Membership
from o2o_platform.accounts.models import User
from o2o_platform.journal.models import Actor
from orders.models import Order, Quote
from orders.services import claim_quote, issue_quote, place_order
from orders.services.quoting import QuoteTerms
from tests import factories

WEEK = timedelta(days=7)


def make_advisor(place: Dealership, percent: str = "3") -> User:
    advisor = factories.make_member(place)
    Membership.objects.filter(user=advisor).update(discount_limit_percent=Decimal(percent))
    return advisor


def make_quote(unit: StockUnit | None = None, advisor: User | None = None, **terms: Any) -> Quote:
    """An open quote of a free car, as its advisor issues it."""
    unit = unit or factories.make_unit()
    factories.make_terms(unit.market)
    advisor = advisor or make_advisor(unit.dealership)
    offered = QuoteTerms(**{"valid_until": timezone.now() + WEEK} | terms)
    return issue_quote(
        unit.pk, dealership_id=unit.dealership_id, advisor=advisor, terms=offered, actor=Actor.dealer(advisor)
    )


def claimed_quote(buyer: User, unit: StockUnit | None = None, **terms: Any) -> Quote:
    return claim_quote(make_quote(unit, **terms).pk, buyer=buyer, actor=Actor.buyer(buyer))


def order_quote(quote: Quote, buyer: User, **fields: Any) -> Order:
    arguments = {
        "market": quote.market_id,
        "terms_id": factories.make_terms(quote.market).pk,
        "buyer_name": "B",
        "idempotency_key": f"quote-order-{quote.pk}",
        "actor": Actor.buyer(buyer),
    }
    return place_order(buyer=buyer, quote=quote, **arguments | fields)
