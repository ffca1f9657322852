"""The platform with what keeps a rush honest taken out, for the control: `gunicorn bench.festival_unguarded`.

Cars and places in a campaign are taken by reading, deciding and writing, as many shops do.
"""

from __future__ import annotations

from typing import Any

from bench import world  # noqa: F401 - sets Django up before anything else
from catalog.models import Availability, CampaignQuota, StockUnit
from catalog.services.stock import ClaimedUnit
from o2o_platform.wsgi import application
from orders.services import campaigning, placing

__all__ = ["application"]

take_guarded = campaigning.take_place


def claim_any(*, trim_id: int, colour_id: int, dealership_id: int) -> ClaimedUnit | None:
    rows = StockUnit.objects.filter(trim=trim_id, colour=colour_id, dealership=dealership_id)
    unit = rows.filter(availability=Availability.AVAILABLE).order_by("pk").first()
    if unit is None:
        return None
    unit.availability = Availability.HELD
    unit.save(update_fields=["availability"])
    return ClaimedUnit(
        unit.pk, unit.trim_id, unit.colour_id, unit.market_id, unit.dealership_id, unit.discount, option_ids=()
    )


def take_place(campaign_id: int, **values: Any) -> campaigning.Place:
    """The quota as it is read is what counts; then the place as usual, in a quota made large enough for it."""
    quotas = list(CampaignQuota.objects.filter(campaign=campaign_id))
    if any(quota.used >= quota.total for quota in quotas):
        raise campaigning.exceptions.CampaignSoldOut
    CampaignQuota.objects.filter(campaign=campaign_id).update(total=10**6)
    place = take_guarded(campaign_id, **values)
    for quota in quotas:
        CampaignQuota.objects.filter(pk=quota.pk).update(used=quota.used + 1, total=quota.total)
    return place


placing.claim_any = claim_any
placing.take_place = take_place
