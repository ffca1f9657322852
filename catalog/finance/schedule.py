"""Instalments of a loan, exact to the cent: annuities, and balloons paid with the last instalment."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Loan:
    """A sum financed for a number of months at a yearly rate compounded monthly.

    `balloon` is the part of the sum left for the end; it is never more than the sum.
    """

    financed: Decimal
    months: int
    nominal_rate: Decimal
    balloon: Decimal = ZERO

    @property
    def period_rate(self) -> Decimal:
        return self.nominal_rate / MONTHS_A_YEAR


@dataclass(frozen=True, slots=True)
class Instalment:
    """One monthly payment: interest on what was owed, the rest pays it off. `balloon` is due on top."""

    number: int
    payment: Decimal
    interest: Decimal
    principal: Decimal
    balance: Decimal
    balloon: Decimal = ZERO

    @property
    def due(self) -> Decimal:
        """All that is paid this month."""
        return self.payment + self.balloon


def monthly_payment(loan: Loan) -> Decimal:
    """The equal instalment that leaves the balloon after the last month, to the cent."""
    rate = loan.period_rate
    if not rate:
        return _round((loan.financed - loan.balloon) / loan.months)
    growth = (1 + rate) ** loan.months
    return _round((loan.financed * growth - loan.balloon) * rate / (growth - 1))


def build_schedule(loan: Loan) -> tuple[Instalment, ...]:
    """Every instalment; the last absorbs what rounding left, so that principal and balloon sum to the sum financed."""
    payment, rate, balance = monthly_payment(loan), loan.period_rate, loan.financed
    rows = []
    for number in range(1, loan.months):
        interest = _round(balance * rate)
        principal = min(payment - interest, balance - loan.balloon)
        balance -= principal
        rows.append(Instalment(number, interest + principal, interest, principal, balance))
    interest, principal = _round(balance * rate), balance - loan.balloon
    rows.append(Instalment(loan.months, interest + principal, interest, principal, ZERO, loan.balloon))
    return tuple(rows)


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
