"""Running campaigns: all of a market for the home page, and those a model or trim is in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Campaign, Colour, VehicleModel
from catalog.paints import pick_paint
from o2o_platform.freshness import Fresh
from o2o_platform.markets.models import Market

SHOWN = 6
# How far ahead campaigns are read, so that one begins on time although the reading is a second old.
AHEAD = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Shown:
    """A campaign as it is kept, with the body and paint of one of its cars to draw."""

    campaign: Campaign
    body: str = ""
    paint: str = ""

    def at(self, now: dt.datetime) -> RunningCampaign | None:
        """None outside its window; the end is outside."""
        is_running = self.campaign.starts_at <= now < self.campaign.ends_at
        return RunningCampaign(self.campaign, self.body, self.paint, now) if is_running else None


@dataclass(frozen=True)
class RunningCampaign:
    """A campaign in its window at `now`."""

    campaign: Campaign
    body: str
    paint: str
    now: dt.datetime

    @property
    def name(self) -> str:
        return self.campaign.label

    @property
    def gift(self) -> str:
        return self.campaign.gift_label

    @property
    def ends_at(self) -> dt.datetime:
        return self.campaign.ends_at

    @property
    def page(self) -> str:
        """Its own page."""
        return reverse("orders:festival", args=[self.campaign.slug])

    @property
    def path(self) -> str:
        """The cars in it."""
        return f"{reverse('catalog:list')}?{urlencode({'campaign': self.campaign.slug})}"

    @property
    def time_left(self) -> str:
        """Days and a clock, for browsers that run no scripts: 2 d 03:15."""
        return clock_text(self.ends_at - self.now)


def clock_text(left: dt.timedelta) -> str:
    """2 d 03:15."""
    hours, minutes = divmod(left.seconds // 60, 60)
    clock = f"{hours:02d}:{minutes:02d}"
    return _("%(days)s d %(clock)s") % {"days": left.days, "clock": clock} if left.days else clock


def running_campaigns(market: Market) -> list[RunningCampaign]:
    """What runs in a market this moment, the one that ends first in front. From memory, yet right to the moment."""
    now = timezone.now()
    running = (shown.at(now) for shown in _of_market.get(market.code))
    return [campaign for campaign in running if campaign][:SHOWN]


def campaigns_of(market: Market, **trims: object) -> list[RunningCampaign]:
    """What runs this moment for a trim (`pk=`) or for any of a model (`vehicle_model=`).

    Asks the database only when anything runs at all.
    """
    if not running_campaigns(market):
        return []
    now = timezone.now()
    chosen = Campaign.trims.through.objects.filter(
        campaign=OuterRef("pk"), trim__is_published=True, **{f"trim__{name}": value for name, value in trims.items()}
    )
    rows = Campaign.objects.running(market, now).filter(Exists(chosen)).order_by("ends_at", "pk")
    return [RunningCampaign(campaign, "", "", now) for campaign in rows[:SHOWN]]


def forget_campaigns() -> None:
    """Read campaigns anew at the next request."""
    _of_market.forget()


def _load(market_code: str) -> list[Shown]:
    """Campaigns with a car to show, running now or about to."""
    now = timezone.now()
    rows = Campaign.objects.filter(market=market_code, is_published=True, starts_at__lte=now + AHEAD, ends_at__gt=now)
    found = list(_with_model(rows).order_by("ends_at", "pk")[: SHOWN * 2])
    models = VehicleModel.objects.in_bulk({row.model_id for row in found})
    colours: dict[int, list[Colour]] = {}
    for colour in Colour.objects.filter(vehicle_model__in=models).order_by("pk"):
        colours.setdefault(colour.vehicle_model_id, []).append(colour)
    paints = {pk: pick_paint(pk, of_model).hex for pk, of_model in colours.items()}
    return [Shown(row, models[row.model_id].body_type, paints.get(row.model_id, "")) for row in found]


def _with_model(rows: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Each with the model of its first published trim; those without one are left out."""
    links = Campaign.trims.through.objects.filter(campaign=OuterRef("pk"), trim__is_published=True)
    model = links.order_by("trim_id").values("trim__vehicle_model_id")[:1]
    return rows.annotate(model_id=Subquery(model)).filter(model_id__isnull=False)


_of_market = Fresh(_load)
