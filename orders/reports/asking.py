"""What is asked of a report, and the rows it may count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import QuerySet
from django.db.models.functions import Trunc

from o2o_platform.markets.models import Market

from ..models import Order
from .period import Period

SUBJECT = Order._meta.label_lower
# By the event, not by the order: the moment of the handover is in the journal. What came back is no revenue.
_HANDOVERS = """
SELECT {group}, count(*),
       coalesce(sum(o.contract_total) FILTER (WHERE o.status = 'delivered'), 0),
       coalesce(sum(o.contract_total) FILTER (WHERE o.status = 'delivered' AND o.sales_model = 'dealer'), 0),
       coalesce(sum(o.handover_fee) FILTER (WHERE o.status = 'delivered'), 0)
FROM journal_event e JOIN orders_order o ON o.id = e.subject_id
WHERE e.subject_type = %(subject)s AND e.to_status = 'delivered' AND e.at >= %(start)s AND e.at < %(end)s
  AND o.market_id = %(market)s {scope}
GROUP BY {group}
"""
_GROUPS = {
    "line": "date_trunc(%(by)s, e.at AT TIME ZONE %(zone)s)::date",
    "channel": "o.channel",
    "currency": "o.currency",
    "dealership": "o.dealership_id",
}


@dataclass(frozen=True, slots=True)
class Ask:
    """`places` are the dealerships whose rows count; None means all of the market, and direct sales too."""

    market: Market
    period: Period
    now: datetime
    places: frozenset[int] | None = None
    campaign: str = ""

    def orders(self) -> QuerySet[Order]:
        """Orders of the market; a dealership's are those it may see: past the deposit, and sold by it now."""
        orders = Order.objects.filter(market=self.market).order_by()
        return orders if self.places is None else orders.visible_to(self.places)

    def placed(self) -> QuerySet[Order]:
        """Those placed in the period."""
        start, end = self.period.moments
        return self.orders().filter(placed_at__gte=start, placed_at__lt=end)

    def here(self, rows: QuerySet, path: str) -> QuerySet:
        """Rows of the market's dealerships, or of the own ones; `path` leads to the dealership."""
        rows = rows.filter(**{f"{path}__market": self.market}).order_by()
        return rows if self.places is None else rows.filter(**{f"{path}__in": self.places})


def bucket(field: str, period: Period) -> models.Func:
    """The day a moment's line begins with, on the market's clock."""
    return Trunc(field, period.by.value, tzinfo=period.zone, output_field=models.DateField())


def handovers(ask: Ask, *group: str) -> list[tuple[Any, ...]]:
    """Cars handed over in the period: the values of `group`, then how many, their contract prices (VAT included),
    those of dealer sales alone, and handover fees (without VAT). Group by currency, or do not add up."""
    start, end = ask.period.moments
    values = {"subject": SUBJECT, "start": start, "end": end, "market": ask.market.pk}
    values |= {"by": ask.period.by.value, "zone": ask.period.zone.key, "places": sorted(ask.places or ())}
    scope = "" if ask.places is None else "AND o.dealership_id = ANY(%(places)s)"
    statement = _HANDOVERS.format(group=", ".join(_GROUPS[name] for name in group), scope=scope)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
