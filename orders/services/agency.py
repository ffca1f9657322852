"""Agency sales: the maker sells at one price everywhere, a dealership hands over for a fee."""

from __future__ import annotations

from decimal import Decimal

from catalog.models import Offer
from catalog.pricing import ZERO, PriceBreakdown
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import record_event
from o2o_platform.markets.models import SalesModel

from .. import exceptions
from ..models import Order

FEE_EARNED = "handover_fee"


def is_agency(offer: Offer) -> bool:
    return offer.sales_model == SalesModel.AGENCY


def fee_of(offer: Offer) -> Decimal:
    """What the dealership will get for handing over a car sold by this offer: without VAT, in its market's currency."""
    return offer.handover_fee if is_agency(offer) else ZERO


def require_no_discount(offer: Offer, discount: Decimal) -> None:
    """A dealership gives none on a car the maker sells. Raises FixedPrice."""
    if discount and is_agency(offer):
        raise exceptions.FixedPrice


def require_own_price(offer: Offer, price: PriceBreakdown) -> None:
    """A quote with a discount is over once the maker is the seller. Raises QuoteOver."""
    if is_agency(offer) and any(line.kind == "discount" for line in price.lines):
        raise exceptions.QuoteOver


def record_fee(order: Order, *, actor: Actor) -> None:
    """Note what the dealership that handed the car over has earned, in the transaction of the handover."""
    if order.handover_fee:
        data = {"fee": str(order.handover_fee), "currency": order.currency, "dealership": order.dealership_id}
        record_event(order, FEE_EARNED, actor=actor, data=data)
