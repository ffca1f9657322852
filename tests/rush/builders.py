"""A festival with a waiting room before it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from catalog.models import Campaign, CampaignQuota, StockUnit
from o2o_platform.accounts.models import User
from o2o_platform.waiting import line
from o2o_platform.waiting import services as waiting
from o2o_platform.waiting.models import Gate
from orders.services import gating


def make_gate(name: str = "festival", **fields: Any) -> Gate:
    return Gate.objects.create(**{"name": name, "opens_at": timezone.now() - timedelta(minutes=1)} | fields)


def make_rush(unit: StockUnit, *, gate: Gate | None = None, quota: int | None = None, **fields: Any) -> Campaign:
    """A running campaign of the car's trim behind a gate; the gates are read anew."""
    now = timezone.now()
    window = {"starts_at": now - timedelta(minutes=1), "ends_at": now + timedelta(hours=1)}
    campaign = Campaign.objects.create(
        **{"name": "Festival", "slug": "festival", "market": unit.market, "is_published": True}
        | window
        | {"gate": gate or make_gate()}
        | fields
    )
    campaign.trims.add(unit.trim)
    if quota is not None:
        CampaignQuota.objects.create(campaign=campaign, total=quota)
    gating.forget_gates()
    line.forget_paces()
    return campaign


def let_in(gate: Gate, *people: User) -> None:
    for person in people:
        waiting.join(gate, person_id=person.pk)
    waiting.call_next(gate.pk)
