"""How a campaign stands this moment: places left, and what the next one gives. From memory, a second old at most."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from catalog.campaign_price import CampaignTerms
from catalog.models import Campaign, CampaignQuota, CampaignStep
from catalog.pricing import ZERO
from o2o_platform.freshness import Fresh


@dataclass(frozen=True, slots=True)
class Bird:
    """The early-bird step that counts now: so many places are left of it, each with this much more off."""

    left: int
    discount: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """`left` and `total` are None where nothing bounds the campaign as a whole.

    `by_trim` has the places left of trims with a quota of their own; `ahead` is how much the database's
    clock, which decides, is ahead of this process's.
    """

    taken: int | None
    total: int | None
    by_trim: Mapping[int, int]
    birds: tuple[tuple[int, Decimal], ...]
    ahead: dt.timedelta

    @property
    def left(self) -> int | None:
        return None if self.total is None or self.taken is None else self.total - self.taken

    @property
    def bird(self) -> Bird | None:
        """The smallest step that has a place left; without a quota for all nobody is early."""
        if self.taken is None:
            return None
        found = next(((places, off) for places, off in self.birds if places > self.taken), None)
        return Bird(found[0] - self.taken, found[1]) if found else None

    @property
    def now(self) -> dt.datetime:
        """This moment by the database's clock."""
        return timezone.now() + self.ahead

    def left_of(self, trim_id: int) -> int | None:
        """Places left for a trim; None where nothing bounds it."""
        known = [left for left in (self.left, self.by_trim.get(trim_id)) if left is not None]
        return min(known, default=None)

    def is_sold_out(self, trim_ids: list[int]) -> bool:
        """Whether none of the campaign's trims has a place left."""
        return self.left == 0 or (bool(trim_ids) and all(self.left_of(pk) == 0 for pk in trim_ids))


def standing_of(campaign_id: int) -> Standing:
    return _standings.get(str(campaign_id))


def terms_of(campaign: Campaign, standing: Standing) -> CampaignTerms:
    """What an order would get this moment; the order itself asks the database."""
    bird = standing.bird
    return CampaignTerms(
        discount=(campaign.discount or ZERO) + (bird.discount if bird else ZERO),
        is_stackable=campaign.is_stackable,
        name=campaign_line_name(campaign.name, campaign.gift),
        name_zh=campaign_line_name(campaign.name_zh, campaign.gift_zh),
    )


def campaign_line_name(name: str, gift: str) -> str:
    """How the price line names a campaign: with its gift, so that the order keeps it. Empty without a name."""
    return f"{name}: {gift}" if name and gift else name


def forget_standings() -> None:
    """Read anew at the next call."""
    _standings.forget()


def _read(key: str) -> Standing:
    quotas = CampaignQuota.objects.filter(campaign=int(key), city=None, dealership=None)
    rows = list(quotas.values_list("trim_id", "used", "total"))
    whole = next(((used, total) for trim, used, total in rows if trim is None), (None, None))
    steps = CampaignStep.objects.filter(campaign=int(key)).order_by("places").values_list("places", "discount")
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        ahead = cursor.fetchone()[0] - timezone.now()
    return Standing(
        taken=whole[0],
        total=whole[1],
        by_trim={trim: total - used for trim, used, total in rows if trim is not None},
        birds=tuple(steps),
        ahead=ahead,
    )


_standings = Fresh(_read)
