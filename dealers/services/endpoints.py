"""What people do to an endpoint: pause it, let it go on, change its secret, send again what it missed."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from o2o_platform.outbox.models import Delivery, DeliveryQuerySet
from o2o_platform.outbox.services import bring_forward, replay_batch

from ..models import Endpoint

# How long messages carry a second signature, made with the secret before.
ROTATION = timedelta(hours=24)
# The furthest back, and the most, that is sent again in one go.
REPLAY_DAYS, REPLAY_MOST, REPLAY_BATCH = 30, 5_000, 500


def new_secret() -> str:
    """A secret of Standard Webhooks: `whsec_` and base64 of 32 bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def rotate_secret(endpoint: Endpoint) -> str:
    """Give it a new secret and return it; the one before still signs for a day, and then no more."""
    secret = new_secret()
    Endpoint.objects.filter(pk=endpoint.pk).update(
        secret=secret, previous_secret=F("secret"), previous_until=timezone.now() + ROTATION
    )
    return secret


def end_previous_secret(endpoint: Endpoint) -> None:
    """From the next attempt on, messages are signed with the newest secret alone."""
    Endpoint.objects.filter(pk=endpoint.pk).update(previous_secret="", previous_until=None)


def drop_ended_secrets() -> int:
    """Forget secrets whose day is over; they sign nothing already. Returns how many."""
    over = Endpoint.objects.filter(previous_until__lte=Now())
    return over.update(previous_secret="", previous_until=None)


def pause(endpoint: Endpoint) -> bool:
    """Send nothing to it until it is resumed; what is written meanwhile waits. False when it was paused."""
    return bool(Endpoint.objects.filter(pk=endpoint.pk, paused_at=None).update(paused_at=Now()))


@transaction.atomic
def resume(endpoint: Endpoint) -> int:
    """Let it go on, also from a rest; what waits is due now. Returns how many messages that are."""
    Endpoint.objects.filter(pk=endpoint.pk).update(paused_at=None, failures=0, open_until=None)
    return bring_forward(**endpoint.channel_and_recipient)


def missed_since(endpoint: Endpoint, since: datetime, *, delivered_too: bool) -> int:
    """How many messages `replay_since` would send again, counted up to the bound."""
    return _missed(endpoint, since, delivered_too=delivered_too)[: REPLAY_MOST + 1].count()


def replay_since(endpoint: Endpoint, since: datetime, *, delivered_too: bool) -> int:
    """Send again what was written since a moment and given up, or `delivered_too`: same ids, same bodies.

    Oldest first, in short transactions, `REPLAY_MOST` at most; returns how many.
    """
    newest = Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    rows = _missed(endpoint, since, delivered_too=delivered_too).filter(pk__lte=newest)
    total = 0
    while total < REPLAY_MOST:
        again = replay_batch(rows, limit=min(REPLAY_BATCH, REPLAY_MOST - total))
        total += again
        if not again:
            break
    return total


def _missed(endpoint: Endpoint, since: datetime, *, delivered_too: bool) -> DeliveryQuerySet:
    states = Q(status=Delivery.Status.PARKED)
    if delivered_too:
        states |= Q(status=Delivery.Status.DELIVERED)
    return Delivery.objects.replayable().filter(states, created_at__gte=since, **endpoint.channel_and_recipient)
