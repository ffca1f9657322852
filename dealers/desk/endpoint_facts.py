"""How an endpoint does: its state, what waits for it, and its last attempts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from o2o_platform.outbox.models import Delivery, DeliveryAttempt

from ..breaker import OPENS_AT
from ..models import Endpoint

# So many attempts, looked for among so many deliveries.
SHOWN, AMONG = 20, 200
COUNTED = timedelta(days=30)
STATES = {
    "works": _("Works"),
    "fails": _("Fails at times"),
    "rests": _("Rests after failures"),
    "paused": _("Paused"),
    "off": _("Turned off"),
}


def state_of(endpoint: Endpoint) -> str:
    """One of `STATES`, the gravest first."""
    if not endpoint.is_enabled:
        return "off"
    if endpoint.paused_at:
        return "paused"
    if endpoint.open_until:
        return "rests"
    return "fails" if endpoint.failures else "works"


def facts_of(endpoint: Endpoint) -> dict[str, Any]:
    """For the page of an endpoint, with four queries at most."""
    sent = Delivery.objects.filter(**endpoint.channel_and_recipient)
    state = state_of(endpoint)
    attempts = DeliveryAttempt.objects.filter(delivery__in=sent.order_by("-pk")[:AMONG])
    return {
        "endpoint": endpoint,
        "zone": endpoint.dealership.zone,
        "state": state,
        "state_label": STATES[state],
        "opens_at": OPENS_AT,
        "counts": sent.filter(created_at__gte=timezone.now() - COUNTED).aggregate(
            waiting=Count("pk", filter=Q(status=Delivery.Status.PENDING)),
            given_up=Count("pk", filter=Q(status=Delivery.Status.PARKED)),
            arrived=Count("pk", filter=Q(status=Delivery.Status.DELIVERED)),
            oldest=Min("created_at", filter=Q(status=Delivery.Status.PENDING)),
        ),
        "attempts": attempts.select_related("delivery").order_by("-pk")[:SHOWN],
    }
