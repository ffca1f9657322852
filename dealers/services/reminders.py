"""Reminders a day and two hours before, decided when they are sent.

A sweep looks for confirmed drives whose moment has come, so nothing is planned ahead that
a move or cancellation would have to find. A message already written but still waiting to
be sent is withdrawn with the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from o2o_platform.notifications.services import notify
from o2o_platform.outbox.models import Delivery

from ..models import Appointment

KIND = "drive_reminder"
BATCH = 200


@dataclass(frozen=True, slots=True)
class Reminder:
    """Sent while the time left is between `least` and `most`; `bit` marks it in `reminders_sent`."""

    bit: int
    label: str
    most: timedelta
    least: timedelta


REMINDERS = (
    Reminder(1, "day", most=timedelta(hours=24), least=timedelta(hours=12)),
    Reminder(2, "hours", most=timedelta(hours=2), least=timedelta(minutes=15)),
)


def send_reminders(now: datetime | None = None) -> int:
    """Write the reminders that are due; returns how many. Running it twice, or in two places, sends none twice."""
    now = now or timezone.now()
    return sum(_send_batch(reminder, now) for reminder in REMINDERS)


def skip_begun_reminders(appointment: Appointment) -> None:
    """Mark those whose window has begun: whoever has just read the confirmation needs no reminder of it."""
    left = appointment.starts_at - timezone.now()
    begun = sum(reminder.bit for reminder in REMINDERS if left <= reminder.most)
    Appointment.objects.filter(pk=appointment.pk).update(reminders_sent=F("reminders_sent").bitor(begun))


def drop_reminders(appointment: Appointment) -> None:
    """Withdraw reminders that are written but not yet sent; for a drive that moves or is called off."""
    waiting = Delivery.objects.about(appointment).filter(status=Delivery.Status.PENDING, topic=f"message.{KIND}")
    waiting.update(status=Delivery.Status.CANCELLED)


@transaction.atomic
def _send_batch(reminder: Reminder, now: datetime) -> int:
    due = Appointment.objects.annotate(already=F("reminders_sent").bitand(reminder.bit)).filter(
        status=Appointment.Status.CONFIRMED,
        starts_at__gt=now + reminder.least,
        starts_at__lte=now + reminder.most,
        already=0,
    )
    related = due.select_related("dealership", "buyer", "trim__vehicle_model__brand")
    locked = related.select_for_update(of=("self",), no_key=True, skip_locked=True)
    appointments = list(locked.order_by("starts_at")[:BATCH])
    for appointment in appointments:
        _send(appointment, reminder)
    return len(appointments)


def _send(appointment: Appointment, reminder: Reminder) -> None:
    url = settings.SITE_URL + reverse("dealers:appointment", args=[appointment.reference])
    notify(
        appointment.buyer,
        KIND,
        subject=appointment,
        context={"appointment": appointment, "url": url, "when": reminder.label},
        dedupe_key=f"{KIND}:{appointment.reference}:{appointment.sequence}:{reminder.label}",
    )
    sent = F("reminders_sent").bitor(reminder.bit)
    Appointment.objects.filter(pk=appointment.pk).update(reminders_sent=sent)
