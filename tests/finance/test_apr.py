"""The annual percentage rate against the examples the European law was published with."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.finance.apr import NoRate, as_percentage, effective_rate, present_value
from catalog.finance.schedule import Loan, build_schedule


@pytest.mark.parametrize(
    ("credit", "payments", "per_cent"),
    [
        # Directive 98/7/EC, annex II (annex III of 87/102/EEC), part B: a year of twelve equal months.
        ("1000", [(18, "1200")], "12.92"),
        ("950", [(18, "1200")], "16.85"),
        ("1000", [(12, "600"), (24, "600")], "13.07"),
        ("1000", [(3, "272"), (6, "272"), (12, "544")], "13.19"),
    ],
)
def test_the_examples_of_the_directive(credit: str, payments: list[tuple[int, str]], per_cent: str) -> None:
    rate = effective_rate(Decimal(credit), [(month, Decimal(amount)) for month, amount in payments])
    assert as_percentage(rate) == Decimal(per_cent)


def test_one_per_cent_a_month_is_more_than_twelve_a_year() -> None:
    rows = build_schedule(Loan(Decimal(100000), 24, Decimal("0.12")))
    assert as_percentage(effective_rate(Decimal(100000), [(row.number, row.due) for row in rows])) == Decimal("12.68")


def test_a_fee_on_an_interest_free_credit_shows_in_the_rate() -> None:
    rows = build_schedule(Loan(Decimal(50000) + 1500, 24, Decimal(0)))
    flows = [(row.number, row.due) for row in rows]
    assert effective_rate(Decimal(51500), flows) == 0
    assert as_percentage(effective_rate(Decimal(50000), flows)) == Decimal("2.89")


def test_chinas_flat_instalment_fee_is_about_twice_as_dear_as_it_sounds() -> None:
    """0.3 % of the sum every month, paid back in twelfths: 3.6 % in the shop window, 6.8 % by the rate of return."""
    flows = [(month, Decimal(12000) / 12 + Decimal(36)) for month in range(1, 13)]
    assert Decimal("6.7") < as_percentage(effective_rate(Decimal(12000), flows)) < Decimal("6.9")


@pytest.mark.parametrize(("credit", "paid"), [("1000", "999.99"), ("0", "10"), ("-5", "10")])
def test_no_rate_is_made_up_where_there_is_none(credit: str, paid: str) -> None:
    with pytest.raises(NoRate):
        effective_rate(Decimal(credit), [(12, Decimal(paid))])


@given(
    st.decimals(Decimal(100), Decimal(2000000), places=2),
    st.integers(12, 84),
    st.decimals(Decimal(0), Decimal(1), places=5),
    st.decimals(Decimal(0), Decimal("0.6"), places=3),
    st.decimals(Decimal(0), Decimal(5000), places=2),
)
def test_the_rate_gives_the_credit_back(
    credit: Decimal, months: int, nominal: Decimal, share: Decimal, fee: Decimal
) -> None:
    balloon = (credit * share).quantize(Decimal("0.01"), "ROUND_DOWN")
    rows = build_schedule(Loan(credit + fee, months, nominal, balloon))
    flows = [(row.number, row.due) for row in rows]
    rate = effective_rate(credit, flows)
    assert rate >= 0
    assert abs(present_value(rate, flows) - credit) < Decimal("1e-6")
