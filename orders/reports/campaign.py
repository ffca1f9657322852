"""One campaign: how fast its cars went, what became of the orders, and what it is beside ordinary months."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncHour
from django.utils.translation import gettext_lazy as _

from catalog.models import Campaign, CampaignQuota
from dealers.models import Dealership

from ..models import CampaignClaim, Order
from .asking import Ask
from .errors import BadRequest
from .tables import Column, Kind, Report, Table, share

HISTORY = timedelta(days=365)
# A shop that opened last week is not judged by one lucky week.
LEAST_DAYS = 30
DAYS_OF_MONTH = Decimal("30.4375")
SOLD = (
    Order.Status.RESERVED,
    Order.Status.ACCEPTED,
    Order.Status.READY,
    Order.Status.PAID,
    Order.Status.DELIVERED,
)


@dataclass(frozen=True, slots=True)
class Ordinary:
    """What a dealership sold a month in the year before the campaign, and in how many days it did."""

    sold: int
    days: int

    @property
    def per_month(self) -> Decimal:
        return Decimal(self.sold) * DAYS_OF_MONTH / self.days


def campaign(ask: Ask) -> Report:
    """Raises BadRequest for an unknown campaign. Sold: deposit paid and not cancelled since. Six statements."""
    found = Campaign.objects.filter(slug=ask.campaign, market=ask.market).first()
    if found is None:
        raise BadRequest(_("Unknown campaign: %(slug)s") % {"slug": ask.campaign[:60]})
    sold, ordinary = _sold(ask, found), _ordinary(ask, found)
    places = Dealership.objects.in_bulk([key for key in {*sold, *ordinary} if key is not None])
    hours, summary = _hours(ask, found), _summary(ask, found, sold, ordinary, places)
    tables = [
        Table("summary", _("Summary"), _measures(summary), summary),
        hours,
        _quotas(ask, found),
        _dealerships(sold, ordinary, places),
    ]
    notes = [
        _("Sold: the deposit is paid and the order was not cancelled since."),
        _("Ordinary months: cars sold outside of campaigns in the 365 days before it began, at least 30 days."),
    ]
    if not ordinary:
        notes.append(_("There were no ordinary sales before the campaign, so it cannot be compared."))
    return Report("campaign", found.label, ask.market.pk, ask.period, tables, notes, _chart(hours))


def _claims(ask: Ask, found: Campaign) -> QuerySet[CampaignClaim]:
    """Its places taken in the period; a dealership's are those of orders it may see."""
    start, end = ask.period.moments
    claims = CampaignClaim.objects.filter(campaign=found, claimed_at__gte=start, claimed_at__lt=end).order_by()
    return claims if ask.places is None else claims.filter(order__in=ask.orders())


def _sold(ask: Ask, found: Campaign) -> Counter[int | None]:
    """By dealership; None are direct sales."""
    claims = _claims(ask, found).filter(released_at__isnull=True, order__status__in=SOLD)
    return Counter(dict(claims.values_list("order__dealership").annotate(number=Count("pk"))))


def _ordinary(ask: Ask, found: Campaign) -> dict[int, Ordinary]:
    begun = found.starts_at - HISTORY
    orders = ask.orders().filter(placed_at__gte=begun, placed_at__lt=found.starts_at, status__in=SOLD)
    orders = orders.filter(dealership__isnull=False, campaign_claim__isnull=True)
    rows = orders.values_list("dealership").annotate(number=Count("pk"), first=Min("placed_at"))
    return {place: Ordinary(number, max(LEAST_DAYS, (found.starts_at - first).days)) for place, number, first in rows}


def _summary(
    ask: Ask, found: Campaign, sold: Counter, ordinary: dict[int, Ordinary], places: dict[int, Dealership]
) -> list[dict[str, Any]]:
    paid = Q(order__paid_total=F("order__contract_total"))
    claims = _claims(ask, found)
    counts = claims.aggregate(
        places=Count("pk"),
        given_back=Count("pk", filter=Q(released_at__isnull=False)),
        deposit_paid=Count("pk", filter=Q(order__paid_total__gt=0)),
        paid=Count("pk", filter=paid),
        delivered=Count("pk", filter=Q(order__status__in=(Order.Status.DELIVERED, Order.Status.RETURNED))),
    )
    total = sum(sold.values())
    rows = [_measure(key, counts[key]) for key in ("places", "given_back", "deposit_paid")]
    rows += [_measure("sold", total), _measure("sold_share", share(total, counts["places"]), Kind.SHARE)]
    rows += [_measure("paid", counts["paid"]), _measure("delivered", counts["delivered"])]
    kept = claims.filter(released_at__isnull=True, order__status__in=SOLD)
    for currency, value in kept.values_list("order__currency").annotate(value=Sum("order__contract_total")):
        rows.append(_measure(f"revenue_{currency}", value, Kind.MONEY, currency))
    return rows + _compared(total, ordinary, places)


def _compared(total: int, ordinary: dict[int, Ordinary], places: dict[int, Dealership]) -> list[dict[str, Any]]:
    """The campaign in ordinary months and days of the best and of the median dealership."""
    rows = [_measure("houses", len(ordinary))]
    if not ordinary:
        return rows
    best = max(ordinary, key=lambda place: (ordinary[place].per_month, -place))
    rates = {"best": ordinary[best].per_month, "median": median(each.per_month for each in ordinary.values())}
    rows.append(_measure("best", places[best].label, Kind.TEXT))
    for name, rate in rates.items():
        months = total / rate
        rows.append(_measure(f"{name}_per_month", _figure(rate), Kind.FIGURE))
        rows.append(_measure(f"{name}_months", _figure(months), Kind.FIGURE))
        rows.append(_measure(f"{name}_days", _figure(months * DAYS_OF_MONTH), Kind.FIGURE))
    return rows


