"""The demo voucher: ¥99 online, ¥1,000 at the showroom."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from orders.models import VoucherOffer

SLUG = "showroom-1000"


def seed_vouchers(market: Any) -> None:
    """The demo voucher offer of a market: on sale for four weeks, to be spent in eight; one on sale stays as it is."""
    offer = VoucherOffer.objects.filter(slug=SLUG).first()
    if offer and offer.ends_at > timezone.now():
        return
    today = timezone.now().astimezone(market.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    VoucherOffer.objects.update_or_create(
        slug=SLUG,
        defaults={
            "market": market,
            "name": _("¥1,000 showroom voucher"),
            "name_zh": "¥1,000 到店抵用券",
            "price": Decimal(99),
            "worth": Decimal(1_000),
            "starts_at": today,
            "ends_at": today + dt.timedelta(weeks=4),
            "valid_until": today + dt.timedelta(weeks=8) - dt.timedelta(minutes=1),
            "total": 1_000,
            "limit_per_person": 1,
            "is_published": True,
        },
    )
