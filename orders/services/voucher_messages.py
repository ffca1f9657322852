"""What buyers are told of their vouchers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from o2o_platform.notifications.services import notify

from ..models import Voucher


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
