"""What buyers are told of their vouchers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from o2o_platform.interface.formats import format_money
from o2o_platform.notifications.services import notify

from ..models import Order, Voucher


def voucher_url(voucher: Voucher) -> str:
    """The buyer's page of the voucher, absolute."""
    return settings.SITE_URL + reverse("orders:voucher", args=[voucher.reference])


def tell_of_voucher(voucher: Voucher, kind: str, **more: Any) -> None:
    """Write the message `kind` to the voucher's buyer; `more` is for its words."""
    last = voucher.events.values_list("pk", flat=True).last() or 0
    notify(
        voucher.buyer,
        kind,
        subject=voucher,
        context={"voucher": voucher, "url": voucher_url(voucher), **more},
        dedupe_key=f"{kind}:{voucher.reference}:{last}",
    )


def returned_note(order: Order) -> str:
    """What of the refund of an order comes back as a voucher, in words; empty without one spent on it."""
    if order.pk is None or order.paid_total <= order.deposit_amount:
        return ""
    counted = order.payments.filter(method="voucher", refunds__isnull=True).aggregate(sum=Sum("amount"))["sum"]
    if not counted:
        return ""
    amount = format_money(counted, currency=order.currency)
    return _("%(amount)s of it comes back as your voucher.") % {"amount": amount}
