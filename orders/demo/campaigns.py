"""Demo campaigns, running from the day of the demonstration on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from catalog.models import Campaign, EnergyType, Offer


@dataclass(frozen=True)
class DemoCampaign:
    """Begins and ends so many days from today, at midnight in the market's own time."""

    slug: str
    name: str
    name_zh: str
    gift: str
    gift_zh: str
    trims: Q
    first_day: int
    last_day: int


CAMPAIGNS = (
    DemoCampaign(
        "charge-at-home",
        _("Charge at home"),
        "安心充电季",
        _("a home charger with installation"),
        "家用充电桩一台（含安装）",
        Q(trim__energy_type=EnergyType.BEV, list_price__lt=300_000),
        *(-5, 9),
    ),
    DemoCampaign(
        "haval-week",
        _("Haval owners' week"),
        "哈弗车主周",
        _("five years of free basic maintenance"),
        "五年基础保养免费",
        Q(trim__vehicle_model__brand__name="Haval"),
        *(-2, 4),
    ),
    DemoCampaign(
        "family-season",
        _("Family season"),
        "家庭出行季",
        _("a child seat and a year of roadside help"),
        "儿童安全座椅与一年道路救援",
        Q(trim__seats__gte=6),
        *(-9, 20),
    ),
)


def seed_campaigns(market: Any) -> None:
    """The demo campaigns of a market; those that are over begin anew, others stay as they are."""
    today = timezone.now().astimezone(market.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for demo in CAMPAIGNS:
        campaign = Campaign.objects.filter(slug=demo.slug).first()
        if campaign and campaign.ends_at > timezone.now():
            continue
        campaign, _created = Campaign.objects.update_or_create(
            slug=demo.slug,
            defaults={
                "name": demo.name,
                "name_zh": demo.name_zh,
                "gift": demo.gift,
                "gift_zh": demo.gift_zh,
                "market": market,
                "starts_at": today + dt.timedelta(days=demo.first_day),
                "ends_at": today + dt.timedelta(days=demo.last_day + 1),
                "is_published": True,
            },
        )
        offers = Offer.objects.valid(market, today.date()).filter(demo.trims)
        campaign.trims.set(offers.values_list("trim_id", flat=True))
