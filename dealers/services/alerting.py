"""Telling a dealership's managers, and platform staff, that its system misses what it should get."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from o2o_platform.accounts.models import StaffRole, User
from o2o_platform.notifications.services import notify
from o2o_platform.outbox.models import Delivery

from ..breaker import LONGEST_AT
from ..models import Endpoint, Membership

# One message per endpoint in this time, and not about what is older.
EVERY, AS_FAR_BACK = timedelta(hours=24), timedelta(days=3)
DEALERSHIP = "dealership:"


def alert_managers() -> int:
    """Tell of endpoints whose messages were given up since the last telling, or that do not answer at all.

    Looks at what is there instead of being called by the sender, so that nothing is lost with a worker.
    Returns how many endpoints were told of.
    """
    given_up = _given_up()
    silent = Endpoint.objects.filter(failures__gte=LONGEST_AT, is_enabled=True, paused_at=None)
    troubled = set(silent.values_list("pk", flat=True)) | _endpoints_of(given_up)
    endpoints = Endpoint.objects.filter(pk__in=troubled).select_related("dealership__market", "dealership__group")
    return sum(_alert(endpoint, given_up.get(_address(endpoint))) for endpoint in endpoints)


def _given_up() -> dict[tuple[str, str], datetime]:
    """When a message was last given up, by channel and recipient."""
    rows = Delivery.objects.filter(
        status=Delivery.Status.PARKED,
        next_attempt_at__gt=timezone.now() - AS_FAR_BACK,
        recipient__startswith=DEALERSHIP,
    )
    found = rows.values_list("channel", "recipient").annotate(last=Max("next_attempt_at"))
    return {(channel, recipient): last for channel, recipient, last in found}


def _address(endpoint: Endpoint) -> tuple[str, str]:
    return endpoint.kind, f"{DEALERSHIP}{endpoint.dealership_id}"


def _endpoints_of(given_up: dict[tuple[str, str], datetime]) -> set[int]:
    """Those that were not told of since."""
    places = [int(recipient.removeprefix(DEALERSHIP)) for _channel, recipient in given_up]
    endpoints = Endpoint.objects.filter(dealership_id__in=places)
    return {
        endpoint.pk
        for endpoint in endpoints
        if (last := given_up.get(_address(endpoint))) and (endpoint.alerted_at is None or endpoint.alerted_at < last)
    }


@transaction.atomic
def _alert(endpoint: Endpoint, given_up_at: datetime | None) -> bool:
    """Write the messages, unless somebody did within the day: the row of the endpoint decides."""
    long_ago = Q(alerted_at=None) | Q(alerted_at__lte=timezone.now() - EVERY)
    if not Endpoint.objects.filter(long_ago, pk=endpoint.pk).update(alerted_at=Now()):
        return False
    since = endpoint.alerted_at or timezone.now() - AS_FAR_BACK
    parked = Delivery.objects.filter(status=Delivery.Status.PARKED, next_attempt_at__gt=since)
    parked = parked.filter(**endpoint.channel_and_recipient)
    told = parked.aggregate(count=Count("pk"), error=Max("last_error"))
    context = {
        "endpoint": endpoint,
        "count": told["count"],
        "error": told["error"] or "",
        "url": settings.SITE_URL + reverse("admin:dealers_endpoint_change", args=[endpoint.pk]),
    }
    key = f"deliveries_given_up:{endpoint.pk}:{timezone.now():%Y%m%d%H%M}"
    for person in people_in_charge(endpoint):
        notify(person, "deliveries_given_up", subject=endpoint, context=context, dedupe_key=f"{key}:{person.pk}")
    return True


def people_in_charge(endpoint: Endpoint) -> QuerySet[User]:
    """Managers of the dealership or its group, and platform staff, as far as they have an e-mail address."""
    manager = Membership.Role.MANAGER
    place = endpoint.dealership
    of_house = Q(memberships__dealership=place, memberships__role=manager, memberships__is_active=True)
    of_group = Q(
        group_memberships__group=place.group_id, group_memberships__role=manager, group_memberships__is_active=True
    )
    of_platform = Q(staff_role=StaffRole.PLATFORM)
    wanted = of_house | of_platform | (of_group if place.group_id else Q(pk__in=[]))
    return User.objects.filter(wanted, is_active=True, is_staff=True, email__isnull=False).distinct()
