"""Integrity of deliveries: none lost, none stuck."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from o2o_platform.outbox.models import Delivery, DeliveryAttempt

OVERDUE = timedelta(hours=1)


def count_unproven_deliveries() -> int:
    """Delivered without an attempt that succeeded."""
    proof = DeliveryAttempt.objects.filter(delivery=OuterRef("pk"), succeeded=True)
    return Delivery.objects.filter(~Exists(proof), status=Delivery.Status.DELIVERED).count()


def count_overdue_deliveries() -> int:
    """Waiting, and due for more than an hour: nobody is delivering."""
    return Delivery.objects.due().filter(next_attempt_at__lt=timezone.now() - OVERDUE).count()
