"""The price of a car, built up line by line from dated rules to the on-the-road total."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Self

from django.utils.translation import gettext_lazy as _

from o2o_platform.markets.models import local_label

from .models import Colour, ColourPrice, Offer, Option, OptionPrice, PriceRule, Trim

CENT = Decimal("0.01")
ZERO = Decimal("0.00")

_LABELS: Mapping[str, Any] = {
    "list_price": _("List price"),
    "colour": _("Paint"),
    "option": _("Option"),
    "discount": _("Dealership discount"),
    **{str(kind): label for kind, label in PriceRule.Kind.choices},
}


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One line: `amount` in the breakdown's currency, negative for a discount.

    `source` is the law or data a tax or fee comes from. As JSON it is frozen on the order.
    """

    kind: str
    amount: Decimal
    name: str = ""
    name_zh: str = ""
    is_estimate: bool = False
    source: str = ""

    @property
    def label(self) -> str:
        """Kind and name in the reader's language."""
        kind, name = str(_LABELS[self.kind]), local_label(self.name, self.name_zh, "zh")
        return f"{kind} · {name}" if name else kind

    @property
    def in_contract(self) -> bool:
        """Whether the seller is paid it; the rest goes to the state and insurers."""
        return self.kind in ("list_price", "colour", "option", "discount")

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "amount": str(self.amount),
            "name": self.name,
            "name_zh": self.name_zh,
            "is_estimate": self.is_estimate,
            "source": self.source,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**data, "amount": Decimal(data["amount"])})


@dataclass(frozen=True, slots=True)
class PriceBreakdown:
    """Lines that sum to the contract price (VAT included) and on to the on-the-road price."""

    lines: tuple[PriceLine, ...]
    currency: str

    @property
    def contract_total(self) -> Decimal:
        return sum((line.amount for line in self.lines if line.in_contract), ZERO)

    @property
    def on_the_road_total(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)

    def as_json(self) -> list[dict[str, Any]]:
        return [line.as_json() for line in self.lines]


def round_cent(amount: Decimal) -> Decimal:
    """Commercial rounding to the cent."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def build_price(
    *,
    offer: Offer,
    on: dt.date,
    colour: Colour | None = None,
    options: Iterable[Option] = (),
    discount: Decimal = ZERO,
    rules: Iterable[PriceRule] | None = None,
    surcharge: Decimal | None = None,
) -> PriceBreakdown:
    """The price of `offer.trim` on a date, in the market's currency.

    `rules` and the colour's `surcharge` save their queries when the caller has them already.
    A discount is never more than the price: at least one cent is left.
    """
    lines = [PriceLine("list_price", offer.list_price)]
    if colour is not None:
        surcharge = colour_surcharge(colour, offer.market_id) if surcharge is None else surcharge
        if surcharge:
            lines.append(PriceLine("colour", surcharge, colour.name, colour.name_zh))
    if options := list(options):
        prices = dict(
            OptionPrice.objects.filter(option__in=options, market=offer.market_id).values_list("option_id", "amount")
        )
        lines += [PriceLine("option", prices.get(o.pk, ZERO), o.name, o.name_zh) for o in options]
    gross = sum((line.amount for line in lines), ZERO)
    if discount:
        discount = min(discount, gross - CENT)
        lines.append(PriceLine("discount", -discount))
        gross -= discount
    if rules is None:
        rules = rules_on(offer.market_id, on)
    lines += tax_lines(trim=offer.trim, gross=gross, rules=rules)
    return PriceBreakdown(tuple(lines), offer.market.currency)


def colour_surcharge(colour: Colour, market: str) -> Decimal:
    """What the colour adds in a market, VAT included."""
    prices = ColourPrice.objects.filter(colour=colour, market=market)
    return prices.values_list("amount", flat=True).first() or ZERO


def rules_on(market: str, on: dt.date) -> list[PriceRule]:
    """The rules of a market in force on a date."""
    return list(PriceRule.objects.filter(market=market, validity__contains=on))


def tax_lines(*, trim: Trim, gross: Decimal, rules: Iterable[PriceRule]) -> list[PriceLine]:
    """Taxes and fees on a car sold for `gross` (VAT included), one line per kind of rule."""
    by_kind: dict[str, list[PriceRule]] = {}
    for rule in rules:
        by_kind.setdefault(rule.kind, []).append(rule)
    vat = max((rule.rate for rule in by_kind.pop(PriceRule.Kind.VAT, ())), default=ZERO)
    net = gross / (1 + vat)
    lines = []
    for kind in PriceRule.Kind.values:
        fitting = [rule for rule in by_kind.get(kind, ()) if _fits(rule, trim, net)]
        if not fitting:
            continue
        rule = max(fitting, key=lambda r: r.priority)
        amount = _apply(rule, gross=gross, net=net)
        lines.append(PriceLine(kind, amount, is_estimate=rule.is_estimate, source=rule.source))
    return lines


def _fits(rule: PriceRule, trim: Trim, net: Decimal) -> bool:
    if rule.energy_types and trim.energy_type not in rule.energy_types:
        return False
    if rule.max_displacement_l is not None:
        engine = trim.engine_displacement_l
        if engine is None or engine > rule.max_displacement_l:
            return False
    return rule.max_net_price is None or net <= rule.max_net_price


def _apply(rule: PriceRule, *, gross: Decimal, net: Decimal) -> Decimal:
    full = rule.rate * (net if rule.base == PriceRule.Base.NET else gross) + rule.amount
    relief = full * rule.relief_share
    if rule.relief_cap is not None:
        relief = min(relief, rule.relief_cap)
    return round_cent(full - relief)
