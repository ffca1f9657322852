"""The feed of changes a dealership's system reads."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ..models import DealerChange

# How far back a system that asks may be behind.
KEPT = timedelta(days=30)


def forget_old_changes(*, batch: int = 5_000) -> int:
    """Delete what is older than the feed goes back, in short transactions; returns how many."""
    old = DealerChange.objects.filter(written_at__lt=timezone.now() - KEPT).order_by("written_at")
    total = 0
    while keys := list(old.values_list("pk", flat=True)[:batch]):
        total += DealerChange.objects.filter(pk__in=keys).delete()[0]
    return total
