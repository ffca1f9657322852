"""What buyers take of campaigns: places in quotas, vouchers; and requests where a car is not offered yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from o2o_platform.journal.models import Stateful
from o2o_platform.markets.models import City, Market, usual_label

from .order import Order


class CampaignClaim(models.Model):
    """An order's place in a campaign; given back when the order expires or is cancelled."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="campaign_claim", verbose_name=_("order"))
    campaign = models.ForeignKey(
        "catalog.Campaign", models.PROTECT, related_name="claims", verbose_name=_("campaign"), db_index=False
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    # A keyed digest of the network address, for the limit per address; never the address.
    address_digest = models.CharField(max_length=64, blank=True, editable=False)
    quota_ids = ArrayField(models.BigIntegerField(), default=list, editable=False)
    place = models.PositiveIntegerField(_("place"), help_text=_("counted from 1; early birds are the first"))
    discount = models.DecimalField(_("discount"), max_digits=12, decimal_places=2, default=0)
    claimed_at = models.DateTimeField(_("claimed"), db_default=Now(), editable=False)
    released_at = models.DateTimeField(_("given back"), null=True, blank=True)

    class Meta:
        verbose_name = _("place in a campaign")
        verbose_name_plural = _("places in campaigns")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["campaign", "person"], condition=Q(released_at__isnull=True), name="orders_campaignclaim_person"
            ),
            models.Index(fields=["campaign", "-id"], name="orders_campaignclaim_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} #{self.place}"


class CampaignAddress(models.Model):
    """How many live places one network address has in a campaign; changed by conditional upserts alone."""

    campaign = models.ForeignKey("catalog.Campaign", models.CASCADE, related_name="+", db_index=False)
    address_digest = models.CharField(max_length=64)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "address_digest"], name="orders_campaignaddress_once")
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.used}"


class VoucherOfferQuerySet(models.QuerySet["VoucherOffer"]):
    def on_sale(self) -> Self:
        """Published, begun and not over by the database's clock, and not sold out."""
        return self.filter(is_published=True, starts_at__lte=Now(), ends_at__gt=Now(), sold__lt=F("total"))


