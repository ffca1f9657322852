"""A line before a door: gates, and people's places before them."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Gate(models.Model):
    """A door that lets in `capacity` people at a time, each for `pass_minutes`.

    Who joins before `opens_at` takes part in the draw for the first places: coming earlier or
    reloading faster gains nothing. Who joins later stands behind. `last_number` is the last place
    given, `called_number` the last one let in: a place's position is the difference, so thousands
    who ask for theirs cost no counting. From `closes_at` on nobody needs to wait any more.
    """

    name = models.SlugField(_("name"), unique=True)
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    capacity = models.PositiveIntegerField(
        _("people at a time"), default=200, validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )
    pass_minutes = models.PositiveSmallIntegerField(
        _("minutes for each"), default=10, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    drawn_at = models.DateTimeField(_("drawn"), null=True, editable=False)
    sold_out_at = models.DateTimeField(_("sold out"), null=True, editable=False)
    # When somebody last let people in, or looked whether to: an old moment means that the worker stopped.
    looked_at = models.DateTimeField(_("last round"), null=True, editable=False)
    last_number = models.PositiveBigIntegerField(default=0, editable=False)
    called_number = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("waiting room")
        verbose_name_plural = _("waiting rooms")
        ordering = ["-opens_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")), name="waiting_gate_window"
            ),
            models.CheckConstraint(condition=Q(called_number__lte=F("last_number")), name="waiting_gate_numbers"),
        ]

    def __str__(self) -> str:
        return self.name

    def is_guarding(self, at: datetime) -> bool:
        """Whether one needs a pass of this gate: before it opens too, not any more once it closed."""
        return self.closes_at is None or self.closes_at > at


class Place(models.Model):
    """One person's place: one per gate. `number` comes with the draw, or on joining after it."""

    gate = models.ForeignKey(Gate, models.CASCADE, related_name="places", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveBigIntegerField(_("number"), null=True)
    joined_at = models.DateTimeField(_("joined"), db_default=Now())
    called_at = models.DateTimeField(_("let in"), null=True)
    pass_until = models.DateTimeField(_("until"), null=True)

    class Meta:
        verbose_name = _("place in line")
        verbose_name_plural = _("places in line")
        constraints = [
            models.UniqueConstraint(fields=["gate", "person"], name="waiting_place_once"),
            models.UniqueConstraint(fields=["gate", "number"], name="waiting_place_number"),
            models.CheckConstraint(
                condition=Q(called_at__isnull=True, pass_until__isnull=True)
                | Q(number__isnull=False, called_at__isnull=False, pass_until__isnull=False),
                name="waiting_place_called",
            ),
        ]
        indexes = [
            models.Index(
                fields=["gate", "pass_until"], condition=Q(called_at__isnull=False), name="waiting_place_inside"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gate_id} {self.number}"
