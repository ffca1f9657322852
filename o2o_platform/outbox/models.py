"""Everything that leaves the platform: written with the change it tells of, sent after commit."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# The body of a message whose texts were taken out, for the privacy of the person it was about.
FORGOTTEN = '{"forgotten": true}'


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self) -> Self:
        """Pending rows whose time has come and that no worker is sending."""
        now = timezone.now()
        return self.filter(status=Delivery.Status.PENDING, next_attempt_at__lte=now)

    def replayable(self) -> Self:
        """What is over, one way or the other, and can be sent again."""
        return self.exclude(status=Delivery.Status.PENDING).exclude(body=FORGOTTEN)

    def about(self, subject: models.Model) -> Self:
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)


class Delivery(models.Model):
    """One message to one recipient over one channel. The row stays pending until the recipient said yes.

    A worker leases a row by moving `next_attempt_at` past its own deadline, commits, sends,
    and records the attempt; a worker that dies leaves a row that comes due again.
    Its attempts are its history.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting")
        DELIVERED = "delivered", pgettext_lazy("message", "Delivered")
        PARKED = "parked", _("Given up")
        CANCELLED = "cancelled", _("Cancelled")

    uid = models.UUIDField(_("message id"), default=uuid.uuid4, unique=True, editable=False)
    topic = models.CharField(_("topic"), max_length=60)
    channel = models.CharField(_("channel"), max_length=20)
    recipient = models.CharField(_("recipient"), max_length=80, help_text=_("kind:id, for example dealership:12"))
    subject_type = models.CharField(_("about"), max_length=40)
    subject_id = models.BigIntegerField(_("record"))
    dedupe_key = models.CharField(_("only once"), max_length=120, unique=True)
    body = models.TextField(_("body"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    attempts_made = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), db_default=Now())
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.CheckConstraint(
                condition=Q(status="delivered", delivered_at__isnull=False)
                | (~Q(status="delivered") & Q(delivered_at__isnull=True)),
                name="outbox_delivery_delivered_at",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(status="pending"), name="outbox_delivery_due"),
            models.Index(fields=["next_attempt_at"], condition=Q(status="parked"), name="outbox_delivery_parked"),
            models.Index(fields=["subject_type", "subject_id"], name="outbox_delivery_subject"),
            models.Index(fields=["recipient", "-id"], name="outbox_delivery_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} → {self.recipient}"

    @property
    def may_be_replayed(self) -> bool:
        return self.status != self.Status.PENDING and self.body != FORGOTTEN

    @property
    def message_id(self) -> str:
        """The id every attempt carries (`webhook-id`)."""
        return f"msg_{self.uid.hex}"


class DeliveryAttempt(models.Model):
    """One try to send: when, how long, and what came back."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts", verbose_name=_("delivery"))
    started_at = models.DateTimeField(_("started"))
    duration_ms = models.PositiveIntegerField(_("duration (ms)"))
    succeeded = models.BooleanField(_("succeeded"))
    status_code = models.PositiveSmallIntegerField(_("status code"), null=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    response_excerpt = models.CharField(_("answer"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.started_at:%F %T} {self.status_code or self.error}"
