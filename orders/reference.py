"""The sales terms and the rules of law the platform starts with."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from o2o_platform.markets.tables import upsert_rows

from .models import SaleRule, Terms

TERMS = Path(__file__).parent / "data" / "terms"
SALE_RULES = Path(__file__).parent / "data" / "sale_rules.json"


def load_terms() -> tuple[int, int]:
    """Create the terms found in `data/terms`, one file per market and version; how many were created and updated.

    Terms in force are never rewritten: orders point at what the buyer accepted. A change needs a new version.
    """
    created = updated = 0
    known = {(terms.market_id, terms.version): terms for terms in Terms.objects.filter(brand=None)}
    for path in sorted(TERMS.glob("*.json")):
        market, _, version = path.stem.partition("-")
        data = json.loads(path.read_text(encoding="utf-8"))
        values = {"in_force_from": parse_datetime(data["in_force_from"]), "text": _join_paragraphs(data["text"])}
        terms = known.get((market, version))
        if terms is None:
            Terms.objects.create(market_id=market, version=version, **values)
            created += 1
        elif terms.in_force_from > timezone.now() and (terms.text, terms.in_force_from) != (
            values["text"],
            values["in_force_from"],
        ):
            updated += Terms.objects.filter(pk=terms.pk).update(**values)
    return created, updated


def load_sale_rules() -> tuple[int, int]:
    """Create the rules of law of `data/sale_rules.json`, or correct those not yet in force; how many of each.

    A rule in force is never rewritten, as orders keep to it, and one that staff put in the place of one of
    these stays. A period is half-open: it ends the day before `valid_until`.
    """
    rows = []
    for row in map(_read_sale_rule, json.loads(SALE_RULES.read_text(encoding="utf-8"))):
        same = SaleRule.objects.filter(market=row["market_id"], brand=None, sales_model=row["sales_model"])
        taken = same.filter(validity__overlap=row["validity"]).select_related("market")
        if all(rule.validity == row["validity"] and not rule.is_in_force for rule in taken):
            rows.append(row)
    return upsert_rows(SaleRule, rows, key=("market_id", "brand_id", "sales_model", "validity"))


def _read_sale_rule(row: dict[str, Any]) -> dict[str, Any]:
    """Fields of one rule, which holds for all brands."""
    start, end = row["valid_from"], row.get("valid_until")
    return {
        "market_id": row["market"],
        "brand_id": None,
        "sales_model": row.get("sales_model", ""),
        "validity": DateRange(dt.date.fromisoformat(start), end and dt.date.fromisoformat(end), "[)"),
        "cooling_hours": row.get("cooling_hours"),
        "breach_factor": Decimal(row["breach_factor"]),
        "withdrawal_days": row.get("withdrawal_days", 0),
        "return_days": row.get("return_days", 0),
        "return_km_limit": row.get("return_km_limit", 0),
        "return_km_charge": Decimal(row.get("return_km_charge", "0")),
        "button": row.get("button", {}),
        "withdrawal_notice": _join_paragraphs(row.get("withdrawal_notice", {})),
        "source": row["source"],
    }


def _join_paragraphs(text: dict[str, list[str]]) -> dict[str, str]:
    """Plain text by language, paragraphs parted by an empty line."""
    return {language: "\n\n".join(paragraphs) for language, paragraphs in text.items()}
