"""Campaigns behind a waiting room: whose cars need a pass, and when nothing is left to wait for.

A pass is asked for by the car, not by what the request says of campaigns: leaving the campaign out
of it is no way round the room. A showroom's quote is: its buyer has been to the dealership.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from catalog.models import Campaign
from o2o_platform.freshness import Fresh
from o2o_platform.waiting import services as waiting
from o2o_platform.waiting.models import Gate

from .conditions import SaleConditions


@dataclass(frozen=True, slots=True)
class GatedCampaign:
    """What is read once a second about a campaign with a gate."""

    pk: int
    market: str
    gate: Gate
    starts_at: datetime
    ends_at: datetime
    trim_ids: frozenset[int]

    def is_guarding(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at and self.gate.is_guarding(at)


def gated_campaigns() -> list[GatedCampaign]:
    """Those before whose cars people wait this moment; read at most once a second, outside of transactions."""
    now = timezone.now()
    return [each for each in _kept.get("") if each.is_guarding(now)]


def find_gate(market: str, trim_id: int, *, campaign_id: int | None = None) -> Gate | None:
    """The gate before a trim; where it is in several campaigns, that of the one asked for, else of the first."""
    found = [each for each in gated_campaigns() if each.market == market and trim_id in each.trim_ids]
    asked = [each for each in found if each.pk == campaign_id]
    return (asked or found)[0].gate if found else None


def gate_before(conditions: SaleConditions | None, *, campaign_id: int | None) -> Gate | None:
    """The gate before the trim these conditions are of."""
    if conditions is None:
        return None
    offer = conditions.offer
    return find_gate(offer.market_id, offer.trim_id, campaign_id=campaign_id)


def _read(_key: str) -> list[GatedCampaign]:
    """Published campaigns with a gate that are not over; their trims with one statement more."""
    rows = Campaign.objects.filter(is_published=True, gate__isnull=False, ends_at__gt=timezone.now())
    campaigns = list(rows.select_related("gate").order_by("starts_at", "pk"))
    if not campaigns:
        return []
    trims: dict[int, set[int]] = defaultdict(set)
    through = Campaign.trims.through.objects.filter(campaign__in=campaigns)
    for campaign_id, trim_id in through.values_list("campaign_id", "trim_id"):
        trims[campaign_id].add(trim_id)
    return [
        GatedCampaign(each.pk, each.market_id, each.gate, each.starts_at, each.ends_at, frozenset(trims[each.pk]))
        for each in campaigns
    ]


_kept = Fresh(_read)


def market_of(gate: str) -> str | None:
    """The market of the campaigns behind a gate; None where there is none."""
    rows = Campaign.objects.filter(gate__name=gate).order_by("-is_published", "starts_at", "pk")
    return rows.values_list("market_id", flat=True).first()


def forget_gates() -> None:
    """For tests: the next look reads the database."""
    _kept.forget()


# Whether one car of one of the gate's running campaigns could be ordered this moment: free, at an active
# dealership or sold by the maker, on sale today, and under no quota that is used up.
_SOMETHING_LEFT = """
SELECT g.id, g.sold_out_at IS NOT NULL, EXISTS (
  SELECT FROM catalog_campaign c
  JOIN catalog_campaign_trims t ON t.campaign_id = c.id
  JOIN catalog_stockunit u ON u.trim_id = t.trim_id AND u.market_id = c.market_id AND u.availability = 'available'
  LEFT JOIN dealers_dealership d ON d.id = u.dealership_id
  WHERE c.gate_id = g.id AND c.is_published
    AND c.starts_at <= statement_timestamp() AND statement_timestamp() < c.ends_at
    AND coalesce(d.is_active, true)
    AND NOT EXISTS (
      SELECT FROM catalog_campaignquota q
      WHERE q.campaign_id = c.id AND q.used >= q.total
        AND (q.trim_id IS NULL OR q.trim_id = t.trim_id)
        AND (q.dealership_id IS NULL OR q.dealership_id = u.dealership_id)
        AND (q.city_id IS NULL OR q.city_id = d.city_id)
    )
)
FROM waiting_gate g
WHERE g.opens_at <= statement_timestamp() AND (g.closes_at IS NULL OR g.closes_at > statement_timestamp())
  AND EXISTS (
    SELECT FROM catalog_campaign c WHERE c.gate_id = g.id AND c.is_published
      AND c.starts_at <= statement_timestamp() AND statement_timestamp() < c.ends_at
  )
"""


def tend_gates() -> int:
    """Close the gates behind which nothing is left, open those behind which something came back; how many changed.

    Looked at every few seconds instead of counted with each order: whatever made a car or a place free (a hold
    that ran out, a cancellation, new stock, a larger quota), the line goes on, and no order pays for it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SOMETHING_LEFT)
        rows = cursor.fetchall()
    changed = 0
    for gate_id, is_closed, has_something in rows:
        if has_something == is_closed:
            changed += waiting.reopen(gate_id) if has_something else waiting.close_sold_out(gate_id)
    return changed
