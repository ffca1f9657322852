"""The append-only record of every change of state, with actor, time and reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ActorKind(models.TextChoices):
    BUYER = "buyer", _("Buyer")
    DEALER = "dealer", _("Dealership")
    DEALER_SYSTEM = "dealer_system", _("Dealer system")
    STAFF = "staff", _("Platform staff")
    PROVIDER = "provider", _("Payment provider")
    SYSTEM = "system", _("System")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a person, a dealer's software, a provider, or the platform itself."""

    kind: ActorKind
    user_id: int | None = None
    label: str = ""

    @classmethod
    def buyer(cls, user: Any) -> Self:
        return cls(ActorKind.BUYER, user.pk)

    @classmethod
    def dealer(cls, user: Any) -> Self:
        return cls(ActorKind.DEALER, user.pk, str(user)[:80])

    @classmethod
    def staff(cls, user: Any) -> Self:
        return cls(ActorKind.STAFF, user.pk, str(user)[:80])


SYSTEM = Actor(ActorKind.SYSTEM)


class EventQuerySet(models.QuerySet["Event"]):
    def of(self, subject: models.Model) -> Self:
        """Events of one row, oldest first."""
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk).order_by("pk")


class Event(models.Model):
    """One change of one row; never updated or deleted (a trigger refuses both)."""

    subject_type = models.CharField(_("kind of record"), max_length=40)
    subject_id = models.BigIntegerField(_("record"))
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)
    name = models.CharField(_("event"), max_length=40)
    from_status = models.CharField(_("from"), max_length=20, blank=True)
    to_status = models.CharField(_("to"), max_length=20, blank=True)
    actor_kind = models.CharField(_("by"), max_length=14, choices=ActorKind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("person"),
    )
    actor_label = models.CharField(_("name"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    data = models.JSONField(_("details"), default=dict)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="journal_event_subject"),
            # What was handed over in a period, for reports; a fraction of all events.
            models.Index(
                fields=["subject_type", "at"],
                include=["subject_id"],
                condition=models.Q(to_status="delivered"),
                name="journal_event_delivered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id} {self.name}"


class Stateful(models.Model):
    """A row with a `status` that only `journal.services.transition` changes.

    Subclasses declare `Status` (TextChoices), a `status` column and `TRANSITIONS`,
    a dict from each status to the set it may become.
    """

    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {}

    class Meta:
        abstract = True

    def may_become(self, status: str) -> bool:
        """Whether the transition table allows `status` next."""
        return status in self.TRANSITIONS.get(self.status, ())  # type: ignore[attr-defined]

    @property
    def events(self) -> EventQuerySet:
        return Event.objects.of(self)
