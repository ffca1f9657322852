"""The conditions a trim in a colour is sold on today."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from django.utils import timezone

from catalog.models import Colour, Offer, PriceRule
from catalog.pricing import CENT, colour_surcharge, rules_on
from o2o_platform.freshness import Fresh
from o2o_platform.markets.models import DepositKind, Market

from .. import exceptions
from ..models import SaleRule, Terms
from .rules import sale_rule

EARNEST_SHARE = Decimal("0.2")


@dataclass(frozen=True, slots=True)
class SaleConditions:
    """Offer (with its trim and market), paint, price rules, terms and the law of one day."""

    offer: Offer
    colour: Colour
    surcharge: Decimal
    rules: list[PriceRule]
    terms: Terms
    on: dt.date
    rule: SaleRule

    @property
    def cooling_hours(self) -> int:
        """Hours from placing to the lock: the rule's where it names them, else the offer's."""
        return self.offer.cooling_hours if self.rule.cooling_hours is None else self.rule.cooling_hours


def sale_conditions(market: str, trim_id: int, colour_id: int) -> SaleConditions:
    """Today's conditions; outside a transaction they may be up to 1.8 s old. Raises NotOnSale."""
    return _kept.get(f"{market}:{trim_id}:{colour_id}")


def deposit_asked(offer: Offer, contract_total: Decimal) -> Decimal:
    """The offer's deposit, at most the contract price; of earnest money at most a fifth of it.

    In the offer's currency. A discount can take the price below the one the offer was
    checked against (Civil Code of China, article 586).
    """
    if offer.deposit_kind == DepositKind.EARNEST:
        return min(offer.deposit_amount, (contract_total * EARNEST_SHARE).quantize(CENT, ROUND_DOWN))
    return min(offer.deposit_amount, contract_total)


def _read(key: str) -> SaleConditions:
    market_code, trim_id, colour_id = key.split(":")
    market = Market.objects.filter(pk=market_code).first()
    if market is None:
        raise exceptions.NotOnSale
    today = timezone.now().astimezone(market.zone).date()
    offers = Offer.objects.valid(market, today).select_related("trim__vehicle_model__brand", "market")
    offer = offers.filter(trim=int(trim_id)).first()
    colour = Colour.objects.filter(pk=int(colour_id)).first()
    if offer is None or colour is None or colour.vehicle_model_id != offer.trim.vehicle_model_id:
        raise exceptions.NotOnSale
    brand_id = offer.trim.vehicle_model.brand_id
    try:
        terms = Terms.objects.in_force(market, brand_id=brand_id)
    except Terms.DoesNotExist as error:
        raise exceptions.NotOnSale from error
    return SaleConditions(
        offer=offer,
        colour=colour,
        surcharge=colour_surcharge(colour, market.pk),
        rules=rules_on(market.pk, today),
        terms=terms,
        on=today,
        rule=sale_rule(market.pk, brand_id=brand_id, sales_model=offer.sales_model, on=today),
    )


_kept = Fresh(_read)
