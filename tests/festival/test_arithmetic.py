"""What a campaign takes off: never more than the car, taxed on what is left, and the deposit still fits."""

import datetime as dt
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import given
from hypothesis import strategies as st

from catalog.campaign_price import CampaignTerms, taken_off, with_campaign
from catalog.campaign_standing import Standing, terms_of
from catalog.models import Campaign, Offer, PriceRule, Trim
from catalog.pricing import CENT, PriceBreakdown, PriceLine, tax_lines
from o2o_platform.markets.models import DepositKind
from orders.services.conditions import EARNEST_SHARE, deposit_asked

ALWAYS = DateRange(dt.date(2010, 1, 1), None)
TRIM = Trim(energy_type="petrol", engine_displacement_l=Decimal("1.5"))
RULES = [
    PriceRule(kind="vat", rate=Decimal("0.13"), validity=ALWAYS, source="", is_included=True),
    PriceRule(kind="purchase_tax", rate=Decimal("0.10"), validity=ALWAYS, source=""),
]
for number, rule in enumerate(RULES):
    rule.pk = number

money = st.decimals(min_value="0.01", max_value="900000", places=2)
some = st.one_of(st.just(Decimal(0)), money)


def breakdown(list_price: Decimal, own: Decimal, extra: Decimal) -> PriceBreakdown:
    """A car with a dealership's discount, as `build_price` makes it, and something sold with it."""
    own = min(own, list_price - CENT)
    car = [PriceLine("list_price", list_price), *([PriceLine("discount", -own)] if own else [])]
    extras = [PriceLine("extra", extra, "Mats")] if extra else []
    taxes = tax_lines(trim=TRIM, gross=list_price - own, rules=RULES, besides=extra)
    lines = (*car, *extras, *(line for line in taxes if not line.is_included))
    return PriceBreakdown(lines, "CNY", tuple(line for line in taxes if line.is_included))


def of_kind(price: PriceBreakdown, kind: str) -> Decimal:
    return sum((line.amount for line in (*price.lines, *price.included) if line.kind == kind), Decimal(0))


def in_campaign(usual: PriceBreakdown, off: Decimal, *, stacks: bool) -> PriceBreakdown:
    return with_campaign(usual, CampaignTerms(off, stacks, "Festival", ""), trim=TRIM, rules=RULES)


@given(list_price=money, own=some, extra=some, off=some, stacks=st.booleans())
def test_the_price_falls_by_the_right_discount_and_stays_above_zero(list_price, own, extra, off, stacks):
    usual = breakdown(list_price, own, extra)
    price = in_campaign(usual, off, stacks=stacks)
    own = -of_kind(usual, "discount")
    wanted = own + off if stacks else max(own, off)
    assert price.contract_total == max(list_price - wanted, CENT) + extra
    assert price.contract_total <= usual.contract_total
    assert sum(line.kind == "campaign" for line in price.lines) == 1
    assert 0 <= taken_off(price) <= off
    assert taken_off(price) or not of_kind(price, "campaign").is_signed()


@given(list_price=money, own=some, extra=some, off=some, stacks=st.booleans())
def test_taxes_are_those_of_a_car_sold_for_what_is_left(list_price, own, extra, off, stacks):
    price = in_campaign(breakdown(list_price, own, extra), off, stacks=stacks)
    fresh = tax_lines(trim=TRIM, gross=price.contract_total - extra, rules=RULES, besides=extra)
    assert [line for line in (*price.lines, *price.included) if not line.in_contract] == sorted(
        fresh, key=lambda line: line.is_included
    )
    assert of_kind(price, "net") + of_kind(price, "vat") == price.contract_total


@given(list_price=money, own=some, off=some, stacks=st.booleans(), deposit=money)
def test_the_deposit_is_at_most_the_price_and_earnest_money_at_most_a_fifth(list_price, own, off, stacks, deposit):
    total = in_campaign(breakdown(list_price, own, Decimal(0)), off, stacks=stacks).contract_total
    asked = {kind: deposit_asked(Offer(deposit_kind=kind, deposit_amount=deposit), total) for kind in DepositKind}
    assert asked[DepositKind.REFUNDABLE] == min(deposit, total)
    assert asked[DepositKind.EARNEST] <= total * EARNEST_SHARE


@given(list_price=money, own=some, off=money)
def test_stacking_never_costs_the_buyer_more(list_price, own, off):
    usual = breakdown(list_price, own, Decimal(0))
    assert in_campaign(usual, off, stacks=False).contract_total >= in_campaign(usual, off, stacks=True).contract_total
    assert in_campaign(usual, off, stacks=False).contract_total <= usual.contract_total


@given(
    steps=st.dictionaries(st.integers(1, 60), money, max_size=5),
    taken=st.integers(0, 80),
    discount=st.one_of(st.none(), money),
)
def test_the_step_with_the_fewest_places_that_are_left_counts(steps, taken, discount):
    birds = tuple(sorted(steps.items()))
    standing = Standing(taken=taken, total=80, by_trim={}, birds=birds, ahead=dt.timedelta())
    terms = terms_of(Campaign(discount=discount, name="x", name_zh=""), standing)
    fitting = [off for places, off in birds if places >= taken + 1]
    assert terms.discount == (discount or 0) + (fitting[0] if fitting else 0)
    if standing.bird:
        assert standing.bird.left == next(places for places, _off in birds if places > taken) - taken
    unbounded = Standing(taken=None, total=None, by_trim={}, birds=birds, ahead=dt.timedelta())
    assert terms_of(Campaign(discount=discount, name="x", name_zh=""), unbounded).discount == (discount or 0)
