"""What must never be true of money; each check counts the rows that break it."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import DecimalField, Exists, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_noop

from o2o_platform.operations.integrity import register
from orders.models import Order

from .models import Payment, Refund

MONEY = DecimalField(max_digits=14, decimal_places=2)


def _total(rows: QuerySet, *, by: str) -> Coalesce:
    """The sum of `amount` over `rows`, grouped by the order they belong to."""
    summed = rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(summed, output_field=MONEY), Decimal(0), output_field=MONEY)


def count_wrong_paid_totals() -> int:
    """Orders whose paid total is not the sum of the payments that count for them."""
    applied = _total(Payment.objects.succeeded().filter(is_applied=True), by="order")
    return Order.objects.annotate(counted=applied).exclude(counted=F("paid_total")).count()


def count_wrong_refund_totals() -> int:
    """Orders whose requested refunds are not the sum of the refunds of payments that counted for them."""
    requested = Refund.objects.exclude(status=Refund.Status.FAILED).filter(payment__is_applied=True)
    total = _total(requested, by="payment__order")
    return Order.objects.annotate(counted=total).exclude(counted=F("refunded_total")).count()


def count_ownerless_money() -> int:
    """Payments that succeeded and neither count for their order nor are refunded."""
    refunds = Refund.objects.filter(payment=OuterRef("pk")).exclude(status=Refund.Status.FAILED)
    return Payment.objects.succeeded().filter(~Exists(refunds), is_applied=False).count()


def count_overpaid_refunds() -> int:
    """Refunds of more than their payment."""
    return Refund.objects.filter(amount__gt=F("payment__amount")).count()


def register_checks() -> None:
    register(gettext_noop("Orders whose paid total is not the sum of their payments"), count_wrong_paid_totals)
    register(gettext_noop("Orders whose refunds are not the sum requested"), count_wrong_refund_totals)
    register(gettext_noop("Payments neither counted nor refunded"), count_ownerless_money)
    register(gettext_noop("Refunds larger than their payment"), count_overpaid_refunds)
