"""The test provider's own books, as a real provider would keep them on its side."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Charge(models.Model):
    """One checkout at the sandbox provider. Amounts in minor units, as providers count."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        PAID = "paid", _("Paid")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", _("Cancelled")
        TIMED_OUT = "timed_out", _("Timed out")

    number = models.CharField(max_length=40, unique=True)
    merchant_reference = models.CharField(max_length=40, unique=True)
    amount_minor = models.PositiveBigIntegerField()
    refunded_minor = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    description = models.CharField(max_length=120)
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    return_url = models.URLField(max_length=500)
    notify_url = models.URLField(max_length=500)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("sandbox charge")
        verbose_name_plural = _("sandbox charges")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(refunded_minor__lte=models.F("amount_minor")), name="sandbox_charge_refunded"
            )
        ]

    def __str__(self) -> str:
        return self.number


class ChargeRefund(models.Model):
    """A refund the provider made; the merchant's number makes it idempotent."""

    charge = models.ForeignKey(Charge, models.PROTECT, related_name="refunds")
    merchant_reference = models.CharField(max_length=40, unique=True)
    number = models.CharField(max_length=40, unique=True)
    amount_minor = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("sandbox refund")
        verbose_name_plural = _("sandbox refunds")

    def __str__(self) -> str:
        return self.number
