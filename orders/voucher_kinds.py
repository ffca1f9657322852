"""The messages about vouchers: when they are sent, and examples of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from o2o_platform.markets.models import Market
from o2o_platform.notifications import subjects
from o2o_platform.notifications.kinds import Category, declare
from o2o_platform.notifications.samples import site_url

from .message_kinds import sample_order
from .models import Voucher, VoucherOffer

Status = Voucher.Status


def declare_vouchers() -> None:
    subjects.register("orders.voucher", lambda places: Voucher.objects.filter(dealership__in=places))
    orders: dict[str, Any] = {"category": Category.ORDERS, "sample": voucher_sample}
    declare("voucher_paid", _("Voucher bought"), waits=False, is_current=is_valid, **orders)
    declare("voucher_spent", _("Voucher spent"), waits=False, is_current=is_spent, **orders)
    declare("voucher_refunded", _("Voucher refunded"), waits=False, **orders)
    declare(
        "voucher_expiring",
        _("Voucher runs out"),
        category=Category.REMINDERS,
        sample=voucher_sample,
        is_current=is_valid,
    )


def is_valid(voucher: Voucher) -> bool:
    return voucher.status == Status.PAID


def is_spent(voucher: Voucher) -> bool:
    return voucher.status == Status.REDEEMED


def voucher_sample(market: Market) -> dict[str, Any]:
    valid_until = timezone.now() + timedelta(days=7)
    offer = VoucherOffer(market=market, name="Showroom voucher", name_zh="到店抵用券")
    voucher = Voucher(
        reference="V20481632ABCD",
        offer=offer,
        currency=market.currency,
        price=Decimal(99),
        worth=Decimal(1_000),
        valid_until=valid_until,
    )
    return {
        "voucher": voucher,
        "order": sample_order(market),
        "amount": voucher.worth,
        "url": site_url("/my-vouchers/V20481632ABCD/"),
    }
