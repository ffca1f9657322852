"""China's purchase tax against published figures, day by day around each change of the rules."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalog.models import Offer, PriceRule, Trim
from catalog.pricing import PriceBreakdown, build_price, rules_on, tax_lines
from o2o_platform.markets.models import Market


@pytest.fixture
def rules(db: None) -> None:
    call_command("load_reference", verbosity=0)


def price(gross: str, on: str, *, energy: str = "petrol", engine: str | None = "1.5") -> PriceBreakdown:
    trim = Trim(energy_type=energy, engine_displacement_l=Decimal(engine) if engine else None)
    offer = Offer(trim=trim, market=Market.objects.get(code="CN"), list_price=Decimal(gross))
    return build_price(offer=offer, on=dt.date.fromisoformat(on))


def tax(gross: str, on: str, **car: str | None) -> Decimal:
    [line] = [line for line in price(gross, on, **car).lines if line.kind == "purchase_tax"]
    return line.amount


@pytest.mark.parametrize(
    ("gross", "on", "energy", "engine", "published"),
    [
        ("263500", "2026-06-01", "bev", None, "11659.29"),
        ("894900", "2025-06-01", "bev", None, "49194.69"),
        ("894900", "2026-06-01", "bev", None, "64194.69"),
        ("98800", "2014-07-03", "petrol", "1.5", "8444.44"),
    ],
)
def test_the_published_figures(
    rules: None, gross: str, on: str, energy: str, engine: str | None, published: str
) -> None:
    assert tax(gross, on, energy=energy, engine=engine) == Decimal(published)


@pytest.mark.parametrize(
    ("gross", "on", "amount"),
    [
        ("117000", "2018-04-30", "10000.00"),  # VAT 17 %
        ("116000", "2018-05-01", "10000.00"),  # VAT 16 %
        ("116000", "2019-03-31", "10000.00"),
        ("113000", "2019-04-01", "10000.00"),  # VAT 13 %
    ],
)
def test_the_tax_is_a_tenth_of_the_price_without_the_vat_of_the_day(
    rules: None, gross: str, on: str, amount: str
) -> None:
    assert tax(gross, on, engine="3.0") == Decimal(amount)


@pytest.mark.parametrize(
    ("on", "gross", "amount"),
    [
        ("2014-08-31", "117000", "10000.00"),
        ("2014-09-01", "117000", "0.00"),
        ("2023-12-31", "1130000", "0.00"),
        ("2024-01-01", "1130000", "70000.00"),  # exempt up to 30,000
        ("2024-01-01", "339000", "0.00"),
        ("2025-12-31", "339000", "0.00"),
        ("2026-01-01", "339000", "15000.00"),  # half, at most 15,000
        ("2027-12-31", "1130000", "85000.00"),
        ("2028-01-01", "1130000", "100000.00"),
    ],
)
@pytest.mark.parametrize("energy", ["bev", "phev", "erev", "fcev"])
def test_new_energy_relief_day_by_day(rules: None, on: str, gross: str, amount: str, energy: str) -> None:
    assert tax(gross, on, energy=energy, engine=None if energy == "bev" else "1.5") == Decimal(amount)


@pytest.mark.parametrize(
    ("on", "gross", "engine", "amount"),
    [
        ("2015-09-30", "117000", "1.6", "10000.00"),
        ("2015-10-01", "117000", "1.6", "5000.00"),
        ("2015-10-01", "117000", "1.8", "10000.00"),
        ("2016-12-31", "117000", "1.6", "5000.00"),
        ("2017-01-01", "117000", "1.6", "7500.00"),
        ("2017-12-31", "117000", "1.6", "7500.00"),
        ("2018-01-01", "117000", "1.6", "10000.00"),
        ("2022-05-31", "113000", "2.0", "10000.00"),
        ("2022-06-01", "113000", "2.0", "5000.00"),
        ("2022-06-01", "113000", "2.5", "10000.00"),
        ("2022-06-01", "339000", "2.0", "15000.00"),
        ("2022-06-01", "339001.13", "2.0", "30000.10"),  # net above 300,000
        ("2022-12-31", "113000", "2.0", "5000.00"),
        ("2023-01-01", "113000", "2.0", "10000.00"),
    ],
)
def test_small_engine_relief_day_by_day(rules: None, on: str, gross: str, engine: str, amount: str) -> None:
    assert tax(gross, on, engine=engine) == Decimal(amount)


def test_an_electric_car_keeps_the_better_rule_when_small_engines_have_one_too(rules: None) -> None:
    assert tax("339000", "2022-06-01", energy="phev", engine="1.5") == 0


def test_plate_and_insurance_are_marked_as_estimates(rules: None) -> None:
    lines = {line.kind: line for line in price("98800", "2026-11-01").lines}
    assert lines["plate"].amount == 125
    assert lines["insurance"].amount == Decimal("2135.60")
    assert lines["plate"].is_estimate
    assert lines["insurance"].is_estimate
    assert not lines["purchase_tax"].is_estimate


days = st.dates(dt.date(2010, 1, 1), dt.date(2030, 12, 31))
prices = st.decimals(Decimal("10000"), Decimal("5000000"), places=2)
engines = st.one_of(st.none(), st.decimals(Decimal("0.6"), Decimal("6.5"), places=1))
energies = st.sampled_from(["petrol", "diesel", "mhev", "hev", "phev", "erev", "bev", "fcev"])


class PriceProperties(TestCase):
    """What holds for any car on any day."""

    @classmethod
    def setUpTestData(cls) -> None:
        call_command("load_reference", verbosity=0)

    @given(gross=prices, on=days, energy=energies, engine=engines)
    def test_the_total_is_the_sum_of_lines_and_no_line_is_negative(
        self, gross: Decimal, on: dt.date, energy: str, engine: Decimal | None
    ) -> None:
        offer = Offer(
            trim=Trim(energy_type=energy, engine_displacement_l=engine),
            market=Market.objects.get(code="CN"),
            list_price=gross,
        )
        breakdown = build_price(offer=offer, on=on)
        assert breakdown.on_the_road_total == sum(line.amount for line in breakdown.lines)
        assert breakdown.contract_total == gross
        assert min(line.amount for line in breakdown.lines) >= 0

    @given(gross=prices, more=prices, on=days, energy=energies, engine=engines)
    def test_a_dearer_car_is_never_taxed_less(
        self, gross: Decimal, more: Decimal, on: dt.date, energy: str, engine: Decimal | None
    ) -> None:
        trim = Trim(energy_type=energy, engine_displacement_l=engine)
        rules: list[PriceRule] = rules_on("CN", on)
        cheap, dear = sorted((gross, more))

        def total(price: Decimal) -> Decimal:
            return sum((line.amount for line in tax_lines(trim=trim, gross=price, rules=rules)), Decimal(0))

        assert total(cheap) <= total(dear)
