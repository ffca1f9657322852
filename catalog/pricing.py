"""The price of a car, built up line by line from dated rules to the on-the-road total."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Self

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from o2o_platform.freshness import Fresh
from o2o_platform.interface.formats import format_percent
from o2o_platform.markets.models import SalesModel, usual_label

from .models import Colour, ColourPrice, Offer, Option, OptionPrice, PriceRule, Trim

CENT = Decimal("0.01")
ZERO = Decimal("0.00")

_LABELS: Mapping[str, Any] = {
    "list_price": _("List price"),
    "colour": _("Paint"),
    "option": _("Option"),
    "discount": _("Dealership discount"),
    "campaign": _("Campaign"),
    "extra": _("Extra"),
    "net": _("net price"),
    **{str(kind): label for kind, label in PriceRule.Kind.choices},
}


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One line: `amount` in the breakdown's currency, negative for a discount.

    `source` is the law or data a tax or fee comes from. An included line is a part of the contract
    price ("of which"), never added to it. As JSON it is frozen on the order.
    """

    kind: str
    amount: Decimal
    name: str = ""
    name_zh: str = ""
    is_estimate: bool = False
    source: str = ""
    is_included: bool = False

    @property
    def label(self) -> str:
        """Kind and name in the reader's language."""
        kind, name = str(_LABELS[self.kind]), self.name_label
        return f"{kind} · {name}" if name else kind

    @property
    def name_label(self) -> str:
        """The name in the reader's language; of a tax in the price, its rate."""
        if self.is_included and self.name.endswith("%"):
            return format_percent(Decimal(self.name[:-1]))
        return usual_label(self.name, self.name_zh)

    @property
    def in_contract(self) -> bool:
        """Whether the seller is paid it; the rest goes to the state and insurers."""
        return self.kind in ("list_price", "colour", "option", "discount", "campaign", "extra")

    @property
    def is_fee(self) -> bool:
        """Whether it comes on top of the contract price."""
        return not self.in_contract and not self.is_included

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "amount": str(self.amount),
            "name": self.name,
            "name_zh": self.name_zh,
            "is_estimate": self.is_estimate,
            "source": self.source,
            "is_included": self.is_included,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**data, "amount": Decimal(data["amount"])})


@dataclass(frozen=True, slots=True)
class PriceBreakdown:
    """Lines that sum to the contract price (VAT included) and on to the on-the-road price.

    `included` says what is in the contract price already, such as VAT; it is not summed.
    """

    lines: tuple[PriceLine, ...]
    currency: str
    included: tuple[PriceLine, ...] = ()

    @property
    def contract_total(self) -> Decimal:
        return sum((line.amount for line in self.lines if line.in_contract), ZERO)

    @property
    def on_the_road_total(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)

    def as_json(self) -> list[dict[str, Any]]:
        return [line.as_json() for line in (*self.lines, *self.included)]


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
    extras: Iterable[PriceLine] = (),
) -> PriceBreakdown:
    """The price of `offer.trim` on a date, in the market's currency.

    `rules` and the colour's `surcharge` save their queries when the caller has them already.
    A discount is never more than the price: at least one cent is left; in an agency sale the
    price is the same everywhere, and there is none. An option that a chosen
    bundle includes has a line of zero. `extras` are sold with the car: VAT is in them, taxes on
    the car are not levied on them.
    """
    lines = _equipped(offer, colour, surcharge, list(options))
    gross = sum((line.amount for line in lines), ZERO)
    if discount and offer.sales_model != SalesModel.AGENCY:
        discount = min(discount, gross - CENT)
        lines.append(PriceLine("discount", -discount))
        gross -= discount
    if rules is None:
        rules = rules_on(offer.market_id, on)
    extras = list(extras)
    besides = sum((line.amount for line in extras), ZERO)
    taxes = tax_lines(trim=offer.trim, gross=gross, rules=rules, besides=besides)
    lines += extras
    lines += [line for line in taxes if not line.is_included]
    included = tuple(line for line in taxes if line.is_included)
    return PriceBreakdown(tuple(lines), offer.market.currency, included)


def _equipped(offer: Offer, colour: Colour | None, surcharge: Decimal | None, options: list[Option]) -> list[PriceLine]:
    """The car as it is built: list price, paint, options."""
    lines = [PriceLine("list_price", offer.list_price)]
    if colour is not None:
        surcharge = colour_surcharge(colour, offer.market_id) if surcharge is None else surcharge
        if surcharge:
            lines.append(PriceLine("colour", surcharge, colour.name, colour.name_zh))
    if options:
        prices = option_prices(options, offer.market_id)
        lines += [PriceLine("option", prices.get(o.pk, ZERO), o.name, o.name_zh) for o in options]
    return lines


