"""Quotas are changed while orders take places in them: by conditional writes alone, never below those taken."""

from __future__ import annotations

from typing import Any

from ..models import CampaignQuota


def change_quota(quota_id: int, *, total: int) -> bool:
    """Another total; False when more places than that are taken. `used` is not touched."""
    return bool(CampaignQuota.objects.filter(pk=quota_id, used__lte=total).update(total=total))


def redraw_quota(quota_id: int, **scope: Any) -> bool:
    """Another trim, city or dealership; False once a place was taken, as places count where they were taken."""
    return bool(CampaignQuota.objects.filter(pk=quota_id, used=0).update(**scope))


def drop_quota(quota_id: int) -> bool:
    """Remove a quota; False once a place was taken from it."""
    return bool(CampaignQuota.objects.filter(pk=quota_id, used=0).delete()[0])