class VoucherOffer(models.Model):
    """A voucher one can buy online and spend at the showroom. Sums in the market's currency.

    `sold` is the number of live vouchers, changed by conditional UPDATEs alone.
    """

    slug = models.SlugField(_("code"), unique=True)
    market = models.ForeignKey(Market, models.PROTECT, related_name="voucher_offers", verbose_name=_("market"))
    campaign = models.ForeignKey(
        "catalog.Campaign",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="voucher_offers",
        verbose_name=_("campaign"),
    )
    name = models.CharField(_("name"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80, blank=True)
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2)
    worth = models.DecimalField(_("worth at the showroom"), max_digits=10, decimal_places=2)
    brands = models.ManyToManyField(
        "catalog.Brand", blank=True, related_name="+", verbose_name=_("brands"), help_text=_("none: all of them")
    )
    starts_at = models.DateTimeField(_("on sale from"))
    ends_at = models.DateTimeField(_("on sale until"))
    valid_until = models.DateTimeField(_("to be spent until"))
    total = models.PositiveIntegerField(_("vouchers"))
    sold = models.PositiveIntegerField(_("sold"), default=0, editable=False)
    limit_per_person = models.PositiveSmallIntegerField(_("per person"), default=1)
    is_published = models.BooleanField(_("published"), default=False)

    objects = VoucherOfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher offer")
        verbose_name_plural = _("voucher offers")
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), valid_until__gte=F("ends_at")), name="orders_voucheroffer_times"
            ),
            models.CheckConstraint(condition=Q(price__gt=0, worth__gt=F("price")), name="orders_voucheroffer_sums"),
            models.CheckConstraint(condition=Q(sold__lte=F("total")), name="orders_voucheroffer_sold"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return usual_label(self.name, self.name_zh)

    @property
    def left(self) -> int:
        return self.total - self.sold


class VoucherQuerySet(models.QuerySet["Voucher"]):
    def live(self) -> Self:
        """Those that hold a place of their offer."""
        return self.filter(status__in=Voucher.LIVE)

    def unpaid_since(self, moment: datetime) -> Self:
        return self.filter(status=Voucher.Status.PENDING, created_at__lte=moment)

    def run_out(self) -> Self:
        return self.filter(status=Voucher.Status.PAID, valid_until__lte=timezone.now())


class Voucher(Stateful):
    """One voucher of a buyer, spent once at one dealership by the advisor's scan. Sums in `currency`."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Awaiting payment")
        PAID = "paid", _("Valid")
        REDEEMED = "redeemed", _("Spent")
        EXPIRED = "expired", _("Expired")
        REFUNDED = "refunded", _("Refunded")

    TRANSITIONS = {
        Status.PENDING: frozenset({Status.PAID, Status.EXPIRED}),
        Status.PAID: frozenset({Status.REDEEMED, Status.EXPIRED, Status.REFUNDED}),
        # Only when the order it was spent on is cancelled: it was not used then.
        Status.REDEEMED: frozenset({Status.PAID, Status.EXPIRED}),
        # Late money; and what was not spent goes back.
        Status.EXPIRED: frozenset({Status.PAID, Status.REFUNDED}),
        Status.REFUNDED: frozenset(),
    }
    LIVE = (Status.PENDING, Status.PAID, Status.REDEEMED)

    reference = models.CharField(_("number"), max_length=16, unique=True, editable=False)
    # What the QR code carries: unguessable.
    code = models.CharField(max_length=22, unique=True, editable=False)
    offer = models.ForeignKey(VoucherOffer, models.PROTECT, related_name="vouchers", verbose_name=_("voucher offer"))
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="vouchers", verbose_name=_("buyer"), db_index=False
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PENDING, editable=False)
    currency = models.CharField(_("currency"), max_length=3)
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2)
    worth = models.DecimalField(_("worth"), max_digits=10, decimal_places=2)
    valid_until = models.DateTimeField(_("to be spent until"))
    idempotency_key = models.CharField(max_length=80, editable=False)
    dealership = models.ForeignKey(
        "dealers.Dealership", models.PROTECT, null=True, blank=True, related_name="vouchers", verbose_name=_("spent at")
    )
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="vouchers", verbose_name=_("spent on")
    )
    redeemed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("spent with")
    )
    redeemed_at = models.DateTimeField(_("spent"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects = VoucherQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["buyer", "idempotency_key"], name="orders_voucher_idempotency"),
            models.CheckConstraint(
                condition=~Q(status="redeemed") | Q(redeemed_at__isnull=False, dealership__isnull=False),
                name="orders_voucher_redeemed",
            ),
        ]
        indexes = [models.Index(fields=["buyer", "-id"], name="orders_voucher_buyer")]

    def __str__(self) -> str:
        return self.reference

    @property
    def market_id(self) -> str:
        return self.offer.market_id

    @property
    def hold_expires_at(self) -> datetime:
        """Until when it waits for its payment."""
        return self.created_at + timedelta(minutes=settings.HOLD_MINUTES)

    @property
    def code_in_groups(self) -> str:
        """The code as it is read out and typed: four letters at a time."""
        return " ".join(self.code[at : at + 4] for at in range(0, len(self.code), 4))


class InterestRequest(models.Model):
    """Somebody wants a car that is not offered in their city yet: a lead as soon as it is."""

    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="interest_requests", verbose_name=_("buyer")
    )
    trim = models.ForeignKey("catalog.Trim", models.CASCADE, related_name="+", verbose_name=_("trim"))
    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    asked_at = models.DateTimeField(_("asked"), db_default=Now(), editable=False)
    told_at = models.DateTimeField(_("told"), null=True, blank=True, editable=False)
    dealership = models.ForeignKey(
        "dealers.Dealership",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="interest_requests",
        verbose_name=_("given to"),
    )

    class Meta:
        verbose_name = _("interest request")
        verbose_name_plural = _("interest requests")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["buyer", "trim", "city"], name="orders_interestrequest_once")]
        indexes = [
            models.Index(fields=["city", "trim"], condition=Q(told_at__isnull=True), name="orders_interestrequest_open")
        ]

    def __str__(self) -> str:
        return f"{self.trim_id} {self.city_id}"
