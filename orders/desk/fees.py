"""What dealerships earned by handing over cars the maker sells: by month, as a table and as CSV."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Subquery, Sum
from django.db.models.functions import TruncMonth
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from o2o_platform.imports.output import csv_lines
from o2o_platform.interface.access import Access, Part
from o2o_platform.journal.models import Event

from ..models import Order
from ..services.agency import FEE_EARNED

READERS = frozenset({Part.MANAGER, Part.HOUSE_FINANCE, Part.HOUSE_READER, Part.FINANCE, Part.READ_ONLY})
MOST = 600


class MonthOfFees(NamedTuple):
    """One dealership in one month of the reader's clock; `total` without VAT, in `currency`."""

    month: dt.date
    code: str
    dealership: str
    cars: int
    total: Decimal
    currency: str


def read_fees(places: frozenset[int] | None) -> list[MonthOfFees]:
    """Newest month first; None means all dealerships. A car that came back later was handed over all the same."""
    earned = Event.objects.filter(
        subject_type=Order._meta.label_lower, subject_id=OuterRef("pk"), name=FEE_EARNED
    ).values("at")[:1]
    delivered = (Order.Status.DELIVERED, Order.Status.RETURNED)
    orders = Order.objects.filter(handover_fee__gt=0, status__in=delivered)
    if places is not None:
        orders = orders.filter(dealership__in=places)
    rows = (
        orders.annotate(month=TruncMonth(Subquery(earned)))
        .filter(month__isnull=False)
        .order_by("-month", "dealership__name", "dealership", "currency")
        .values_list("month", "dealership__code", "dealership__name", "currency")
        .annotate(cars=Count("pk"), total=Sum("handover_fee"))[:MOST]
    )
    return [
        MonthOfFees(month.date(), code, name, cars, total, currency)
        for month, code, name, currency, cars, total in rows
    ]


@require_safe
def fees_view(request: HttpRequest) -> HttpResponse:
    """Of the own dealerships; of all for platform staff."""
    access = Access.of(request)
    if not access.plays(READERS):
        raise PermissionDenied
    months = read_fees(access.places(READERS))
    if request.GET.get("format") == "csv":
        return _as_csv(months)
    context = {**admin.site.each_context(request), "title": _("Handover fees"), "months": months}
    return TemplateResponse(request, "desk/fees.html", context)


def _as_csv(months: list[MonthOfFees]) -> HttpResponse:
    rows = [
        (f"{row.month:%Y-%m}", row.code, row.dealership, row.cars, f"{row.total:.2f}", row.currency) for row in months
    ]
    lines = csv_lines(["month", "dealership", "name", "cars", "fees", "currency"], rows)
    answer = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="handover-fees.csv"'
    return answer
