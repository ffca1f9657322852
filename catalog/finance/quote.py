"""A car paid over time by a lender's plan, with what the buyer asked for kept within the plan."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any, Self, TypeVar

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from catalog.models import FinancePlan
from o2o_platform.freshness import Fresh

from .apr import as_percentage, effective_rate
from .schedule import CENT, Instalment, Loan, build_schedule

USUAL_DOWN = Decimal("0.3")
USUAL_MONTHS = 36
DOWN_STEPS = tuple(Decimal(share) / 10 for share in range(9))
MONTH_STEPS = tuple(range(12, 85, 12))
LONGEST_NUMBER = 12

_PER_CENT = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,4})?\Z")
_MONTHS = re.compile(r"[0-9]{1,6}\Z")
N = TypeVar("N", int, Decimal)


@dataclass(frozen=True, slots=True)
class FinanceWish:
    """What the buyer asks for: plan code, share paid down, months. None where nothing readable was said."""

    plan: str = ""
    down_share: Decimal | None = None
    months: int | None = None
    problems: tuple[str, ...] = ()

    @classmethod
    def read(cls, source: Mapping[str, Any]) -> Self:
        """From an address: `plan`, `down` in per cent, `months`. Whatever is not a number is said and left out."""
        down, months = (str(source.get(name, "")).strip()[: LONGEST_NUMBER + 1] for name in ("down", "months"))
        problems = []
        if down and not _PER_CENT.match(down):
            problems.append(_("The down payment is a number of per cent, for example 30."))
        if months and not _MONTHS.match(months):
            problems.append(_("The term is a number of months, for example 36."))
        return cls(
            plan=str(source.get("plan", ""))[:50],
            down_share=Decimal(down.replace(",", ".")) / 100 if _PER_CENT.match(down) else None,
            months=int(months) if _MONTHS.match(months) else None,
            problems=tuple(problems),
        )


def plans_for(*, market: str, brand_id: int, on: dt.date) -> list[FinancePlan]:
    """Published plans of a market on a date for a brand's cars, cheapest first; from memory, a second old at most."""
    return [plan for plan in _plans.get(market) if plan.brand_id in (None, brand_id) and on in plan.validity]


def _read_plans(market: str) -> list[FinancePlan]:
    return list(FinancePlan.objects.filter(market=market, is_published=True))


_plans = Fresh(_read_plans)


@dataclass(frozen=True)
class FinanceQuote:
    """A plan applied to a price: every sum in `currency`, VAT included."""

    plan: FinancePlan
    price: Decimal
    currency: str
    down_share: Decimal
    months: int
    notes: tuple[str, ...] = ()

    @classmethod
    def make(cls, plan: FinancePlan, wish: FinanceWish, *, price: Decimal, currency: str) -> Self:
        """The wish as near as the plan allows; `notes` say what was changed."""
        low, high = down_limits(plan)
        notes = list(wish.problems)
        down = _clamp(USUAL_DOWN if wish.down_share is None else wish.down_share, low, high)
        if wish.down_share not in (None, down):
            notes.append(
                _("This plan takes %(low)s to %(high)s%% down; it is shown with %(shown)s%%.")
                % {"low": per_cent(low), "high": per_cent(high), "shown": per_cent(down)}
            )
        months = _clamp(USUAL_MONTHS if wish.months is None else wish.months, plan.min_months, plan.max_months)
        if wish.months not in (None, months):
            notes.append(
                _("This plan runs %(low)s to %(high)s months; it is shown with %(shown)s.")
                % {"low": plan.min_months, "high": plan.max_months, "shown": months}
            )
        return cls(plan, price, currency, down, months, tuple(notes))

    @cached_property
    def down_payment(self) -> Decimal:
        return (self.price * self.down_share).quantize(CENT, ROUND_DOWN)

    @cached_property
    def credit(self) -> Decimal:
        """The total amount of credit: what the lender pays for the car, without the fee."""
        return self.price - self.down_payment

    @cached_property
    def balloon(self) -> Decimal:
        share = (self.price * self.plan.balloon_share).quantize(CENT, ROUND_DOWN)
        return min(share, self.credit) if self.plan.kind == FinancePlan.Kind.BALLOON else Decimal("0.00")

    @cached_property
    def loan(self) -> Loan:
        return Loan(
            financed=self.credit + self.plan.fee,
            months=self.months,
            nominal_rate=self.plan.nominal_rate,
            balloon=self.balloon,
        )

    @cached_property
    def schedule(self) -> tuple[Instalment, ...]:
        return build_schedule(self.loan)

    @property
    def monthly(self) -> Decimal:
        return self.schedule[0].payment

    @property
    def last(self) -> Instalment:
        return self.schedule[-1]

    @property
    def is_last_different(self) -> bool:
        return self.last.payment != self.monthly

    @cached_property
    def total_payable(self) -> Decimal:
        """All that is paid to the lender; the down payment goes to the seller and is not in it."""
        return sum((row.due for row in self.schedule), Decimal("0.00"))

    @property
    def cost(self) -> Decimal:
        """The total cost of the credit: interest and fee."""
        return self.total_payable - self.credit

    @property
    def total_interest(self) -> Decimal:
        return self.cost - self.plan.fee

    @cached_property
    def apr(self) -> Decimal:
        """Effective rate a year in per cent, fee included."""
        return as_percentage(effective_rate(self.credit, [(row.number, row.due) for row in self.schedule]))

    @property
    def nominal_per_cent(self) -> str:
        return per_cent(self.plan.nominal_rate)

    @property
    def down_per_cent(self) -> str:
        return per_cent(self.down_share)

    @property
    def down_choices(self) -> list[tuple[str, Decimal]]:
        """Shares to choose from, in per cent, each with its sum; what is chosen is among them."""
        low, high = down_limits(self.plan)
        shares = {share for share in DOWN_STEPS if low <= share <= high} | {low, high, self.down_share}
        return [(per_cent(share), (self.price * share).quantize(CENT, ROUND_DOWN)) for share in sorted(shares)]

    @property
    def month_choices(self) -> list[int]:
        low, high = self.plan.min_months, self.plan.max_months
        return sorted({months for months in MONTH_STEPS if low <= months <= high} | {low, high, self.months})


@dataclass(frozen=True)
class FinanceOffer:
    """The plans for a car and the one shown."""

    plans: Sequence[FinancePlan]
    quote: FinanceQuote

    @classmethod
    def find(
        cls, wish: FinanceWish, *, market: str, brand_id: int, on: dt.date, price: Decimal, currency: str
    ) -> Self | None:
        """None where no lender has a plan; an unknown plan code shows the cheapest."""
        plans = plans_for(market=market, brand_id=brand_id, on=on)
        if not plans:
            return None
        plan = next((plan for plan in plans if plan.slug == wish.plan), plans[0])
        return cls(plans, FinanceQuote.make(plan, wish, price=price, currency=currency))


def down_limits(plan: FinancePlan) -> tuple[Decimal, Decimal]:
    """Least and largest share paid down; with a balloon at most what leaves it to be financed."""
    low, high = Decimal(plan.min_down_share), Decimal(plan.max_down_share)
    if plan.kind == FinancePlan.Kind.BALLOON:
        high = max(low, min(high, 1 - Decimal(plan.balloon_share)))
    return low, high


def per_cent(share: Decimal) -> str:
    """A fraction as a number of per cent without needless zeros, as addresses and forms write it."""
    return f"{(share * 100).normalize():f}"


def _clamp(value: N, low: N, high: N) -> N:
    return min(max(value, low), high)
