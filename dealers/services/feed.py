"""The feed of changes a dealership's system reads."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from ..models import DealerChange, KeyedRequest

# How far back a system that asks may be behind.
KEPT = timedelta(days=30)
# How long an `Idempotency-Key` is remembered.
KEYS_KEPT = timedelta(days=7)


def forget_old_changes(*, batch: int = 5_000) -> int:
    """Delete what is older than the feed goes back, in short transactions; returns how many."""
    return _forget(DealerChange.objects.filter(written_at__lt=timezone.now() - KEPT), batch)


def forget_old_requests(*, batch: int = 5_000) -> int:
    """Delete requests whose key nobody repeats any more, in short transactions; returns how many."""
    return _forget(KeyedRequest.objects.filter(written_at__lt=timezone.now() - KEYS_KEPT), batch)


def _forget(rows: QuerySet, batch: int) -> int:
    total = 0
    while keys := list(rows.order_by("written_at").values_list("pk", flat=True)[:batch]):
        total += rows.model._default_manager.filter(pk__in=keys).delete()[0]
    return total
