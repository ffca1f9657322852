"""What a dealership's people write down: notes about buyers and orders, and things to do."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ContactNote(models.Model):
    """A note of a dealership about a buyer (a call, a wish, a visit); other dealerships never see it."""

    class Medium(models.TextChoices):
        NOTE = "note", _("Note")
        CALL = "call", _("Phone call")
        VISIT = "visit", _("Visit")
        MESSAGE = "message", _("Message")

    dealership = models.ForeignKey(
        "dealers.Dealership", models.CASCADE, related_name="contact_notes", verbose_name=_("dealership"), db_index=False
    )
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="contact_notes", verbose_name=_("buyer"), db_index=False
    )
    order = models.ForeignKey(
        "orders.Order", models.CASCADE, null=True, blank=True, related_name="contact_notes", verbose_name=_("order")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("author"), db_index=False
    )
    medium = models.CharField(_("how"), max_length=7, choices=Medium, default=Medium.NOTE)
    text = models.TextField(_("text"), max_length=2000)
    written_at = models.DateTimeField(_("written"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-id"]
        indexes = [models.Index(fields=["dealership", "buyer", "-id"], name="orders_note_contact")]

    def __str__(self) -> str:
        return self.text[:60]


class DeskTaskQuerySet(models.QuerySet["DeskTask"]):
    def open(self) -> Self:
        return self.filter(done_at__isnull=True)


class DeskTask(models.Model):
    """Something to do for a dealership until a time, by one of its people or by anyone there."""

    dealership = models.ForeignKey(
        "dealers.Dealership", models.CASCADE, related_name="tasks", verbose_name=_("dealership"), db_index=False
    )
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("buyer"),
    )
    order = models.ForeignKey(
        "orders.Order", models.CASCADE, null=True, blank=True, related_name="tasks", verbose_name=_("order")
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="desk_tasks",
        verbose_name=_("for"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("author"), db_index=False
    )
    text = models.CharField(_("what to do"), max_length=200)
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(_("done"), null=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("done by"),
        editable=False,
        db_index=False,
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects = DeskTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["due_at"]
        indexes = [
            models.Index(fields=["dealership", "due_at"], condition=Q(done_at__isnull=True), name="orders_task_open"),
        ]

    def __str__(self) -> str:
        return self.text
