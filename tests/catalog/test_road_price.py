"""The on-the-road price by market: what is added, what is in the price already, and rules as data alone."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalog.models import Offer, PriceRule, Trim
from catalog.pricing import PriceBreakdown, PriceLine, build_price, rules_on
from o2o_platform.markets.models import Market
from tests import factories

CENT = Decimal("0.01")


@pytest.fixture
def rules(db: None) -> None:
    call_command("load_reference", verbosity=0)


def price(market: str, gross: str, on: str, *, energy: str = "petrol", engine: str | None = "1.5") -> PriceBreakdown:
    trim = Trim(energy_type=energy, engine_displacement_l=Decimal(engine) if engine else None)
    offer = Offer(trim=trim, market=Market.objects.get(code=market), list_price=Decimal(gross))
    return build_price(offer=offer, on=dt.date.fromisoformat(on))


def added(breakdown: PriceBreakdown) -> dict[str, Decimal]:
    return {line.kind: line.amount for line in breakdown.lines}


def included(breakdown: PriceBreakdown) -> dict[str, Decimal]:
    return {line.kind: line.amount for line in breakdown.included}


@pytest.mark.parametrize(
    ("on", "engine", "amount"),
    [
        ("2009-01-19", "1.6", "10000.00"),
        ("2009-01-20", "1.6", "5000.00"),
        ("2009-01-20", "1.61", "10000.00"),
        ("2009-12-31", "1.6", "5000.00"),
        ("2010-01-01", "1.6", "7500.00"),
        ("2010-12-31", "1.6", "7500.00"),
        ("2011-01-01", "1.6", "10000.00"),
        ("2015-10-01", "1.60", "5000.00"),
        ("2015-10-01", "1.61", "10000.00"),
    ],
)
def test_small_engines_in_the_early_years(rules: None, on: str, engine: str, amount: str) -> None:
    assert added(price("CN", "117000", on, engine=engine))["purchase_tax"] == Decimal(amount)


def test_an_electric_car_without_displacement_is_no_small_engine(rules: None) -> None:
    assert added(price("CN", "113000", "2028-06-01", energy="bev", engine=None))["purchase_tax"] == 10000


@pytest.mark.parametrize(
    ("gross", "on", "energy", "amount"),
    [
        ("1521000", "2016-11-30", "petrol", None),
        ("1521000", "2016-12-01", "petrol", "130000.00"),  # 1,300,000 without 17 % VAT: from there on
        ("1520999.99", "2016-12-01", "petrol", None),
        ("1469000", "2025-07-19", "petrol", "130000.00"),  # 13 % VAT
        ("1468999.99", "2025-07-19", "petrol", None),
        ("1469000", "2025-07-19", "bev", None),
        ("1017000", "2025-07-19", "petrol", None),
        ("1017000", "2025-07-20", "petrol", "90000.00"),  # 900,000
        ("1016999.99", "2025-07-20", "petrol", None),
        ("1017000", "2025-07-20", "bev", "90000.00"),
        ("2260000", "2026-11-01", "fcev", "200000.00"),
    ],
)
def test_luxury_tax_by_day_and_price(rules: None, gross: str, on: str, energy: str, amount: str | None) -> None:
    lines = added(price("CN", gross, on, energy=energy, engine=None if energy in ("bev", "fcev") else "4.0"))
    assert lines.get("luxury_tax") == (Decimal(amount) if amount else None)


def test_luxury_tax_is_paid_on_top(rules: None) -> None:
    breakdown = price("CN", "1130000", "2026-11-01", engine="4.0")
    assert breakdown.contract_total == 1_130_000
    assert added(breakdown) == {
        "list_price": Decimal("1130000"),
        "purchase_tax": Decimal("100000.00"),
        "luxury_tax": Decimal("100000.00"),
        "plate": Decimal("125.00"),
        "insurance": Decimal("14510.00"),
    }
    assert breakdown.on_the_road_total == Decimal("1344635.00")
    assert breakdown.included == ()


@pytest.mark.parametrize(
    ("on", "net", "vat"),
    [
        ("2020-06-30", "33613.45", "6386.55"),
        ("2020-07-01", "34482.76", "5517.24"),  # 16 % in the second half of 2020
        ("2020-12-31", "34482.76", "5517.24"),
        ("2021-01-01", "33613.45", "6386.55"),
    ],
)
def test_a_german_price_is_shown_as_net_and_vat(rules: None, on: str, net: str, vat: str) -> None:
    breakdown = price("DE", "40000", on)
    assert included(breakdown) == {"net": Decimal(net), "vat": Decimal(vat)}
    assert breakdown.contract_total == 40000
    assert breakdown.included[1].name == ("16%" if "2020-07" <= on < "2021" else "19%")


def test_a_german_car_is_brought_registered_and_plated(rules: None) -> None:
    breakdown = price("DE", "40000", "2026-11-01")
    lines = {line.kind: line for line in breakdown.lines}
    assert set(lines) == {"list_price", "transfer", "registration", "plate"}
    assert all(line.is_estimate and line.source for line in breakdown.lines if line.is_fee)
    assert breakdown.on_the_road_total == 40000 + sum(line.amount for line in breakdown.lines if line.is_fee)


@pytest.mark.parametrize(
    ("energy", "engine", "on", "excise"),
    [
        ("petrol", "2.0", "2026-11-01", "3006.79"),  # 3.1 % within 100,000 net
        ("petrol", "2.01", "2026-11-01", "15682.97"),  # 18.6 %
        ("diesel", "3.0", "2026-11-01", "15682.97"),
        ("hev", "2.0", "2019-12-31", "3006.79"),
        ("hev", "2.0", "2020-01-01", "1526.34"),  # 1.55 %
        ("mhev", "2.0", "2026-11-01", "1526.34"),
        ("hev", "2.5", "2026-11-01", "8508.69"),  # 9.3 %
        ("hev", "3.5", "2026-11-01", "8508.69"),
        ("hev", "3.51", "2026-11-01", "15682.97"),
        ("phev", "2.5", "2026-11-01", "8508.69"),
        ("phev", "2.0", "2029-12-31", None),
        ("phev", "2.0", "2030-01-01", "8508.69"),
        ("bev", None, "2026-11-01", None),
    ],
)
def test_polish_excise_is_in_the_list_price(
    rules: None, energy: str, engine: str | None, on: str, excise: str | None
) -> None:
    breakdown = price("PL", "123000", on, energy=energy, engine=engine)
    assert included(breakdown).get("excise") == (Decimal(excise) if excise else None)
    assert included(breakdown)["net"] == 100000
    assert included(breakdown)["vat"] == 23000
    assert set(added(breakdown)) == {"list_price", "plate", "registration"}


def test_included_lines_are_frozen_on_the_order_apart_from_the_fees(rules: None) -> None:
    breakdown = price("PL", "123000", "2026-11-01")
    lines = [PriceLine.from_json(line) for line in breakdown.as_json()]
    assert sum(line.amount for line in lines if line.in_contract) == breakdown.contract_total
    assert sum(line.amount for line in lines if not line.is_included) == breakdown.on_the_road_total
    assert [line.kind for line in lines if line.is_included] == ["net", "vat", "excise"]


def test_lines_frozen_before_included_ones_existed_are_still_read() -> None:
    line = PriceLine.from_json(
        {"kind": "plate", "amount": "1", "name": "", "name_zh": "", "is_estimate": True, "source": ""}
    )
    assert line.is_fee


def test_next_years_rule_is_a_row_and_nothing_else(rules: None) -> None:
    before = added(price("CN", "113000", "2027-12-31", engine="2.0"))
    PriceRule.objects.create(
        market_id="CN",
        kind="purchase_tax",
        validity=(dt.date(2028, 1, 1), dt.date(2029, 1, 1)),
        max_displacement_l=Decimal("2.0"),
        priority=10,
        rate=Decimal("0.06"),
        source="a law of 2028",
    )
    assert before["purchase_tax"] == 10000
    assert added(price("CN", "113000", "2028-01-01", engine="2.0"))["purchase_tax"] == 6000
    assert added(price("CN", "113000", "2028-01-01", engine="2.1"))["purchase_tax"] == 10000
    assert added(price("CN", "113000", "2029-01-01", engine="2.0"))["purchase_tax"] == 10000


def test_of_two_rules_alike_the_newer_wins(rules: None) -> None:
    PriceRule.objects.create(
        market_id="DE", kind="vat", validity=(dt.date(2028, 1, 1), None), rate=Decimal("0.2"), is_included=True
    )
    assert included(price("DE", "12000", "2028-01-01"))["vat"] == 2000
    assert included(price("DE", "11900", "2027-12-31"))["vat"] == 1900


def test_an_option_in_a_chosen_bundle_costs_nothing_by_itself(rules: None, django_assert_num_queries: object) -> None:
    part, bundle, other = (
        factories.make_option(name, price=amount)
        for name, amount in (("Heated seats", "1500"), ("Winter package", "4000"), ("Tow bar", "4500"))
    )
    bundle.includes.add(part)
    offer = factories.make_offer(factories.make_trim())
    rules_today = rules_on("CN", dt.date(2026, 11, 1))

    def options(*chosen: object) -> list[tuple[str, Decimal]]:
        with django_assert_num_queries(1):  # type: ignore[operator]
            breakdown = build_price(offer=offer, on=dt.date(2026, 11, 1), options=chosen, rules=rules_today)  # type: ignore[arg-type]
        return [(line.name, line.amount) for line in breakdown.lines if line.kind == "option"]

    assert options(part, other) == [("Heated seats", Decimal(1500)), ("Tow bar", Decimal(4500))]
    assert options(part, bundle) == [("Heated seats", Decimal(0)), ("Winter package", Decimal(4000))]
    assert options(bundle, part, other)[1] == ("Heated seats", Decimal(0))


days = st.dates(dt.date(2009, 1, 1), dt.date(2031, 12, 31))
prices = st.decimals(Decimal("5000"), Decimal("6000000"), places=2)
engines = st.one_of(st.none(), st.decimals(Decimal("0.6"), Decimal("6.5"), places=2))
energies = st.sampled_from(["petrol", "diesel", "mhev", "hev", "phev", "erev", "bev", "fcev"])


class RoadPriceProperties(TestCase):
    """What holds in every market for any car on any day."""

    @classmethod
    def setUpTestData(cls) -> None:
        call_command("load_reference", verbosity=0)
        cls.markets = {market.pk: market for market in Market.objects.all()}

    @given(market=st.sampled_from(["CN", "DE", "PL"]), gross=prices, on=days, energy=energies, engine=engines)
    def test_totals_are_sums_in_whole_cents(
        self, market: str, gross: Decimal, on: dt.date, energy: str, engine: Decimal | None
    ) -> None:
        trim = Trim(energy_type=energy, engine_displacement_l=engine)
        breakdown = build_price(offer=Offer(trim=trim, market=self.markets[market], list_price=gross), on=on)
        everything = [*breakdown.lines, *breakdown.included]
        assert breakdown.on_the_road_total == sum(line.amount for line in breakdown.lines)
        assert all(line.amount >= 0 and line.amount == line.amount.quantize(CENT) for line in everything)
        parts = {line.kind: line.amount for line in breakdown.included}
        if parts:
            assert parts["net"] + parts["vat"] == breakdown.contract_total == gross
            assert parts.get("excise", 0) < parts["net"]

    @given(gross=prices, on=days, energy=energies, engine=engines)
    def test_relief_is_never_above_its_cap(
        self, gross: Decimal, on: dt.date, energy: str, engine: Decimal | None
    ) -> None:
        trim = Trim(energy_type=energy, engine_displacement_l=engine)
        offer = Offer(trim=trim, market=self.markets["CN"], list_price=gross)
        rules = rules_on("CN", on)
        caps = [rule.relief_cap for rule in rules if rule.relief_cap is not None and energy in rule.energy_types]
        waived = [rule for rule in rules if rule.kind == "purchase_tax" and energy in rule.energy_types]
        tax = next(
            line.amount for line in build_price(offer=offer, on=on, rules=rules).lines if line.kind == "purchase_tax"
        )
        vat = max(rule.rate for rule in rules if rule.kind == "vat")
        full = (gross / (1 + vat) * Decimal("0.1")).quantize(CENT)
        if not waived:
            assert abs(full - tax) <= CENT
        if caps:
            assert full - tax <= max(caps) + CENT
