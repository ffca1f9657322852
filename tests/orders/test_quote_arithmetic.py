"""The sums of a quote, for any list price, discount, extras and old car."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Colour, Offer, PriceRule, Trim
from o2o_platform.markets.models import Market
from orders import exceptions
from orders.models import SaleRule, Terms
from orders.services.conditions import SaleConditions, deposit_asked
from orders.services.quoting import Extra, QuoteTerms, largest_discount, price_quote

TODAY = dt.date(2026, 11, 22)


def money(low: str, high: str) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=2)


def conditions(list_price: Decimal, deposit: Decimal, kind: str) -> SaleConditions:
    market = Market(code="CN", currency="CNY", time_zone="Asia/Shanghai")
    trim = Trim(energy_type="petrol", engine_displacement_l=Decimal("1.5"))
    offer = Offer(trim=trim, market=market, list_price=list_price, deposit_amount=deposit, deposit_kind=kind)
    always = SimpleNamespace(lower=None)
    rules = [
        PriceRule(kind="vat", rate=Decimal("0.13"), validity=always, source="test"),
        PriceRule(kind="purchase_tax", rate=Decimal("0.10"), validity=always, source="test"),
    ]
    return SaleConditions(offer, Colour(), Decimal("0.00"), rules, Terms(), TODAY, SaleRule())


@given(
    list_price=money("1000", "3000000"),
    percent=st.decimals("0", "30", places=1),
    taken_off=money("0", "500000"),
    discount=money("0", "1000000"),
    extras=st.lists(money("0", "100000"), max_size=6),
    trade_in=money("0", "3500000"),
    deposit=money("0", "50000"),
    kind=st.sampled_from(["refundable", "earnest"]),
)
def test_every_quote_adds_up_to_the_cent(list_price, percent, taken_off, discount, extras, trade_in, deposit, kind):
    sale = conditions(list_price, deposit, kind)
    terms = QuoteTerms(
        valid_until=timezone.now(),
        discount=discount,
        extras=tuple(Extra(f"extra {number}", amount) for number, amount in enumerate(extras)),
        trade_in_value=trade_in,
    )
    try:
        price = price_quote(sale, terms, taken_off=taken_off, options=[], percent=percent)
    except exceptions.DiscountTooHigh:
        assert discount > list_price * percent / 100 - Decimal("0.01")
        return
    except exceptions.WrongQuote:
        total = list_price - taken_off - discount + sum(extras)
        assert taken_off + discount >= list_price or trade_in > total - deposit_asked(sale.offer, total)
        return
    assert discount <= largest_discount(list_price, percent) <= list_price * percent / 100
    assert price.contract_total == list_price - taken_off - discount + sum(extras)
    assert price.contract_total > 0
    assert price.on_the_road_total >= price.contract_total
    due_at_once = deposit_asked(sale.offer, price.contract_total)
    assert price.contract_total - trade_in >= due_at_once >= 0
    if kind == "earnest":
        assert due_at_once <= price.contract_total * Decimal("0.2")
    assert all(line.amount == line.amount.quantize(Decimal("0.01")) for line in price.lines)
