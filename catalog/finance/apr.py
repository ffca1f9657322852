"""The annual percentage rate of charge: Directive 2008/48/EC, Annex I; China's IRR method of 年化利率."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

MONTHS_A_YEAR = 12
MOST_STEPS = 500
LARGEST_RATE = 200  # digits: a fee on a credit of a cent is a rate all the same
CLOSE_ENOUGH = Decimal("1e-18")
NEAR_STEPS, NEAR_ENOUGH = 30, 1e-10


class NoRate(ValueError):
    """Less is paid back than was lent, or nothing was lent: no rate from zero up explains it."""


def effective_rate(credit: Decimal, payments: Sequence[tuple[int, Decimal]]) -> Decimal:
    """The yearly rate at which `payments` (month, amount; months rising) are worth `credit` today, as a fraction.

    Months are equal twelfths of a year, as Annex I (c) presumes. Raises NoRate.
    """
    if credit <= 0 or sum(amount for _month, amount in payments) < credit:
        raise NoRate
    return (1 + _monthly_rate(credit, payments)) ** MONTHS_A_YEAR - 1


def present_value(rate: Decimal, payments: Sequence[tuple[int, Decimal]]) -> Decimal:
    """What `payments` are worth today at a yearly rate."""
    factor = 1 / (1 + rate)
    return sum((amount * factor ** (Decimal(month) / MONTHS_A_YEAR) for month, amount in payments), Decimal(0))


def as_percentage(rate: Decimal) -> Decimal:
    """A fraction as per cent with two decimals, half up (Annex I (d) asks for one at least)."""
    with localcontext(prec=LARGEST_RATE):
        return (rate * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _monthly_rate(credit: Decimal, payments: Sequence[tuple[int, Decimal]]) -> Decimal:
    """Newton's method: the value falls and is convex in the rate, so each step from below nears the root from below.

    From above the first step leads below it.
    """
    rate = _near_rate(credit, payments)
    for _step in range(MOST_STEPS):
        factor, power, at = 1 / (1 + rate), Decimal(1), 0
        value, slope = Decimal(0), Decimal(0)
        for month, amount in payments:
            power *= factor ** (month - at)
            at = month
            value += amount * power
            slope += amount * power * month * factor
        step = (value - credit) / slope
        rate += step
        if abs(step) <= CLOSE_ENOUGH * (1 + rate):
            break
    return max(rate, Decimal(0))


def _near_rate(credit: Decimal, payments: Sequence[tuple[int, Decimal]]) -> Decimal:
    """The same in binary fractions, where Decimal needs only the last digits; zero where that leads nowhere near."""
    lent, due = float(credit), [(month, float(amount)) for month, amount in payments]
    rate = 0.0
    for _step in range(NEAR_STEPS):
        factor = 1 / (1 + rate)
        worth = [(month, amount * factor**month) for month, amount in due]
        slope = sum(month * value for month, value in worth) * factor
        step = (sum(value for _month, value in worth) - lent) / slope
        rate += step
        if abs(step) <= NEAR_ENOUGH:
            return Decimal(max(rate, 0.0))
    return Decimal(0)
