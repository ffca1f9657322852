"""Test drives, what they need, and when there are none."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from o2o_platform.journal.models import Stateful

from .dealership import Dealership


class DemoCar(models.Model):
    """A car kept for test drives."""

    dealership = models.ForeignKey(Dealership, models.CASCADE, related_name="demo_cars", verbose_name=_("dealership"))
    trim = models.ForeignKey("catalog.Trim", models.PROTECT, related_name="demo_cars", verbose_name=_("trim"))
    plate = models.CharField(_("plate"), max_length=16)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("demo car")
        verbose_name_plural = _("demo cars")
        constraints = [models.UniqueConstraint(fields=["dealership", "plate"], name="dealers_democar_plate")]

    def __str__(self) -> str:
        return self.plate


class Closure(models.Model):
    """A time without test drives: the house is closed, or one advisor or demo car is away."""

    dealership = models.ForeignKey(Dealership, models.CASCADE, related_name="closures", verbose_name=_("dealership"))
    advisor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="absences",
        verbose_name=_("advisor"),
        help_text=_("Empty: the whole house, or the demo car."),
    )
    demo_car = models.ForeignKey(
        DemoCar, models.CASCADE, null=True, blank=True, related_name="closures", verbose_name=_("demo car")
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=120, blank=True, help_text=_("Buyers read this."))

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="dealers_closure_period"),
            models.CheckConstraint(
                condition=Q(advisor__isnull=True) | Q(demo_car__isnull=True), name="dealers_closure_one_resource"
            ),
        ]
        indexes = [models.Index(fields=["dealership", "ends_at"], name="dealers_closure_ahead")]

    def __str__(self) -> str:
        zone = self.dealership.zone
        return f"{self.starts_at.astimezone(zone):%m-%d %H:%M} - {self.ends_at.astimezone(zone):%m-%d %H:%M}"


class Appointment(Stateful):
    """A test drive.

    `blocked` is start to end plus the buffer, and the way there and back for one at home: what demo car
    and advisor can't share.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        PROPOSED = "proposed", _("Other time proposed")
        CONFIRMED = "confirmed", _("Confirmed")
        CHECKED_IN = "checked_in", _("Checked in")
        DONE = "done", _("Done")
        NO_SHOW = "no_show", _("No-show")
        DECLINED = "declined", _("Declined")
        CANCELLED = "cancelled", _("Cancelled")

    TRANSITIONS = {
        # To itself: moved by the buyer or at the desk, or yet another time proposed.
        Status.REQUESTED: frozenset(
            {Status.REQUESTED, Status.CONFIRMED, Status.PROPOSED, Status.DECLINED, Status.CANCELLED}
        ),
        Status.PROPOSED: frozenset(
            {Status.PROPOSED, Status.CONFIRMED, Status.REQUESTED, Status.DECLINED, Status.CANCELLED}
        ),
        Status.CONFIRMED: frozenset(
            {
                Status.CONFIRMED,
                Status.REQUESTED,
                Status.PROPOSED,
                Status.CHECKED_IN,
                Status.NO_SHOW,
                Status.CANCELLED,
                Status.DECLINED,
            }
        ),
        Status.CHECKED_IN: frozenset({Status.DONE}),
        Status.DONE: frozenset(),
        Status.NO_SHOW: frozenset(),
        Status.DECLINED: frozenset(),
        Status.CANCELLED: frozenset(),
    }
    LIVE = (Status.REQUESTED, Status.PROPOSED, Status.CONFIRMED, Status.CHECKED_IN)

    class Place(models.TextChoices):
        STORE = "store", _("At the dealership")
        HOME = "home", _("At the buyer's home")

    class Outcome(models.TextChoices):
        ORDERED = "ordered", _("Ordered")
        QUOTED = "quoted", _("Wants a quote")
        THINKING = "thinking", _("Thinking it over")
        OTHER_CAR = "other_car", _("Wants another car")
        NOT_INTERESTED = "not_interested", _("Not interested")

    reference = models.CharField(_("number"), max_length=16, unique=True, editable=False)
    dealership = models.ForeignKey(
        Dealership, models.PROTECT, related_name="appointments", verbose_name=_("dealership")
    )
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="appointments", verbose_name=_("buyer")
    )
    trim = models.ForeignKey("catalog.Trim", models.PROTECT, related_name="appointments", verbose_name=_("trim"))
    demo_car = models.ForeignKey(DemoCar, models.PROTECT, related_name="appointments", verbose_name=_("demo car"))
    advisor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="advised_appointments",
        verbose_name=_("advisor"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.REQUESTED, editable=False)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    blocked = DateTimeRangeField(_("blocked"), editable=False)
    sequence = models.PositiveIntegerField(_("calendar sequence"), default=0, editable=False)
    note = models.CharField(_("note"), max_length=300, blank=True)
    place = models.CharField(_("place"), max_length=5, choices=Place, default=Place.STORE)
    address = models.CharField(_("address"), max_length=200, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    needs_approval = models.BooleanField(
        _("needs a manager's approval"), default=False, help_text=_("After two no-shows."), editable=False
    )
    licence_checked_at = models.DateTimeField(_("driving licence checked"), null=True, editable=False)
    outcome = models.CharField(_("outcome"), max_length=14, choices=Outcome, blank=True, editable=False)
    reminders_sent = models.PositiveSmallIntegerField(_("reminders sent"), default=0, editable=False)
    idempotency_key = models.CharField(max_length=80, null=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("test drive")
        verbose_name_plural = _("test drives")
        ordering = ["starts_at"]
        constraints = [
            ExclusionConstraint(
                name="dealers_appointment_demo_car_free",
                expressions=[("demo_car", RangeOperators.EQUAL), ("blocked", RangeOperators.OVERLAPS)],
                condition=Q(status__in=("requested", "proposed", "confirmed", "checked_in")),
            ),
            ExclusionConstraint(
                name="dealers_appointment_advisor_free",
                expressions=[("advisor", RangeOperators.EQUAL), ("blocked", RangeOperators.OVERLAPS)],
                condition=Q(status__in=("requested", "proposed", "confirmed", "checked_in"), advisor__isnull=False),
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="dealers_appointment_period"),
            models.CheckConstraint(
                condition=Q(place="store") | ~Q(address=""), name="dealers_appointment_home_address"
            ),
            models.UniqueConstraint(fields=["buyer", "idempotency_key"], name="dealers_appointment_idempotency"),
        ]
        indexes = [
            models.Index(fields=["dealership", "starts_at"], name="dealers_appointment_day"),
            models.Index(fields=["buyer", "-id"], name="dealers_appointment_buyer"),
            models.Index(fields=["starts_at"], condition=Q(status="confirmed"), name="dealers_appointment_reminder"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def local_start(self) -> datetime:
        """Start in the dealership's own zone."""
        return self.starts_at.astimezone(self.dealership.zone)

    @property
    def is_at_home(self) -> bool:
        return self.place == self.Place.HOME


class WaitingEntry(models.Model):
    """A buyer who waits for a free slot on a full day; slots that become free are offered one by one."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        OFFERED = "offered", _("Slot offered")
        BOOKED = "booked", _("Booked")
        LAPSED = "lapsed", _("Lapsed")
        LEFT = "left", _("Left the list")

    OPEN = (Status.WAITING, Status.OFFERED)

    dealership = models.ForeignKey(
        Dealership, models.CASCADE, related_name="waiting_entries", verbose_name=_("dealership"), db_index=False
    )
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="waiting_entries", verbose_name=_("buyer")
    )
    trim = models.ForeignKey("catalog.Trim", models.CASCADE, related_name="+", verbose_name=_("trim"))
    day = models.DateField(_("day"))
    status = models.CharField(_("status"), max_length=7, choices=Status, default=Status.WAITING, editable=False)
    starts_at = models.DateTimeField(_("slot offered"), null=True, editable=False)
    demo_car = models.ForeignKey(
        DemoCar, models.SET_NULL, null=True, related_name="+", verbose_name=_("demo car"), editable=False
    )
    offered_until = models.DateTimeField(_("offered until"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("waiting list entry")
        verbose_name_plural = _("waiting list")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["buyer", "dealership", "day"],
                condition=Q(status__in=("waiting", "offered")),
                name="dealers_waiting_once",
            ),
            models.CheckConstraint(
                condition=~Q(status="offered") | Q(starts_at__isnull=False, offered_until__isnull=False),
                name="dealers_waiting_offer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["dealership", "day", "id"],
                condition=Q(status__in=("waiting", "offered")),
                name="dealers_waiting_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.buyer}"
