"""What a campaign takes off the price of a car."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .models import PriceRule, Trim
from .pricing import CENT, ZERO, PriceBreakdown, PriceLine, tax_lines

KIND = "campaign"


@dataclass(frozen=True, slots=True)
class CampaignTerms:
    """What a campaign gives on one car: `discount` in the market's currency, VAT included, early-bird step and all.

    The name tells the gift too, so that an order keeps what it was promised.
    """

    discount: Decimal
    is_stackable: bool
    name: str
    name_zh: str


def with_campaign(
    price: PriceBreakdown, terms: CampaignTerms, *, trim: Trim, rules: Iterable[PriceRule]
) -> PriceBreakdown:
    """The price with the campaign's line in it, and taxes levied on what is left.

    Where campaign and dealership's discount don't stack, the buyer gets the higher of the two, and the
    campaign where they are equal. At least one cent of the car's price is left. The line is there even
    when it takes nothing off: it says that the car was bought in the campaign.
    """
    car = [line for line in price.lines if line.in_contract and line.kind != "extra"]
    extras = [line for line in price.lines if line.kind == "extra"]
    own = -sum((line.amount for line in car if line.kind == "discount"), ZERO)
    off = terms.discount
    if own and not terms.is_stackable:
        if own > off:
            off = ZERO
        else:
            car = [line for line in car if line.kind != "discount"]
    gross = sum((line.amount for line in car), ZERO)
    off = min(off, gross - CENT)
    car.append(PriceLine(KIND, ZERO - off, terms.name, terms.name_zh))
    besides = sum((line.amount for line in extras), ZERO)
    taxes = tax_lines(trim=trim, gross=gross - off, rules=rules, besides=besides)
    lines = (*car, *extras, *(line for line in taxes if not line.is_included))
    return PriceBreakdown(lines, price.currency, tuple(line for line in taxes if line.is_included))


def taken_off(price: PriceBreakdown) -> Decimal:
    """What the campaign takes off this price, 0 or more."""
    return -sum((line.amount for line in price.lines if line.kind == KIND), ZERO)
