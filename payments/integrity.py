"""What must never be true of money; each check counts the rows that break it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, DecimalField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_noop

from o2o_platform.journal.models import Event
from o2o_platform.operations.integrity import register
from orders.models import Order, Voucher

from .models import Compensation, Payment, Refund

GRACE = timedelta(minutes=10)
MONEY = DecimalField(max_digits=14, decimal_places=2)


def _total(rows: QuerySet, *, by: str) -> Coalesce:
    """The sum of `amount` over `rows`, grouped by the row they belong to, such as an order."""
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


def count_wrong_compensations() -> int:
    """Compensations of another sum than their order owes, or of an order that owes none."""
    return Compensation.objects.exclude(amount=F("order__compensation_due")).count()


def count_forgotten_compensations() -> int:
    """Compensations owed since more than ten minutes and not opened."""
    since = timezone.now() - GRACE
    ended = Event.objects.filter(
        subject_type=Order._meta.label_lower, subject_id=OuterRef("pk"), to_status=Order.Status.CANCELLED, at__lt=since
    )
    return Order.objects.filter(Exists(ended), compensation_due__gt=0, compensation=None).count()


def count_wrong_vouchers() -> int:
    """Vouchers whose money does not fit their state.

    A valid or spent one is paid by exactly one payment of its price that is not on its way back, a refunded one
    was paid back, one that expired keeps nothing for more than ten minutes, and just a spent one counts for an order.
    """
    rows = Voucher.objects.annotate(bought=_bought(), kept=_bought(refunds__isnull=True), counted=_spent())
    held = Q(status__in=(Voucher.Status.PAID, Voucher.Status.REDEEMED))
    unpaid = held & ~(Q(bought=F("price")) & Q(kept=F("price")))
    kept = Q(status__in=(Voucher.Status.PENDING, Voucher.Status.REFUNDED), kept__gt=0)
    kept |= Q(status=Voucher.Status.EXPIRED, kept__gt=0, valid_until__lt=timezone.now() - GRACE)
    spent = Q(status=Voucher.Status.REDEEMED) & (Q(counted=0) | Q(counted__gt=F("worth")))
    unspent = ~Q(status=Voucher.Status.REDEEMED) & Q(counted__gt=0)
    return rows.filter(unpaid | kept | spent | unspent).count()


def _bought(**condition: bool) -> Coalesce:
    """What was paid for a voucher and counts."""
    paid = Payment.objects.succeeded().filter(purpose=Payment.Purpose.VOUCHER, is_applied=True, **condition)
    return _total(paid, by="voucher")


def _spent() -> Coalesce:
    """What of a voucher counts for an order that did not give it back."""
    return _total(Payment.objects.filter(method=Payment.Method.VOUCHER, refunds__isnull=True), by="voucher")


def count_twice_spent_vouchers() -> int:
    """Vouchers that count for two orders."""
    counting = Payment.objects.filter(method=Payment.Method.VOUCHER, refunds__isnull=True)
    return counting.values("voucher").annotate(times=Count("pk")).filter(times__gt=1).count()


def register_checks() -> None:
    register(gettext_noop("Vouchers whose money does not fit their state"), count_wrong_vouchers)
    register(gettext_noop("Vouchers that count for two orders"), count_twice_spent_vouchers)
    register(gettext_noop("Orders whose paid total is not the sum of their payments"), count_wrong_paid_totals)
    register(gettext_noop("Orders whose refunds are not the sum requested"), count_wrong_refund_totals)
    register(gettext_noop("Payments neither counted nor refunded"), count_ownerless_money)
    register(gettext_noop("Refunds larger than their payment"), count_overpaid_refunds)
    register(gettext_noop("Compensations that differ from what their order owes"), count_wrong_compensations)
    register(gettext_noop("Compensations owed and not opened for ten minutes"), count_forgotten_compensations)
