"""Campaigns for tests: the smallest valid one, running now."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone

from catalog.models import Campaign, CampaignQuota, CampaignStep, Trim
from orders.integrity import (
    count_wrong_campaign_addresses,
    count_wrong_campaign_places,
    count_wrong_campaign_quotas,
)
from tests.factories import make_market

_numbers = itertools.count(1)
HOUR = dt.timedelta(hours=1)


def make_campaign(
    *trims: Trim,
    discount: str | None = "5000",
    total: int | None = None,
    steps: Mapping[int, str] | None = None,
    **fields: Any,
) -> Campaign:
    """Running from an hour ago to an hour from now; `total` makes its quota for all, `steps` its early birds."""
    number, now = next(_numbers), timezone.now()
    defaults = {
        "slug": f"festival-{number}",
        "name": f"Festival {number}",
        "name_zh": f"车节{number}",
        "market": fields.pop("market", None) or make_market(),
        "starts_at": now - HOUR,
        "ends_at": now + HOUR,
        "discount": None if discount is None else Decimal(discount),
        "limit_per_person": 100,
        "is_published": True,
    }
    campaign = Campaign.objects.create(**defaults | fields)
    campaign.trims.set(trims)
    if total is not None:
        make_quota(campaign, total)
    for places, off in (steps or {}).items():
        CampaignStep.objects.create(campaign=campaign, places=places, discount=Decimal(off))
    return campaign


def make_quota(campaign: Campaign, total: int, **fields: Any) -> CampaignQuota:
    return CampaignQuota.objects.create(campaign=campaign, total=total, **fields)


def assert_counts_fit() -> None:
    """What `check_integrity` says of campaigns: every count is that of the live places."""
    checks = (count_wrong_campaign_quotas, count_wrong_campaign_addresses, count_wrong_campaign_places)
    assert [check() for check in checks] == [0, 0, 0]
