"""A year of orders, written once."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from catalog.models import Campaign, CampaignQuota
from o2o_platform.markets.models import Channel
from orders.demo.world import festival
from orders.models import FunnelDay, Order, VoucherOffer

from .campaigns import Festivals
from .direct import Windows, live_directly
from .drives import Drives
from .facts import Facts
from .life import KEY, Life, Plan, begin
from .papers import Archive
from .plans import Planner
from .quotes import quote_of
from .steps import live
from .visitors import visitor_days
from .writing import save, save_events, save_handoffs, save_money, save_orders

VOUCHER_OF = {festival.LIVE: festival.VOUCHER, festival.OVER: festival.OVER_VOUCHER}


@transaction.atomic
def seed_past() -> int:
    """Write the year before today unless it is there; how many orders were written."""
    if Order.objects.filter(idempotency_key__startswith=KEY).exists():
        return 0
    facts = Facts()
    planner, festivals, drives = Planner(facts), Festivals(facts), Drives(facts)
    offers = {offer.slug: offer for offer in VoucherOffer.objects.select_related("market", "campaign")}
    windows: Windows = {}
    plans = [*planner.year(), *festivals.plan(planner)]
    lives = [_live(plan, facts, festivals, offers, windows) for plan in plans]
    for life in lives:
        drives.of_order(life)
    drives.of_strangers(planner)
    festivals.sell_unspent(offers, planner)
    _claim_places(lives, festivals)
    save_orders(lives, windows)
    save_money(lives, festivals)
    save(drives.rows)
    save_events([*(told for life in lives for told in life.told), *festivals.told, *drives.told])
    save_handoffs([each for life in lives for each in life.assignments], facts)
    archive = Archive()
    archive.issue_all(lives)
    archive.save()
    FunnelDay.objects.bulk_create(visitor_days(facts, _festival_days()), ignore_conflicts=True)
    return len(lives)


def _live(plan: Plan, facts: Facts, festivals: Festivals, offers: dict[str, VoucherOffer], windows: Windows) -> Life:
    life = begin(plan, facts)
    if plan.takes_voucher and plan.campaign is not None:
        life.before_paying = partial(festivals.spend, life, offers[VOUCHER_OF[plan.campaign.slug]])
    if life.order.channel == Channel.OFFLINE_TO_ONLINE:
        life.quote = quote_of(life, facts)
    if plan.place is None:
        live_directly(life, facts, windows)
    else:
        live(life, facts)
    return life


def _claim_places(lives: list[Life], festivals: Festivals) -> None:
    quotas = list(CampaignQuota.objects.filter(campaign__slug__in=VOUCHER_OF))
    for life in lives:
        if life.plan.campaign is not None:
            festivals.claim(life, quotas)


def _festival_days() -> list:
    campaigns = Campaign.objects.filter(slug__in=VOUCHER_OF)
    return [(campaign.starts_at.date(), campaign.ends_at.date()) for campaign in campaigns]
