"""Dealerships, their people and demo cars, their systems, and test drives."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_name
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField
from rest_framework_api_key.models import AbstractAPIKey

from o2o_platform.interface.formats import active_locale
from o2o_platform.journal.models import Stateful
from o2o_platform.markets.models import City, Market, SalesModel, local_label

from .hours import validate_holiday_calendar, validate_opening_hours, validate_time_zone


def all_scopes() -> list[str]:
    """What a new dealer key may use."""
    return list(DealerKey.Scope.values)


class DealershipQuerySet(models.QuerySet["Dealership"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def of(self, user: object) -> Self:
        """The dealerships whose rows `user` may see: all for platform staff, else those of a membership."""
        if getattr(user, "is_superuser", False) or getattr(user, "staff_role", ""):
            return self
        return self.filter(memberships__user_id=getattr(user, "pk", None), memberships__is_active=True).distinct()


class Dealership(models.Model):
    """A place that sells and hands over: address in WGS-84 (or the datum named), hours in its own zone."""

    class Datum(models.TextChoices):
        WGS84 = "WGS84", "WGS-84"
        GCJ02 = "GCJ02", "GCJ-02"

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_local = models.CharField(_("local name"), max_length=120, blank=True)
    market = models.ForeignKey(Market, models.PROTECT, related_name="dealerships", verbose_name=_("market"))
    city = models.ForeignKey(City, models.PROTECT, related_name="dealerships", verbose_name=_("city"))
    district = models.CharField(_("district"), max_length=60, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    datum = models.CharField(_("datum"), max_length=5, choices=Datum, default=Datum.WGS84)
    time_zone = models.CharField(_("time zone"), max_length=40, validators=[validate_time_zone])
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    opening_hours = models.CharField(
        _("opening hours"),
        max_length=200,
        validators=[validate_opening_hours],
        help_text=_("OpenStreetMap syntax: Mo-Su 09:00-18:00"),
    )
    holiday_calendar = models.CharField(
        _("holiday calendar"), max_length=6, blank=True, validators=[validate_holiday_calendar]
    )
    sales_model = models.CharField(_("sales model"), max_length=6, choices=SalesModel, default=SalesModel.DEALER)
    brands = models.ManyToManyField("catalog.Brand", related_name="dealerships", verbose_name=_("brands"))
    slot_minutes = models.PositiveSmallIntegerField(_("test drive (minutes)"), default=45)
    buffer_minutes = models.PositiveSmallIntegerField(_("buffer (minutes)"), default=15)
    parallel_drives = models.PositiveSmallIntegerField(_("parallel test drives"), default=2)
    notice_hours = models.PositiveSmallIntegerField(_("notice (hours)"), default=2)
    window_days = models.PositiveSmallIntegerField(
        _("bookable ahead (days)"), default=14, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    home_drive_radius_km = models.PositiveSmallIntegerField(_("home test drive radius (km)"), default=0)
    response_limit_minutes = models.PositiveSmallIntegerField(
        _("answer limit (business minutes)"), default=30, validators=[MinValueValidator(5)]
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = DealershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("dealership")
        verbose_name_plural = _("dealerships")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="dealers_dealership_coordinates",
            ),
            models.CheckConstraint(condition=Q(slot_minutes__range=(15, 240)), name="dealers_dealership_slot"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return local_label(self.name, self.name_local, "zh" if self.market_id == "CN" else "")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def zone_label(self) -> str:
        """Its time zone as people call it: 中国时间, Central European Time."""
        return get_timezone_name(self.zone, locale=active_locale())

    @property
    def recipient(self) -> str:
        """How the outbox names this dealership."""
        return f"dealership:{self.pk}"


class Membership(models.Model):
    """A person's role at a dealership; the admin shows only rows of active memberships."""

    class Role(models.TextChoices):
        ADVISOR = "advisor", _("Advisor")
        MANAGER = "manager", _("Manager")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    dealership = models.ForeignKey(Dealership, models.CASCADE, related_name="memberships", verbose_name=_("dealership"))
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.ADVISOR)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff members")
        constraints = [models.UniqueConstraint(fields=["user", "dealership"], name="dealers_membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


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


class Endpoint(models.Model):
    """Where a dealership receives orders: a webhook (Standard Webhooks) or an e-mail address (ADF XML).

    `secret` and, while it rotates, `previous_secret` are `whsec_` + base64 of 24 or more bytes.
    """

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", _("Signed webhook")
        ADF_EMAIL = "adf_email", _("E-mail with ADF XML")

    dealership = models.ForeignKey(Dealership, models.CASCADE, related_name="endpoints", verbose_name=_("dealership"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    url = models.URLField(_("address (URL)"), max_length=300, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    secret = models.CharField(_("secret"), max_length=120, blank=True)
    previous_secret = models.CharField(_("previous secret"), max_length=120, blank=True)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    disabled_reason = models.CharField(_("why disabled"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("delivery endpoint")
        verbose_name_plural = _("delivery endpoints")
        constraints = [
            models.UniqueConstraint(fields=["dealership", "kind"], name="dealers_endpoint_once_per_kind"),
            models.CheckConstraint(
                condition=(Q(kind="webhook") & ~Q(url="") & ~Q(secret="")) | (Q(kind="adf_email") & ~Q(email="")),
                name="dealers_endpoint_address",
            ),
        ]

    def __str__(self) -> str:
        return self.url or self.email


class DealerKey(AbstractAPIKey):
    """A dealer system's revocable key: `Authorization: Api-Key …`. Only its hash is kept."""

    class Scope(models.TextChoices):
        ORDERS = "orders", _("Orders")
        STOCK = "stock", _("Stock")

    dealership = models.ForeignKey(Dealership, models.CASCADE, related_name="keys", verbose_name=_("dealership"))
    scopes = ArrayField(models.CharField(max_length=12, choices=Scope), verbose_name=_("may use"), default=all_scopes)

    class Meta(AbstractAPIKey.Meta):
        verbose_name = _("dealer key")
        verbose_name_plural = _("dealer keys")


class Appointment(Stateful):
    """A test drive. `blocked` is start to end plus the buffer: what demo car and advisor can't share."""

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
        # To itself: moved by the buyer, or yet another time proposed.
        Status.REQUESTED: frozenset(
            {Status.REQUESTED, Status.CONFIRMED, Status.PROPOSED, Status.DECLINED, Status.CANCELLED}
        ),
        Status.PROPOSED: frozenset(
            {Status.PROPOSED, Status.CONFIRMED, Status.REQUESTED, Status.DECLINED, Status.CANCELLED}
        ),
        Status.CONFIRMED: frozenset(
            {Status.REQUESTED, Status.PROPOSED, Status.CHECKED_IN, Status.NO_SHOW, Status.CANCELLED, Status.DECLINED}
        ),
        Status.CHECKED_IN: frozenset({Status.DONE}),
        Status.DONE: frozenset(),
        Status.NO_SHOW: frozenset(),
        Status.DECLINED: frozenset(),
        Status.CANCELLED: frozenset(),
    }
    LIVE = (Status.REQUESTED, Status.PROPOSED, Status.CONFIRMED, Status.CHECKED_IN)

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
