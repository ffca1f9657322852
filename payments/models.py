"""Money in and out: one row per payment attempt or showroom receipt, one per refund."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from o2o_platform.accounts.models import User
from o2o_platform.journal.models import Stateful
from orders.models import Order, Voucher


class PaymentQuerySet(models.QuerySet["Payment"]):
    def succeeded(self) -> Self:
        return self.filter(status=Payment.Status.SUCCEEDED)

    def pending(self) -> Self:
        return self.filter(status=Payment.Status.PENDING)


class Payment(Stateful):
    """A payment for an order or a voucher: through a provider, or received at the dealership, in its currency.

    A voucher spent is one too, by the method `voucher`: it counts for the order's balance and is no cash.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting")
        SUCCEEDED = "succeeded", _("Paid")
        FAILED = "failed", _("Refused")
        CANCELLED = "cancelled", _("Cancelled")
        TIMED_OUT = "timed_out", _("Timed out")

    class Purpose(models.TextChoices):
        DEPOSIT = "deposit", _("Deposit")
        BALANCE = "balance", _("Balance")
        VOUCHER = "voucher", _("Voucher")

    class Method(models.TextChoices):
        ONLINE = "online", _("Online")
        CASH = "cash", _("Cash")
        CARD = "card", _("Card at the counter")
        TRANSFER = "transfer", _("Bank transfer")
        LOAN = "loan", _("Car loan")
        VOUCHER = "voucher", _("Voucher")

    # A provider may say "paid" after it said otherwise, or after we gave up waiting: money always counts.
    TRANSITIONS = {
        Status.PENDING: frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.TIMED_OUT}),
        Status.FAILED: frozenset({Status.SUCCEEDED}),
        Status.CANCELLED: frozenset({Status.SUCCEEDED}),
        Status.TIMED_OUT: frozenset({Status.SUCCEEDED}),
        Status.SUCCEEDED: frozenset(),
    }

    reference = models.CharField(_("payment number"), max_length=24, unique=True, editable=False)
    # Of an order, or of a voucher bought; a voucher spent names both.
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("order")
    )
    voucher = models.ForeignKey(
        Voucher, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("voucher")
    )
    purpose = models.CharField(_("for"), max_length=7, choices=Purpose)
    method = models.CharField(_("method"), max_length=8, choices=Method, default=Method.ONLINE)
    provider = models.CharField(_("provider"), max_length=20, blank=True)
    provider_reference = models.CharField(_("provider's number"), max_length=80, null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.PENDING, editable=False)
    is_applied = models.BooleanField(
        _("counts for the order"), default=False, editable=False, help_text=_("money not applied is refunded in full")
    )
    idempotency_key = models.CharField(max_length=80, unique=True, editable=False)
    checkout_url = models.URLField(max_length=500, blank=True, editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    settled_at = models.DateTimeField(_("settled"), null=True, editable=False)
    next_check_at = models.DateTimeField(_("next question to the provider"), null=True, editable=False)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_reference"],
                condition=Q(provider_reference__isnull=False),
                name="payments_payment_provider_reference",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_payment_amount"),
            models.CheckConstraint(
                condition=Q(order__isnull=False, voucher__isnull=True) & ~Q(purpose="voucher") & ~Q(method="voucher")
                | Q(order__isnull=True, voucher__isnull=False, purpose="voucher", method="online")
                | Q(order__isnull=False, voucher__isnull=False, purpose="balance", method="voucher"),
                name="payments_payment_of_one",
            ),
            models.CheckConstraint(
                condition=~Q(status="succeeded") | Q(settled_at__isnull=False), name="payments_payment_settled"
            ),
            models.CheckConstraint(
                condition=Q(is_applied=False) | Q(status="succeeded"), name="payments_payment_applied_is_paid"
            ),
        ]
        indexes = [
            models.Index(fields=["next_check_at"], condition=Q(status="pending"), name="payments_payment_to_check"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def subject(self) -> Order | Voucher:
        """What was paid for: the order, or the voucher bought."""
        return self.voucher if self.order_id is None else self.order  # type: ignore[return-value]

    @property
    def is_voucher_spent(self) -> bool:
        """Whether no money came: a voucher counts for the order's balance."""
        return self.method == Payment.Method.VOUCHER

    @property
    def currency(self) -> str:
        return self.subject.currency

    @property
    def buyer(self) -> User:
        return self.subject.buyer


class Refund(Stateful):
    """Money back for one payment; its life runs beside the order's."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        SUBMITTED = "submitted", _("With the provider")
        SUCCEEDED = "succeeded", _("Refunded")
        FAILED = "failed", _("Failed")

    TRANSITIONS = {
        Status.REQUESTED: frozenset({Status.SUBMITTED, Status.SUCCEEDED, Status.FAILED}),
        Status.SUBMITTED: frozenset({Status.SUCCEEDED, Status.FAILED}),
        Status.FAILED: frozenset({Status.REQUESTED}),
        Status.SUCCEEDED: frozenset(),
    }

    reference = models.CharField(_("refund number"), max_length=24, unique=True, editable=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds", verbose_name=_("payment"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.REQUESTED, editable=False)
    reason = models.CharField(_("reason"), max_length=200)
    provider_reference = models.CharField(_("provider's number"), max_length=80, null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    settled_at = models.DateTimeField(_("settled"), null=True, editable=False)
    next_attempt_at = models.DateTimeField(_("next attempt"), db_default=Now(), editable=False)
    attempts_made = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_refund_amount"),
            models.UniqueConstraint(
                fields=["payment"], condition=~Q(status="failed"), name="payments_refund_one_per_payment"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(status__in=("requested", "submitted")),
                name="payments_refund_open",
            )
        ]

    def __str__(self) -> str:
        return self.reference


class Compensation(Stateful):
    """What a seller in breach owes a buyer on top of the refund (China, Civil Code 587). In the order's currency."""

    class Status(models.TextChoices):
        DUE = "due", _("Due")
        PAID = "paid", _("Paid out")

    TRANSITIONS = {Status.DUE: frozenset({Status.PAID}), Status.PAID: frozenset()}

    reference = models.CharField(_("number"), max_length=24, unique=True, editable=False)
    order = models.OneToOneField(Order, models.PROTECT, related_name="compensation", verbose_name=_("order"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    status = models.CharField(_("status"), max_length=4, choices=Status, default=Status.DUE, editable=False)
    reason = models.CharField(_("reason"), max_length=200)
    note = models.CharField(_("transfer"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    settled_at = models.DateTimeField(_("settled"), null=True, editable=False)

    class Meta:
        verbose_name = _("compensation")
        verbose_name_plural = _("compensations")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="payments_compensation_amount")]

    def __str__(self) -> str:
        return self.reference
