"""Touches go once every reader of the list of cars has had an hour to see them."""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

KEPT_FOR = timedelta(hours=1)
LOOKS = "catalog.touches.looks"


def sweep_touches() -> int:
    """Delete the touches of transactions that had ended an hour ago; returns how many.

    Their own time does not tell: a transaction that ran for hours leaves old touches nobody has seen. So
    each sweep notes the oldest transaction still running, and goes by what it noted an hour before;
    without the note, the cache being emptied, it waits for another hour.
    """
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        looks = [*cache.get(LOOKS, ()), (now, cursor.fetchone()[0])]
        ripe = [look for look in looks if look[0] <= now - KEPT_FOR]
        cache.set(LOOKS, ripe[-1:] + looks[len(ripe) :], timeout=2 * KEPT_FOR.total_seconds())
        if not ripe:
            return 0
        cursor.execute("DELETE FROM catalog_touch WHERE xid < %s", [ripe[-1][1]])
        return cursor.rowcount
