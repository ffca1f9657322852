"""Orders, the claims they have on cars, the dealerships they were offered to, and terms."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from o2o_platform.journal.models import Stateful
from o2o_platform.markets.models import Channel, City, DepositKind, Market, SalesModel


def text_digest(text: dict[str, str]) -> str:
    """SHA-256 of a text by language, as hexadecimal digits."""
    return hashlib.sha256(json.dumps(text, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class TermsQuerySet(models.QuerySet["Terms"]):
    def in_force(self, market: Market | str, *, brand_id: int | None = None) -> Terms:
        """The version in force now: the brand's own where it has one, else the market's. Raises Terms.DoesNotExist."""
        known = self.filter(Q(brand=None) | Q(brand=brand_id), market=market, in_force_from__lte=timezone.now())
        terms = known.order_by(F("brand").asc(nulls_last=True), "-in_force_from").first()
        if terms is None:
            raise Terms.DoesNotExist
        return terms


class Terms(models.Model):
    """One version of the sales terms of a market, or of one brand there; never edited once in force."""

    market = models.ForeignKey(Market, models.PROTECT, related_name="terms", verbose_name=_("market"))
    brand = models.ForeignKey(
        "catalog.Brand", models.PROTECT, null=True, blank=True, related_name="terms", verbose_name=_("brand")
    )
    version = models.CharField(_("version"), max_length=20)
    in_force_from = models.DateTimeField(_("in force from"))
    text = models.JSONField(_("text"), help_text=_("by language"))

    objects = TermsQuerySet.as_manager()

    class Meta:
        verbose_name = _("terms")
        verbose_name_plural = _("terms")
        ordering = ["-in_force_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["market", "brand", "version"], nulls_distinct=False, name="orders_terms_of_brand"
            )
        ]

    def __str__(self) -> str:
        return f"{self.market_id} {self.version}"

    @property
    def digest(self) -> str:
        """SHA-256 of the text in all its languages: what was accepted can be told from anything else."""
        return text_digest(self.text)


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, dealerships: models.QuerySet) -> Self:
        """Orders a dealership may see: sold by it now, past the deposit (or its own walk-in sale)."""
        unpaid = Q(status=Order.Status.CANCELLED, paid_total=0) & ~Q(channel=Channel.OFFLINE)
        before_deposit = Q(status__in=(Order.Status.PLACED, Order.Status.EXPIRED)) | unpaid
        return self.filter(dealership__in=dealerships).exclude(before_deposit)

    def refunds_to_request(self) -> Self:
        """Orders on which more is to be refunded than has been requested."""
        return self.filter(refund_due__gt=F("refunded_total"))

    def overdue_holds(self) -> Self:
        return self.filter(status=Order.Status.PLACED, hold_expires_at__lte=timezone.now())


class Order(Stateful):
    """A buyer's order of one car. What was promised (price, terms, deposit, channel) is frozen when it is placed.

    All sums in `currency`, VAT included.
    """

    class Status(models.TextChoices):
        PLACED = "placed", _("Awaiting deposit")
        RESERVED = "reserved", _("Reserved")
        ACCEPTED = "accepted", _("Accepted by the dealership")
        READY = "ready", _("Ready for handover")
        PAID = "paid", _("Paid in full")
        DELIVERED = "delivered", _("Delivered")
        RETURNED = "returned", _("Returned")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")

    TRANSITIONS = {
        Status.PLACED: frozenset({Status.RESERVED, Status.EXPIRED, Status.CANCELLED}),
        Status.RESERVED: frozenset({Status.ACCEPTED, Status.CANCELLED}),
        Status.ACCEPTED: frozenset({Status.READY, Status.CANCELLED}),
        Status.READY: frozenset({Status.PAID, Status.CANCELLED}),
        Status.PAID: frozenset({Status.DELIVERED, Status.CANCELLED}),
        Status.DELIVERED: frozenset({Status.RETURNED}),
        Status.RETURNED: frozenset(),
        Status.EXPIRED: frozenset({Status.RESERVED}),
        Status.CANCELLED: frozenset(),
    }
    LIVE = (Status.PLACED, Status.RESERVED, Status.ACCEPTED, Status.READY, Status.PAID, Status.DELIVERED)

    reference = models.CharField(_("order number"), max_length=16, unique=True, editable=False)
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="orders", verbose_name=_("buyer"), db_index=False
    )
    market = models.ForeignKey(Market, models.PROTECT, related_name="orders", verbose_name=_("market"), db_index=False)
    channel = models.CharField(_("channel"), max_length=18, choices=Channel)
    sales_model = models.CharField(_("sales model"), max_length=6, choices=SalesModel)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.PLACED, editable=False)
    trim = models.ForeignKey(
        "catalog.Trim", models.PROTECT, related_name="orders", verbose_name=_("trim"), db_index=False
    )
    colour = models.ForeignKey(
        "catalog.Colour", models.PROTECT, related_name="orders", verbose_name=_("colour"), db_index=False
    )
    stock_unit = models.ForeignKey("catalog.StockUnit", models.PROTECT, related_name="orders", verbose_name=_("car"))
    # None in a direct sale, which has no dealership's step.
    dealership = models.ForeignKey(
        "dealers.Dealership",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("dealership"),
        db_index=False,
    )
    # Where the buyer lives: what is offered depends on it.
    city = models.ForeignKey(
        City, models.PROTECT, null=True, blank=True, related_name="orders", verbose_name=_("city"), db_index=False
    )
    # The shop it was placed in, by what it was reached by: its host name, or its code; "" on the marketplace.
    shop = models.CharField(_("shop"), max_length=253, blank=True, default="", db_default="", editable=False)
    test_drive = models.OneToOneField(
        "dealers.Appointment",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="order",
        verbose_name=_("test drive"),
    )
    # Who won the buyer for the dealership (a scan, a quote, a showroom sale); kept to the end.
    advisor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="advised_orders",
        verbose_name=_("advisor"),
        db_index=False,
    )
    buyer_name = models.CharField(_("buyer's name"), max_length=80)
    currency = models.CharField(_("currency"), max_length=3)
    price_lines = models.JSONField(_("price build-up"))
    contract_total = models.DecimalField(_("contract price"), max_digits=12, decimal_places=2)
    on_the_road_total = models.DecimalField(_("on-the-road price"), max_digits=12, decimal_places=2)
    deposit_kind = models.CharField(_("deposit kind"), max_length=10, choices=DepositKind)
    deposit_amount = models.DecimalField(_("deposit"), max_digits=12, decimal_places=2)
    paid_total = models.DecimalField(_("paid"), max_digits=12, decimal_places=2, default=0, editable=False)
    refund_due = models.DecimalField(_("to be refunded"), max_digits=12, decimal_places=2, default=0, editable=False)
    refunded_total = models.DecimalField(
        _("refunds requested"), max_digits=12, decimal_places=2, default=0, editable=False
    )
    # What a seller in breach owes on top of the refund; decided when the order is cancelled, paid by `payments`.
    compensation_due = models.DecimalField(
        _("compensation due"), max_digits=12, decimal_places=2, default=0, db_default=0, editable=False
    )
    # Agency sale: what the dealership gets for handing over, without VAT.
    handover_fee = models.DecimalField(
        _("handover fee"), max_digits=12, decimal_places=2, default=0, db_default=0, editable=False
    )
    # How many times the earnest money a seller in breach pays back (China: 2), and the days in which a
    # distance contract may be withdrawn from after handover (EU: 14); of the rule in force when placed.
    breach_factor = models.DecimalField(
        _("breach factor"), max_digits=3, decimal_places=2, default=1, db_default=1, editable=False
    )
    withdrawal_days = models.PositiveSmallIntegerField(_("withdrawal (days)"), default=0, db_default=0, editable=False)
    # Which rule that was, and the language its notice of withdrawal was shown in: empty, none was shown.
    rule = models.ForeignKey(
        "orders.SaleRule",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="orders",
        verbose_name=_("sale rule"),
        db_index=False,
    )
    notice_language = models.CharField(
        _("language of the withdrawal notice"), max_length=10, blank=True, default="", db_default="", editable=False
    )
    # When the buyer withdrew from the contract after handover: the car is to be brought back.
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="orders", verbose_name=_("terms"), db_index=False)
    terms_accepted_at = models.DateTimeField(_("terms accepted"))
    refundable_until = models.DateTimeField(_("refund deadline (lock)"))
    hold_expires_at = models.DateTimeField(_("held until"))
    handover_code = models.CharField(_("collection code"), max_length=8, editable=False)
    idempotency_key = models.CharField(max_length=80, null=True, editable=False)
    request_digest = models.CharField(max_length=64, blank=True, editable=False)
    placed_at = models.DateTimeField(_("placed"), db_default=Now(), editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["buyer", "idempotency_key"], name="orders_order_idempotency"),
            models.CheckConstraint(
                condition=Q(
                    status__in=(
                        *("placed", "reserved", "accepted", "ready", "paid", "delivered", "returned"),
                        *("expired", "cancelled"),
                    )
                ),
                name="orders_order_status",
            ),
            models.CheckConstraint(
                condition=Q(sales_model="direct") | Q(dealership__isnull=False), name="orders_order_dealership"
            ),
            models.CheckConstraint(
                condition=Q(handover_fee=0) | Q(sales_model="agency", handover_fee__gt=0),
                name="orders_order_handover_fee",
            ),
            models.CheckConstraint(
                condition=Q(compensation_due=0)
                | Q(status="cancelled", deposit_kind="earnest", refund_due=F("paid_total"))
                & Q(compensation_due__gt=0, compensation_due__lte=F("deposit_amount") * (F("breach_factor") - 1)),
                name="orders_order_compensation",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(status__in=("delivered", "returned"), withdrawal_days__gt=0),
                name="orders_order_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(contract_total__gt=0, on_the_road_total__gte=F("contract_total")),
                name="orders_order_totals",
            ),
            models.CheckConstraint(
                condition=Q(deposit_amount__gte=0, deposit_amount__lte=F("contract_total")), name="orders_order_deposit"
            ),
            models.CheckConstraint(
                condition=~Q(deposit_kind="earnest") | Q(deposit_amount__lte=F("contract_total") * Decimal("0.2")),
                name="orders_order_earnest_fifth",
            ),
            models.CheckConstraint(
                condition=Q(paid_total__gte=0, refund_due__lte=F("paid_total"), refunded_total__gte=0)
                & Q(refunded_total__lte=F("refund_due"), paid_total__lte=F("contract_total")),
                name="orders_order_sums",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("paid", "delivered", "returned")) | Q(paid_total=F("contract_total")),
                name="orders_order_paid_in_full",
            ),
        ]
        indexes = [
            models.Index(fields=["hold_expires_at"], condition=Q(status="placed"), name="orders_order_holds"),
            models.Index(fields=["dealership", "status", "-id"], name="orders_order_desk"),
            models.Index(fields=["buyer", "-id"], name="orders_order_buyer"),
            models.Index(fields=["market", "placed_at"], name="orders_order_period"),
            models.Index(OpClass(Lower("buyer_name"), name="text_pattern_ops"), name="orders_order_name_start"),
            models.Index(
                fields=["id"], condition=Q(refund_due__gt=F("refunded_total")), name="orders_order_refund_due"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_direct(self) -> bool:
        """Whether no dealership has a step in it."""
        return self.sales_model == SalesModel.DIRECT

    @property
    def zone(self) -> ZoneInfo:
        """The clock it is told by: the dealership's, or of a direct order the market's."""
        return self.market.zone if self.dealership is None else self.dealership.zone

    @property
    def status_label(self) -> str:
        """The state in words: a direct order has no dealership that accepts or hands over."""
        named = {
            Order.Status.ACCEPTED: _("Confirmed, being prepared"),
            Order.Status.READY: _("Ready for delivery"),
        }
        return str(named.get(self.status) or self.get_status_display()) if self.is_direct else self.get_status_display()

    @property
    def balance_due(self) -> Decimal:
        """What is still to be paid for the car, in `currency`."""
        return self.contract_total - self.paid_total

    @property
    def assignment(self) -> Assignment | None:
        """The open offer to a dealership, or None."""
        return self.assignments.offered().select_related("dealership").first()


class Claim(models.Model):
    """An order's hold on a car. One live claim per car and per order: the database refuses a second."""

    stock_unit = models.ForeignKey("catalog.StockUnit", models.PROTECT, related_name="claims", verbose_name=_("car"))
    order = models.ForeignKey(Order, models.PROTECT, related_name="claims", verbose_name=_("order"))
    claimed_at = models.DateTimeField(_("claimed"), db_default=Now(), editable=False)
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.UniqueConstraint(
                fields=["stock_unit"], condition=Q(released_at__isnull=True), name="orders_claim_one_per_unit"
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(released_at__isnull=True), name="orders_claim_one_per_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} → {self.stock_unit_id}"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    UNDECIDED = Q(needs_consent=True, consented_at__isnull=True)

    def made(self) -> Self:
        """Offers the dealership knows of: not those the buyer was only asked about."""
        return self.exclude(self.UNDECIDED)

    def offered(self) -> Self:
        """Offers that wait for the dealership's answer."""
        return self.made().filter(answer="")

    def pending_consent(self) -> Self:
        """Questions to the buyer that are open."""
        return self.filter(self.UNDECIDED, answer="")


class Assignment(models.Model):
    """The offer of a reserved order to a dealership, to be answered in its business hours."""

    class Answer(models.TextChoices):
        OPEN = "", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        TIMED_OUT = "timed_out", _("No answer in time")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class DeclineReason(models.TextChoices):
        SOLD = "sold", _("Car already sold")
        DAMAGED = "damaged", _("Car damaged")
        NOT_HERE = "not_here", _("Car not here")
        NO_CAPACITY = "no_capacity", _("No capacity")
        OTHER = "other", _("Other reason")

    order = models.ForeignKey(Order, models.PROTECT, related_name="assignments", verbose_name=_("order"))
    dealership = models.ForeignKey(
        "dealers.Dealership", models.PROTECT, related_name="assignments", verbose_name=_("dealership")
    )
    offered_at = models.DateTimeField(_("offered"), db_default=Now())
    answer_due_at = models.DateTimeField(_("answer due"))
    acknowledged_at = models.DateTimeField(_("received by the dealer system"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    answer = models.CharField(_("answer"), max_length=9, choices=Answer, blank=True, default=Answer.OPEN)
    decline_reason = models.CharField(_("reason"), max_length=12, choices=DeclineReason, blank=True)
    is_escalated = models.BooleanField(_("with platform staff"), default=False)
    reminded_at = models.DateTimeField(_("reminded"), null=True, editable=False)
    # Offered only once the buyer agreed: another dealership is another seller.
    needs_consent = models.BooleanField(_("waits for the buyer's consent"), default=False, editable=False)
    consent_due_at = models.DateTimeField(_("consent due"), null=True, editable=False)
    consented_at = models.DateTimeField(_("buyer agreed"), null=True, editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(answer=""), name="orders_assignment_one_open"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="orders_assignment_answered_at",
            ),
        ]
        indexes = [
            models.Index(fields=["answer_due_at"], condition=Q(answer=""), name="orders_assignment_due"),
            models.Index(
                fields=["dealership", "answer_due_at"], condition=Q(answer=""), name="orders_assignment_desk"
            ),
            models.Index(fields=["offered_at"], name="orders_assignment_period"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} → {self.dealership_id}"

    @property
    def is_question(self) -> bool:
        """Whether the buyer is asked and has not decided; the dealership knows nothing yet."""
        return not self.answer and self.needs_consent and self.consented_at is None

    @property
    def is_offered(self) -> bool:
        """Whether the dealership has to answer."""
        return not self.answer and not self.is_question
