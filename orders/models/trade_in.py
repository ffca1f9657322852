"""The buyer's own car, offered to a dealership in part payment."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from o2o_platform.journal.models import Stateful
from o2o_platform.markets.models import Market

MOST_PHOTOS = 8
MOST_KM = 2_000_000
UNANSWERED_FOR = timedelta(days=30)


class TradeInQuerySet(models.QuerySet["TradeIn"]):
    def to_expire(self) -> Self:
        """Estimates whose last day is over where the dealership is, and requests nobody answered for a month."""
        now = timezone.now()
        over = Q(status=TradeIn.Status.ESTIMATED, expires_at__lte=now)
        return self.filter(over | Q(status=TradeIn.Status.REQUESTED, requested_at__lte=now - UNANSWERED_FOR))


class TradeIn(Stateful):
    """A request for an estimate of the buyer's car, and the dealership's answer.

    The estimate is a range in `currency`, VAT included, and binds nobody: the car is looked at first.
    `has_odd_vin` says that the VIN's check digit is not the one China and the US require (Europe does not).
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Waiting for the estimate")
        ESTIMATED = "estimated", _("Estimated")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    TRANSITIONS = {
        Status.REQUESTED: frozenset({Status.ESTIMATED, Status.DECLINED, Status.WITHDRAWN, Status.EXPIRED}),
        Status.ESTIMATED: frozenset({Status.WITHDRAWN, Status.EXPIRED}),
        Status.DECLINED: frozenset(),
        Status.WITHDRAWN: frozenset(),
        Status.EXPIRED: frozenset(),
    }

    reference = models.CharField(_("number"), max_length=16, unique=True, editable=False)
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="trade_ins", verbose_name=_("buyer"), db_index=False
    )
    dealership = models.ForeignKey(
        "dealers.Dealership", models.PROTECT, related_name="trade_ins", verbose_name=_("dealership"), db_index=False
    )
    market = models.ForeignKey(
        Market, models.PROTECT, related_name="trade_ins", verbose_name=_("market"), db_index=False
    )
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.REQUESTED, editable=False)
    vin = models.CharField(_("VIN"), max_length=17)
    has_odd_vin = models.BooleanField(_("unusual check digit"), default=False)
    car = models.CharField(_("make and model"), max_length=120)
    first_registered_on = models.DateField(_("first registration"))
    mileage_km = models.PositiveIntegerField(_("mileage (km)"))
    condition = models.TextField(_("condition"), max_length=2000, blank=True)
    requested_at = models.DateTimeField(_("requested"), db_default=Now(), editable=False)
    currency = models.CharField(_("currency"), max_length=3)
    low_amount = models.DecimalField(_("from"), max_digits=12, decimal_places=2, null=True, blank=True)
    high_amount = models.DecimalField(_("to"), max_digits=12, decimal_places=2, null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True, editable=False)
    note = models.CharField(_("note to the buyer"), max_length=500, blank=True)

    objects = TradeInQuerySet.as_manager()

    class Meta:
        verbose_name = _("trade-in")
        verbose_name_plural = _("trade-ins")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=("requested", "estimated", "declined", "withdrawn", "expired")),
                name="orders_tradein_status",
            ),
            models.CheckConstraint(condition=Q(mileage_km__lte=MOST_KM), name="orders_tradein_mileage"),
            models.CheckConstraint(
                condition=~Q(status="estimated")
                | Q(low_amount__isnull=False, high_amount__isnull=False, valid_until__isnull=False)
                & Q(expires_at__isnull=False),
                name="orders_tradein_estimate_whole",
            ),
            models.CheckConstraint(
                condition=Q(low_amount__isnull=True) | Q(low_amount__gt=0, high_amount__gte=F("low_amount")),
                name="orders_tradein_range",
            ),
            models.UniqueConstraint(
                fields=["buyer", "vin"], condition=Q(status="requested"), name="orders_tradein_one_request_per_car"
            ),
        ]
        indexes = [
            models.Index(fields=["dealership", "status", "-id"], name="orders_tradein_desk"),
            models.Index(fields=["buyer", "-id"], name="orders_tradein_buyer"),
            models.Index(fields=["expires_at"], condition=Q(status="estimated"), name="orders_tradein_ending"),
            models.Index(fields=["requested_at"], condition=Q(status="requested"), name="orders_tradein_waiting"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        """Whether the buyer can still withdraw it."""
        return self.may_become(self.Status.WITHDRAWN)


class TradeInPhoto(models.Model):
    """A photograph of the car in the private storage, written anew as WebP."""

    trade_in = models.ForeignKey(TradeIn, models.CASCADE, related_name="photos", verbose_name=_("trade-in"))
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("file"), max_length=200)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))

    class Meta:
        verbose_name = _("photo of a trade-in")
        verbose_name_plural = _("photos of trade-ins")
        ordering = ["trade_in", "position"]
        constraints = [
            models.UniqueConstraint(fields=["trade_in", "position"], name="orders_tradeinphoto_position"),
            models.CheckConstraint(condition=Q(position__lt=MOST_PHOTOS), name="orders_tradeinphoto_few"),
        ]

    def __str__(self) -> str:
        return f"{self.trade_in_id} {self.position}"
