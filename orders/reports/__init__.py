"""Figures of the trade: plain functions over orders, answers and test drives, bounded by a period and a market."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from o2o_platform.markets.models import Market

from .asking import Ask
from .campaign import campaign, window_of
from .channels import channels
from .dealers import dealers
from .errors import BadRequest
from .funnel import funnel
from .period import By, Period
from .tables import Report, Text

__all__ = ["NAMES", "Ask", "BadRequest", "By", "Report", "ask_for", "build"]

BUILDERS: dict[str, Callable[[Ask], Report]] = {
    "channels": channels,
    "funnel": funnel,
    "dealers": dealers,
    "campaign": campaign,
}
NAMES: dict[str, Text] = {
    "channels": _("Channels"),
    "funnel": _("Funnel"),
    "dealers": _("Dealerships"),
    "campaign": _("Campaign"),
}


def build(name: str, ask: Ask) -> Report:
    """The report `name`. Raises BadRequest, KeyError for an unknown name."""
    return BUILDERS[name](ask)


def ask_for(
    *,
    market: str = "",
    first: str = "",
    last: str = "",
    by: str = "",
    campaign: str = "",
    places: frozenset[int] | None = None,
) -> Ask:
    """What was typed, checked. A campaign's own market and window stand in for what is not named. Raises BadRequest."""
    code, now = market.upper(), timezone.now()
    window = None
    if campaign:
        of_campaign, *window = window_of(campaign)
        if code and code != of_campaign:
            raise BadRequest(_("This campaign is not in the market %(code)s.") % {"code": code[:10]})
        code = of_campaign
    found = Market.objects.filter(pk=code or settings.DEFAULT_MARKET).first()
    if found is None:
        raise BadRequest(_("Unknown market: %(codes)s") % {"codes": code[:10]})
    today = now.astimezone(found.zone).date()
    if window and not (first or last):
        begins, ends = window[0], window[1] - timedelta(microseconds=1)  # the end is outside
        first, last = (moment.astimezone(found.zone).date().isoformat() for moment in (begins, ends))
    period = Period.read(first, last, zone=found.zone, today=today, by=by or By.DAY)
    return Ask(found, period, now, places, campaign)
