"""Dealerships: the list by distance, and one with its hours and cars."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.apps import apps
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from o2o_platform.interface.shops import in_this_shop

from ..booking import book_url, demo_trims
from ..hours import is_open, open_intervals
from ..places import by_distance, find_city, known_dealerships, visible_dealerships

WEEK = 7
PER_PAGE = 24


@require_safe
def list_dealerships(request: HttpRequest) -> HttpResponse:
    """Those of the visitor's market, nearest first, a page at a time; `brand` narrows them."""
    city = find_city(request)
    brands = list(
        apps.get_model("catalog", "Brand").objects.filter(dealerships__in=visible_dealerships(city)).distinct()
    )
    chosen = next((brand for brand in brands if brand.slug == request.GET.get("brand", "")), None)
    found = visible_dealerships(city).order_by("city__name", "name")
    if chosen:
        found = found.filter(brands=chosen)
    # All are put in order by where they are; only those shown are read whole.
    page = Paginator(by_distance(found.only("latitude", "longitude"), city), PER_PAGE).get_page(request.GET.get("page"))
    shown = found.select_related("city").prefetch_related("brands").annotate(units=_free_units())
    whole = shown.in_bulk([each.dealership.pk for each in page])
    now = timezone.now()
    places = [
        (replace(each, dealership=place), is_open(place, now))
        for each in page
        if (place := whole.get(each.dealership.pk))
    ]
    context = {"places": places, "page": page, "brands": brands, "chosen": chosen, "city": city}
    return render(request, "dealers/list.html", context)


@require_safe
def show_dealership(request: HttpRequest, code: str) -> HttpResponse:
    """Hours of the week to come (holidays included), brands, stock and demo cars."""
    dealership = get_object_or_404(known_dealerships().select_related("city", "market"), code=code)
    now = timezone.now()
    today = now.astimezone(dealership.zone).date()
    week = [(day, open_intervals(dealership, day)) for day in (today + timedelta(days=each) for each in range(WEEK))]
    context = {
        "dealership": dealership,
        "nearby": by_distance([dealership], find_city(request))[0],
        "brands": dealership.brands.all(),
        "week": week,
        "is_open_now": is_open(dealership, now),
        "today": today,
        "units": in_this_shop(dealership.stock_units.filter(availability="available")).count(),
        "cars": [(trim, book_url(trim=trim.code, dealership=code)) for trim in demo_trims([dealership])],
    }
    return render(request, "dealers/detail.html", context)


def _free_units() -> Subquery:
    """Cars on sale of each dealership, counted from the index alone; None where there is none."""
    units = apps.get_model("catalog", "StockUnit").objects.filter(dealership=OuterRef("pk"), availability="available")
    return Subquery(in_this_shop(units).order_by().values("dealership").annotate(free=Count("*")).values("free"))