def _figure(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"))


MEASURES = {
    "places": _("Places taken"),
    "given_back": _("Places given back"),
    "deposit_paid": _("Deposit paid"),
    "sold": _("Sold"),
    "sold_share": _("Sold of places taken"),
    "paid": _("Paid in full"),
    "delivered": _("Handed over"),
    "revenue": _("Contract prices of what was sold"),
    "houses": _("Dealerships with ordinary sales before"),
    "best": _("Best dealership"),
    "best_per_month": _("Best dealership: cars in an ordinary month"),
    "best_months": _("The campaign in months of the best dealership"),
    "best_days": _("The campaign in days of the best dealership"),
    "median_per_month": _("Median dealership: cars in an ordinary month"),
    "median_months": _("The campaign in months of the median dealership"),
    "median_days": _("The campaign in days of the median dealership"),
}


def _measure(key: str, value: Any, kind: Kind = Kind.COUNT, currency: str = "") -> dict[str, Any]:
    return {"measure": key, "value": value, "as": Column("value", "", kind, currency)}


def _measures(rows: list[dict[str, Any]]) -> list[Column]:
    revenue = {row["measure"]: MEASURES["revenue"] for row in rows if row["measure"].startswith("revenue_")}
    return [
        Column("measure", _("Figure"), Kind.TEXT, choices=MEASURES | revenue),
        Column("value", _("Value"), Kind.MIXED),
    ]


def _hours(ask: Ask, found: Campaign) -> Table:
    """Hours on the market's clock; counted in UTC, as an hour that comes twice is two hours."""
    rows = _claims(ask, found).annotate(hour=TruncHour("claimed_at", tzinfo=UTC)).values_list("hour")
    back = Q(released_at__isnull=False)
    counted = rows.annotate(number=Count("pk"), back=Count("pk", filter=back)).order_by("hour")
    lines = [
        {"hour": hour.astimezone(ask.period.zone), "places": number, "given_back": given_back}
        for hour, number, given_back in counted
    ]
    columns = [
        Column("hour", _("Hour"), Kind.HOUR),
        Column("places", _("Places taken")),
        Column("given_back", _("Given back since")),
    ]
    return Table("hours", _("By hour"), columns, lines, empty=_("Nobody took a place in this period."))


def _quotas(ask: Ask, found: Campaign) -> Table:
    quotas = CampaignQuota.objects.filter(campaign=found).select_related("trim", "city", "dealership").order_by("pk")
    if ask.places is not None:
        quotas = quotas.filter(dealership__in=ask.places)
    rows = [
        {
            "trim": str(quota.trim or ""),
            "city": str(quota.city or ""),
            "dealership": quota.dealership.label if quota.dealership else "",
            "total": quota.total,
            "used": quota.used,
            "used_share": share(quota.used, quota.total),
        }
        for quota in quotas
    ]
    columns = [
        Column("trim", _("Trim"), Kind.TEXT),
        Column("city", _("City"), Kind.TEXT),
        Column("dealership", _("Dealership"), Kind.TEXT),
        Column("total", _("Quota")),
        Column("used", _("Taken now")),
        Column("used_share", _("Share taken"), Kind.SHARE),
    ]
    return Table("quotas", _("Quotas"), columns, rows, empty=_("It has no quota."))


def _dealerships(sold: Counter, ordinary: dict[int, Ordinary], places: dict[int, Dealership]) -> Table:
    """What the campaign brought each dealership, in its own ordinary months."""
    rows = []
    for key in sorted(places, key=lambda each: (-sold[each], places[each].code)):
        usual = ordinary.get(key)
        rows.append(
            {
                "code": places[key].code,
                "name": places[key].label,
                "sold": sold[key],
                "per_month": _figure(usual.per_month) if usual else None,
                "own_months": _figure(sold[key] / usual.per_month) if usual else None,
                "history_days": usual.days if usual else 0,
            }
        )
    columns = [
        Column("code", _("Dealership code"), Kind.TEXT),
        Column("name", _("Dealership"), Kind.TEXT),
        Column("sold", _("Sold in the campaign")),
        Column("per_month", _("In an ordinary month"), Kind.FIGURE),
        Column("own_months", _("The campaign in its own months"), Kind.FIGURE),
        Column("history_days", _("Days of history")),
    ]
    return Table("dealerships", _("Dealerships"), columns, rows, empty=_("No dealership sold anything."))


def _chart(hours: Table) -> dict[str, Any]:
    return {
        "type": "bar",
        "title": str(_("Places taken by hour")),
        "labels": [f"{row['hour']:%m-%d %H:%M}" for row in hours.rows],
        "series": [{"label": str(_("Places taken")), "values": [row["places"] for row in hours.rows]}],
    }


def window_of(slug: str) -> tuple[str, datetime, datetime]:
    """Market and window of a campaign. Raises BadRequest."""
    found = Campaign.objects.filter(slug=slug).values_list("market", "starts_at", "ends_at").first()
    if found is None:
        raise BadRequest(_("Unknown campaign: %(slug)s") % {"slug": slug[:60]})
    return found
