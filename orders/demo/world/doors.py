"""Times in which cars sold directly are brought to the door, for the coming weeks."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from o2o_platform.markets.models import City
from orders.models import DeliveryWindow

MARKET = "DE"
WEEKS = 4
HOURS = ((9, 12), (13, 17))
CAPACITY = 3
SUNDAY = 6


def seed_windows() -> None:
    """Two windows a working day in every city of the market, from today for four weeks; those there stay."""
    DeliveryWindow.objects.bulk_create(
        (
            DeliveryWindow(city=city, starts_at=begins, ends_at=ends, capacity=CAPACITY)
            for city in City.objects.filter(market=MARKET).select_related("market")
            for begins, ends in _times(city)
        ),
        ignore_conflicts=True,
    )


def _times(city: City) -> list[tuple[dt.datetime, dt.datetime]]:
    zone = city.market.zone
    today = timezone.now().astimezone(zone).date()
    days = [today + dt.timedelta(days=number) for number in range(WEEKS * 7)]
    return [
        tuple(dt.datetime.combine(day, dt.time(hour), zone) for hour in hours)  # type: ignore[misc]
        for day in days
        if day.weekday() != SUNDAY
        for hours in HOURS
    ]
