"""What must never be true of direct sales; each check counts the rows that break it."""

from __future__ import annotations

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext_noop

from o2o_platform.markets.models import SalesModel
from o2o_platform.operations.integrity import register

from .models import Assignment, DeliveryWindow, DirectSale, Order

Status = Order.Status
DIRECT = Q(sales_model=SalesModel.DIRECT)
ACCEPTED = (Status.ACCEPTED, Status.READY, Status.PAID, Status.DELIVERED, Status.RETURNED)
HANDED_OVER = (Status.DELIVERED, Status.RETURNED)


def count_direct_with_dealership() -> int:
    """Direct orders that name a dealership or were offered to one."""
    offered = Assignment.objects.filter(order=OuterRef("pk"))
    return Order.objects.filter(DIRECT, Q(dealership__isnull=False) | Exists(offered)).count()


def count_wrong_sales() -> int:
    """Direct orders without their sale, and sales of orders that are not direct."""
    return Order.objects.filter((DIRECT & Q(direct_sale=None)) | (~DIRECT & Q(direct_sale__isnull=False))).count()


def count_unknown_buyers() -> int:
    """Direct orders that went on without the buyer's identity verified."""
    sales = DirectSale.objects.exclude(identity=DirectSale.Identity.VERIFIED)
    return sales.filter(order__status__in=ACCEPTED).count()


def count_wrong_windows() -> int:
    """Delivery windows whose places taken are not the sales in them, and ended orders that keep a place."""
    windows = DeliveryWindow.objects.annotate(taken=Count("sales")).exclude(taken=F("used")).count()
    ended = (Status.PLACED, Status.EXPIRED, Status.CANCELLED)
    return windows + DirectSale.objects.filter(order__status__in=ended, delivery_window__isnull=False).count()


def count_wrong_protocols() -> int:
    """Cars handed over without a protocol, and protocols of cars that were not."""
    is_over = Q(order__status__in=HANDED_OVER)
    signed = Q(handed_over_at__isnull=False, odometer_km__isnull=False) & ~Q(signed_name="")
    return DirectSale.objects.filter((is_over & ~signed) | (~is_over & Q(handed_over_at__isnull=False))).count()


def count_wrong_returns() -> int:
    """Returned cars without the sum that goes back being what was paid less the charge, and returns of others."""
    right = Q(returned_at__isnull=False, order__refund_due=F("order__paid_total") - F("return_charge"))
    is_back = Q(order__status=Status.RETURNED)
    kept = DirectSale.objects.filter(is_back).filter(~right | Q(return_charge__isnull=True)).count()
    return kept + DirectSale.objects.filter(~is_back, returned_at__isnull=False).count()


def register_direct_checks() -> None:
    register(gettext_noop("Direct orders with a dealership"), count_direct_with_dealership)
    register(gettext_noop("Direct orders without their sale"), count_wrong_sales)
    register(gettext_noop("Direct orders of unknown buyers"), count_unknown_buyers)
    register(gettext_noop("Delivery windows that differ from their sales"), count_wrong_windows)
    register(gettext_noop("Direct handovers without a protocol"), count_wrong_protocols)
    register(gettext_noop("Returns whose refund is wrong"), count_wrong_returns)
