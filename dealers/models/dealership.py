"""Dealerships and their groups."""

from __future__ import annotations

from typing import Self
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_name
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from o2o_platform.interface.formats import active_locale
from o2o_platform.markets.models import City, Market, SalesModel, local_label

from ..hours import validate_holiday_calendar, validate_opening_hours, validate_time_zone

SLOT_LENGTHS = [(minutes, str(minutes)) for minutes in (30, 45, 60, 90)]


class DealerGroup(models.Model):
    """Dealerships run together; its managers work at all of them."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name = _("dealer group")
        verbose_name_plural = _("dealer groups")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DealershipQuerySet(models.QuerySet["Dealership"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def of(self, user: object) -> Self:
        """The dealerships whose rows `user` may see: all for platform staff, else those of a membership."""
        if getattr(user, "is_superuser", False) or getattr(user, "staff_role", ""):
            return self
        key = getattr(user, "pk", None)
        own = models.Q(memberships__user_id=key, memberships__is_active=True)
        of_group = models.Q(group__memberships__user_id=key, group__memberships__is_active=True)
        return self.filter(own | of_group).distinct()


class Dealership(models.Model):
    """A place that sells and hands over: address in WGS-84 (or the datum named), hours in its own zone."""

    class Datum(models.TextChoices):
        WGS84 = "WGS84", "WGS-84"
        GCJ02 = "GCJ02", "GCJ-02"

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_local = models.CharField(_("local name"), max_length=120, blank=True)
    market = models.ForeignKey(Market, models.PROTECT, related_name="dealerships", verbose_name=_("market"))
    group = models.ForeignKey(
        DealerGroup, models.SET_NULL, null=True, blank=True, related_name="dealerships", verbose_name=_("dealer group")
    )
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
    slot_minutes = models.PositiveSmallIntegerField(_("test drive (minutes)"), default=45, choices=SLOT_LENGTHS)
    buffer_minutes = models.PositiveSmallIntegerField(_("buffer (minutes)"), default=15)
    parallel_drives = models.PositiveSmallIntegerField(_("parallel test drives"), default=2)
    notice_hours = models.PositiveSmallIntegerField(_("notice (hours)"), default=2)
    window_days = models.PositiveSmallIntegerField(
        _("bookable ahead (days)"), default=14, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    home_drive_radius_km = models.PositiveSmallIntegerField(_("home test drive radius (km)"), default=0)
    home_drive_buffer_minutes = models.PositiveSmallIntegerField(
        _("home test drive: way there and back (minutes each)"), default=45, validators=[MaxValueValidator(240)]
    )
    confirms_at_once = models.BooleanField(
        _("free slots are confirmed at once"),
        default=False,
        help_text=_("Without this an advisor confirms each request."),
    )
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