def option_prices(options: Iterable[Option], market: str) -> dict[int, Decimal]:
    """What each of these options adds in a market, VAT included; one query.

    Those that cost nothing are left out, and those a chosen bundle includes: its price stands for them.
    """
    chosen = [option.pk for option in options]
    in_bundle = Option.includes.through.objects.filter(to_option=OuterRef("option"), from_option__in=chosen)
    prices = OptionPrice.objects.filter(~Exists(in_bundle), option__in=chosen, market=market)
    return dict(prices.values_list("option_id", "amount"))


def colour_surcharge(colour: Colour, market: str) -> Decimal:
    """What the colour adds in a market, VAT included."""
    prices = ColourPrice.objects.filter(colour=colour, market=market)
    return prices.values_list("amount", flat=True).first() or ZERO


def rules_on(market: str, on: dt.date) -> list[PriceRule]:
    """The rules of a market in force on a date."""
    return list(PriceRule.objects.filter(market=market, validity__contains=on))


def shown_rules(market: str, on: dt.date) -> list[PriceRule]:
    """The same for pages, from memory and a second old at most; an order reads them itself."""
    return [rule for rule in _rules.get(market) if on in rule.validity]


def tax_lines(*, trim: Trim, gross: Decimal, rules: Iterable[PriceRule], besides: Decimal = ZERO) -> list[PriceLine]:
    """Taxes and fees on a car sold for `gross` (VAT included), one line per kind of rule.

    VAT is in what is sold `besides` the car too.
    Of the rules of a kind that fit, the highest priority wins, then the one in force later.
    """
    by_kind: dict[str, list[PriceRule]] = {}
    for rule in rules:
        by_kind.setdefault(rule.kind, []).append(rule)
    vat = _winner(by_kind.pop(PriceRule.Kind.VAT, ()), trim, gross)
    net = gross if vat is None else gross / (1 + vat.rate)
    whole = gross + besides
    lines = _vat_lines(vat, whole, whole if vat is None else whole / (1 + vat.rate))
    for kind in PriceRule.Kind.values:
        rule = _winner(by_kind.get(kind, ()), trim, net)
        if rule is not None:
            amount = _apply(rule, gross=gross, net=net)
            if amount or not rule.is_included:
                lines.append(_line(rule, amount))
    return lines


def _vat_lines(vat: PriceRule | None, gross: Decimal, net: Decimal) -> list[PriceLine]:
    """The price as net and VAT, where the market's rule says that it is shown so."""
    if vat is None or not vat.is_included:
        return []
    shown = round_cent(net)
    return [PriceLine("net", shown, source=vat.source, is_included=True), _line(vat, gross - shown)]


def vat_breakdown(*, trim: Trim, gross: Decimal, rules: Iterable[PriceRule]) -> tuple[PriceLine, PriceLine] | None:
    """Net and VAT in a sum with VAT, whether or not prices of the market are shown so; None without a rule of VAT."""
    vat = _winner((rule for rule in rules if rule.kind == PriceRule.Kind.VAT), trim, gross)
    if vat is None:
        return None
    net = round_cent(gross / (1 + vat.rate))
    name = f"{(vat.rate * 100).normalize():f}%"
    return (
        PriceLine("net", net, source=vat.source, is_included=True),
        PriceLine("vat", gross - net, name=name, source=vat.source, is_included=True),
    )


def _line(rule: PriceRule, amount: Decimal) -> PriceLine:
    name = f"{(rule.rate * 100).normalize():f}%" if rule.is_included and rule.rate else ""
    return PriceLine(
        str(rule.kind),
        amount,
        name=name,
        is_estimate=rule.is_estimate,
        source=rule.source,
        is_included=rule.is_included,
    )


def _winner(rules: Iterable[PriceRule], trim: Trim, net: Decimal) -> PriceRule | None:
    fitting = (rule for rule in rules if _fits(rule, trim, net))
    return max(fitting, key=lambda rule: (rule.priority, rule.validity.lower or dt.date.min), default=None)


def _fits(rule: PriceRule, trim: Trim, net: Decimal) -> bool:
    if rule.energy_types and trim.energy_type not in rule.energy_types:
        return False
    if rule.max_displacement_l is not None:
        engine = trim.engine_displacement_l
        if engine is None or engine > rule.max_displacement_l:
            return False
    if rule.min_net_price is not None and net < rule.min_net_price:
        return False
    return rule.max_net_price is None or net <= rule.max_net_price


def _apply(rule: PriceRule, *, gross: Decimal, net: Decimal) -> Decimal:
    """A tax that is in the price already is a part of what it was levied on: rate / (1 + rate) of it."""
    base = net if rule.base == PriceRule.Base.NET else gross
    rate = rule.rate / (1 + rule.rate) if rule.is_included else rule.rate
    full = rate * base + rule.amount
    relief = full * rule.relief_share
    if rule.relief_cap is not None:
        relief = min(relief, rule.relief_cap)
    return round_cent(full - relief)


def _read_rules(market: str) -> list[PriceRule]:
    return list(PriceRule.objects.filter(market=market))


_rules = Fresh(_read_rules)
