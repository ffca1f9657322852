"""Instalments: exact to the cent whatever the sum, the rate, the term and the balloon."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.finance.schedule import CENT, Loan, build_schedule, monthly_payment


@pytest.mark.parametrize(
    ("financed", "months", "rate", "payment"),
    [
        # Equal instalments as banks publish them; the last two are textbook annuities.
        ("200000", 360, "0.065", "1264.14"),
        ("100000", 12, "0.12", "8884.88"),
        ("10000", 36, "0.06", "304.22"),
        ("20000", 60, "0.05", "377.42"),
        ("12000", 12, "0", "1000.00"),
    ],
)
def test_the_instalments_of_published_examples(financed: str, months: int, rate: str, payment: str) -> None:
    assert monthly_payment(Loan(Decimal(financed), months, Decimal(rate))) == Decimal(payment)


def test_a_balloon_lowers_the_instalment_and_is_due_at_the_end() -> None:
    # 30,000 over 48 months at 4.8 %: 412.90 pay off 18,000, and 48.00 are the interest on the 12,000 left.
    loan = Loan(Decimal(30000), 48, Decimal("0.048"), Decimal(12000))
    rows = build_schedule(loan)
    assert rows[0].payment == Decimal("460.90")
    assert rows[-1].balloon == 12000
    assert sum(row.principal for row in rows) == 18000
    assert rows[-1].balance == 0


def test_the_last_instalment_absorbs_the_rounding() -> None:
    rows = build_schedule(Loan(Decimal("100.00"), 12, Decimal(0)))
    assert [row.payment for row in rows[:-1]] == [Decimal("8.33")] * 11
    assert rows[-1].payment == Decimal("8.37")


def test_the_first_months_interest_is_a_twelfth_of_the_year_s() -> None:
    row = build_schedule(Loan(Decimal(120000), 36, Decimal("0.04")))[0]
    assert row.interest == 400
    assert row.principal == row.payment - 400


sums = st.decimals(Decimal("0.01"), Decimal("5000000"), places=2)
rates = st.decimals(Decimal(0), Decimal(1), places=5)
terms = st.integers(12, 84)
shares = st.decimals(Decimal(0), Decimal(1), places=3)


def loan_of(financed: Decimal, months: int, rate: Decimal, share: Decimal) -> Loan:
    return Loan(financed, months, rate, (financed * share).quantize(CENT, "ROUND_DOWN"))


@given(sums, terms, rates, shares)
def test_every_schedule_sums_exactly(financed: Decimal, months: int, rate: Decimal, share: Decimal) -> None:
    loan = loan_of(financed, months, rate, share)
    rows = build_schedule(loan)
    assert [row.number for row in rows] == list(range(1, months + 1))
    assert sum(row.principal + row.balloon for row in rows) == financed
    assert all(row.payment == row.interest + row.principal for row in rows)
    assert all(row.payment == row.payment.quantize(CENT) for row in rows)
    assert rows[-1].balloon == loan.balloon


@given(sums, terms, rates, shares)
def test_no_balance_is_negative_and_none_grows(financed: Decimal, months: int, rate: Decimal, share: Decimal) -> None:
    rows = build_schedule(loan_of(financed, months, rate, share))
    owed = [financed, *(row.balance for row in rows)]
    assert owed == sorted(owed, reverse=True)
    assert owed[-1] == 0
    assert min(min(row.interest, row.principal, row.payment) for row in rows) >= 0


@given(sums, terms, rates, rates, shares)
def test_a_higher_rate_never_costs_less(
    financed: Decimal, months: int, rate: Decimal, other: Decimal, share: Decimal
) -> None:
    low, high = sorted((rate, other))
    assert monthly_payment(loan_of(financed, months, low, share)) <= monthly_payment(
        loan_of(financed, months, high, share)
    )


@given(st.decimals(Decimal(1000), Decimal(5000000), places=2), terms, rates, shares)
def test_the_last_instalment_is_close_to_the_others(
    financed: Decimal, months: int, rate: Decimal, share: Decimal
) -> None:
    """Half a cent of rounding a month, with its interest, is all it absorbs."""
    loan = loan_of(financed, months, rate, share)
    rows = build_schedule(loan)
    drift = sum((1 + loan.period_rate) ** month for month in range(months)) * CENT
    assert abs(rows[-1].payment - rows[0].payment) <= drift
