"""Visitors of the past by day: more at weekends, more each month, many more while a festival runs."""

from __future__ import annotations

import datetime as dt

from orders.models import FunnelDay

from .facts import Facts
from .plans import YEAR_DAYS

# Visitors a day at the end of the year.
VISITORS = {"CN": 640, "DE": 190, "PL": 90}
AT_THE_START = 0.45
WEEKEND, IN_FESTIVAL = 1.35, 2.4
CONFIGURED, BEGAN = (0.17, 0.24), (0.14, 0.22)
SATURDAY = 5


def visitor_days(facts: Facts, festivals: list[tuple[dt.date, dt.date]]) -> list[FunnelDay]:
    """Rows of every day until yesterday; days of festivals in China have more of all."""
    rows = []
    for market, most in VISITORS.items():
        today = facts.now.astimezone(facts.markets[market].zone).date()
        for age in range(YEAR_DAYS, 0, -1):
            day = today - dt.timedelta(days=age)
            is_busy = market == "CN" and any(first <= day <= last for first, last in festivals)
            visits = (
                most * (AT_THE_START + (1 - AT_THE_START) * (1 - age / YEAR_DAYS)) * facts.random.uniform(0.85, 1.15)
            )
            visits *= (WEEKEND if day.weekday() >= SATURDAY else 1) * (IN_FESTIVAL if is_busy else 1)
            configured = visits * facts.random.uniform(*CONFIGURED)
            began = max(8, configured * facts.random.uniform(*BEGAN))
            numbers = {
                FunnelDay.Step.VISIT: visits,
                FunnelDay.Step.CONFIGURE: configured,
                FunnelDay.Step.RESERVE: began,
            }
            rows += [
                FunnelDay(market_id=market, day=day, step=step, visitors=int(number))
                for step, number in numbers.items()
            ]
    return rows
