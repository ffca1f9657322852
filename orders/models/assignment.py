"""What an order holds and whom it was offered to: claims on cars, assignments to dealerships."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .order import Order


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
            models.Index(fields=["dealership", "answer_due_at"], condition=Q(answer=""), name="orders_assignment_desk"),
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
