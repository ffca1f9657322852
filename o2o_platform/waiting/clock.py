"""The clock on the wall by which a gate's times are told: that of where its cars are sold."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings

from o2o_platform.freshness import Fresh
from o2o_platform.markets.models import Market

Finder = Callable[[str], str | None]
_finders: list[Finder] = []


def register_market(find: Finder) -> None:
    """`find` gives the market of a gate by its name, None where it knows of none."""
    _finders.append(find)


def zone_of(gate: str) -> ZoneInfo:
    """Where nobody knows the gate's market, the clock of the market this site is in."""
    return _zones.get(gate)


def forget_zones() -> None:
    """Read anew at the next request."""
    _zones.forget()


def _read(gate: str) -> ZoneInfo:
    code = next((found for find in _finders if (found := find(gate))), settings.DEFAULT_MARKET)
    market = Market.objects.filter(pk=code).first()
    return market.zone if market else ZoneInfo(settings.TIME_ZONE)


_zones = Fresh(_read, fresh_s=60, stale_s=120)
