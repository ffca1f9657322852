"""The dated rules of tax and fees the platform starts with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from o2o_platform.markets.tables import read_table, upsert_rows

from ..models import PriceRule

PRICE_RULES = Path(__file__).parent.parent / "data" / "price_rules.csv"


def load_price_rules() -> tuple[int, int]:
    """Create or correct the price rules; how many of each. Rules staff added for other periods stay."""
    rows = (_read_rule(row) for row in read_table(PRICE_RULES))
    return upsert_rows(PriceRule, rows, key=("market_id", "kind", "validity", "priority"))


def _read_rule(row: Mapping[str, str]) -> dict[str, Any]:
    """Fields of one rule; the period is half-open: it ends the day before `valid_until`."""
    return {
        "market_id": row["market"],
        "kind": row["kind"],
        "validity": DateRange(_date(row["valid_from"]), _date(row["valid_until"]), "[)"),
        "energy_types": row["energy_types"].split("|") if row["energy_types"] else [],
        "max_displacement_l": _number(row["max_displacement_l"]),
        "min_net_price": _number(row["min_net_price"]),
        "max_net_price": _number(row["max_net_price"]),
        "priority": int(row["priority"]),
        "base": row["base"],
        "rate": Decimal(row["rate"]),
        "amount": Decimal(row["amount"]),
        "relief_share": Decimal(row["relief_share"]),
        "relief_cap": _number(row["relief_cap"]),
        "is_included": row["is_included"] == "yes",
        "is_estimate": row["is_estimate"] == "yes",
        "source": row["source"],
    }


def _date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None
