"""Orders: what was promised, what was paid, and the states in between."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Self
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

from .terms import Terms

if TYPE_CHECKING:
    from .assignment import Assignment


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
