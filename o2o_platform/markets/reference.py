"""The markets and cities the platform starts with."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext_noop

from .models import City, Market
from .tables import read_table, upsert_rows

CITIES = Path(__file__).parent / "data" / "cities.csv"

_MARKETS = (
    ("CN", gettext_noop("China"), "中国", "CNY", "Asia/Shanghai", ["zh-hans", "en"]),
    ("DE", gettext_noop("Germany"), "Deutschland", "EUR", "Europe/Berlin", ["de", "en"]),
    ("PL", gettext_noop("Poland"), "Polska", "PLN", "Europe/Warsaw", ["pl", "en"]),
)
_OPEN_AT_FIRST = ("CN",)


def load_markets() -> tuple[int, int]:
    """Create or correct the markets; how many of each. Whether one is open stays as staff set it."""
    names = ("code", "name", "name_local", "currency", "time_zone", "languages")
    rows = [dict(zip(names, row, strict=True)) for row in _MARKETS]
    known = set(Market.objects.values_list("code", flat=True))
    new = [row | {"is_open": row["code"] in _OPEN_AT_FIRST} for row in rows if row["code"] not in known]
    return upsert_rows(Market, [*new, *(row for row in rows if row["code"] in known)], key=("code",))


def load_cities() -> tuple[int, int]:
    """Create or correct the cities by slug; coordinates are city centres in WGS-84, about 1 km."""
    rows = (
        {
            "slug": row["slug"],
            "market_id": row["market"],
            "name": row["name"],
            "name_local": row["name_local"],
            "region": row["region"],
            "latitude": float(row["latitude"]),
            "longitude": float(row["longitude"]),
        }
        for row in read_table(CITIES)
    )
    return upsert_rows(City, rows, key=("slug",))
