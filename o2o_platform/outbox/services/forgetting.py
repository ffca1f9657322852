"""Taking people out of what was sent: the texts go, that and when something was sent stays."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Case, F, Model, QuerySet, Value, When

from ..models import FORGOTTEN, Delivery


def forget_bodies(model: type[Model], pks: Sequence[int]) -> int:
    """Empty what was sent about these rows; what still waits is not sent any more. Returns how many."""
    return _forget(Delivery.objects.filter(subject_type=model._meta.label_lower, subject_id__in=pks))


def forget_recipient(recipient: str) -> int:
    """The same for all that went to `recipient`."""
    return _forget(Delivery.objects.filter(recipient=recipient))


def _forget(rows: QuerySet[Delivery]) -> int:
    waiting = When(status=Delivery.Status.PENDING, then=Value(Delivery.Status.CANCELLED))
    return rows.update(body=FORGOTTEN, status=Case(waiting, default=F("status")))
