"""What is asked of a report, and the rows it may count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Trunc

from o2o_platform.journal.models import Event
from o2o_platform.markets.models import Market

from ..models import Order
from .period import Period

SUBJECT = Order._meta.label_lower


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

    def delivered(self) -> QuerySet[Order]:
        """Those handed over in the period, with `delivered_at`."""
        start, end = self.period.moments
        events = Event.objects.filter(subject_type=SUBJECT, to_status=Order.Status.DELIVERED)
        in_period = events.filter(at__gte=start, at__lt=end).values("subject_id")
        at = events.filter(subject_id=OuterRef("pk")).order_by("pk").values("at")[:1]
        return self.orders().filter(pk__in=in_period).annotate(delivered_at=Subquery(at))

    def here(self, rows: QuerySet, path: str) -> QuerySet:
        """Rows of the market's dealerships, or of the own ones; `path` leads to the dealership."""
        rows = rows.filter(**{f"{path}__market": self.market}).order_by()
        return rows if self.places is None else rows.filter(**{f"{path}__in": self.places})


def bucket(field: str, period: Period) -> models.Func:
    """The day a moment's line begins with, on the market's clock."""
    return Trunc(field, period.by.value, tzinfo=period.zone, output_field=models.DateField())
