"""Demo finance plans, made up: no lender stands behind them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateRange

from catalog.models import Brand, FinancePlan
from o2o_platform.markets.tables import read_table, upsert_rows

PLANS = Path(settings.BASE_DIR) / "catalog" / "data" / "demo" / "finance_plans.csv"
SUMS = ("nominal_rate", "fee", "min_down_share", "max_down_share", "balloon_share")


def seed_finance_plans() -> None:
    """Create or correct the demo plans; plans staff added stay."""
    brands = dict(Brand.objects.values_list("slug", "pk"))
    upsert_rows(FinancePlan, (_read_plan(row, brands) for row in read_table(PLANS)), key=("slug",))


def _read_plan(row: Mapping[str, str], brands: Mapping[str, int]) -> dict[str, Any]:
    first, end = (date.fromisoformat(text) if text else None for text in (row["valid_from"], row["valid_until"]))
    return {
        **{name: row[name] for name in ("slug", "name", "name_zh", "lender", "kind", "source")},
        **{name: Decimal(row[name]) for name in SUMS},
        "market_id": row["market"],
        "brand_id": brands[row["brand"]] if row["brand"] else None,
        "validity": DateRange(first, end, "[)"),
        "min_months": int(row["min_months"]),
        "max_months": int(row["max_months"]),
    }
