"""What must never be true of test drives, counted by `check_integrity`."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from o2o_platform.journal.models import Event

from .models import Appointment


def count_shared_cars() -> int:
    """Pairs of live test drives of one demo car at overlapping times (an exclusion constraint forbids them)."""
    return _pairs_sharing("demo_car")


def count_shared_advisors() -> int:
    """Pairs of live test drives with one advisor at overlapping times (an exclusion constraint forbids them)."""
    return _pairs_sharing("advisor")


def count_without_event() -> int:
    """Test drives that nobody is on record for having asked for."""
    return Appointment.objects.filter(~Exists(_events())).count()


def count_wrong_last_event() -> int:
    """Test drives whose status was changed without an event."""
    last = _events().exclude(to_status="").order_by("-pk").values("to_status")[:1]
    return Appointment.objects.annotate(told=Subquery(last)).exclude(told=F("status")).count()


def count_without_advisor() -> int:
    return Appointment.objects.filter(status=Appointment.Status.CONFIRMED, advisor=None).count()


def _pairs_sharing(resource: str) -> int:
    live = Appointment.objects.filter(status__in=Appointment.LIVE)
    others = live.filter(**{resource: OuterRef(resource)}, blocked__overlap=OuterRef("blocked"), pk__lt=OuterRef("pk"))
    return live.filter(Exists(others)).count()


def _events() -> QuerySet[Event]:
    return Event.objects.filter(subject_type=Appointment._meta.label_lower, subject_id=OuterRef("pk"))
