"""A campaign on the way to an order: found by the slug in the link, with the price it gives this car."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from catalog.campaign_price import with_campaign
from catalog.campaign_standing import standing_of, terms_of
from catalog.models import Campaign, Offer
from catalog.pricing import PriceBreakdown, rules_on
from o2o_platform.freshness import Fresh
from o2o_platform.markets.models import Market
from o2o_platform.operations.network import client_address, is_public

UNKNOWN = -1
MOST_OFFERED = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """A running campaign with a place left for a trim."""

    campaign: Campaign

    @property
    def slug(self) -> str:
        return self.campaign.slug

    @property
    def name(self) -> str:
        return self.campaign.label

    @property
    def gift(self) -> str:
        return self.campaign.gift_label

    def price(self, usual: PriceBreakdown, *, offer: Offer) -> PriceBreakdown:
        """What the car costs in the campaign this moment; the order checks it again."""
        campaign, day = self.campaign, standing_of(self.campaign.pk).now
        rules = rules_on(offer.market_id, day.astimezone(offer.market.zone).date())
        return with_campaign(usual, terms_of(campaign, standing_of(campaign.pk)), trim=offer.trim, rules=rules)


def campaign_id_of(slug: str) -> int | None:
    """The number of a campaign by its slug, for `place_order`; one that is none for an unknown slug."""
    return _ids.get(slug) if slug else None


def entries_for(market: Market, trim_id: int) -> list[Entry]:
    """Campaigns in which a trim can be had this moment, the one that ends first in front."""
    rows = Campaign.objects.running(market).filter(trims=trim_id).order_by("ends_at", "pk")
    return [Entry(campaign) for campaign in rows[:MOST_OFFERED] if standing_of(campaign.pk).left_of(trim_id) != 0]


def find_entry(slug: str, *, market: Market, trim_id: int) -> Entry | None:
    """The campaign a buyer came from, when a place is left for the trim; else None."""
    campaign = Campaign.objects.running(market).filter(slug=slug, trims=trim_id).first()
    if campaign is None or standing_of(campaign.pk).left_of(trim_id) == 0:
        return None
    return Entry(campaign)


def counted_address(request: HttpRequest) -> str:
    """The address a campaign's limit counts; empty for one of our own network, which is a proxy's and everybody's."""
    address = client_address(request)
    return address if is_public(address) else ""


def _read_id(slug: str) -> int:
    return Campaign.objects.filter(slug=slug).values_list("pk", flat=True).first() or UNKNOWN


_ids = Fresh(_read_id)
