"""Importing options: one row is an extra with its prices by market and its rules."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from o2o_platform.imports.changes import CREATED, Changes, Verdict, apply_changes, judge
from o2o_platform.imports.columns import Column, names, text
from o2o_platform.imports.engine import Importer
from o2o_platform.imports.ledger import Ledger
from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.markets.models import Market

from ..models import Option, OptionPrice
from .cells import read_price, read_slug
from .writing import HistoryWriter

RULES = ("requires", "excludes", "includes")


def _read_prices(cell: str) -> tuple[tuple[str, Decimal], ...]:
    return tuple(read_price(part.strip()) for part in cell.split("|") if part.strip())


COLUMNS = (
    Column("code", lambda cell: read_slug(cell, 60), required=True),
    Column("name", text(120), required=True),
    Column("name_zh", text(120), empty=""),
    Column("prices", _read_prices, empty=()),
    *(Column(rule, names, empty=()) for rule in RULES),
)


class OptionImporter(Importer):
    """Upserts options by code; prices not named stay, rules become those of the row where it has their column."""

    kind = "options"
    columns = COLUMNS

    def __init__(self, *, reason: str = "import", actor: Actor = SYSTEM) -> None:
        self._writer = HistoryWriter(reason=reason, actor=actor)
        self._markets = set(Market.objects.values_list("code", flat=True))

    def keys(self, values: dict[str, Any]) -> list[str]:
        return [values["code"]]

    def prepare(self, values: dict[str, Any], line: int, ledger: Ledger) -> None:
        if unknown := {market for market, _amount in values.get("prices", ())} - self._markets:
            raise ValidationError({"prices": _("Unknown market: %(codes)s") % {"codes": ", ".join(sorted(unknown))}})

    def save(self, rows: Sequence[dict[str, Any]]) -> list[Verdict]:
        """Options may name each other in any order within a batch."""
        known = self._find(rows)
        codes = {values["code"] for values in rows}
        old = {code for code in codes if code in known}
        new = [Option(code=values["code"]) for values in rows if values["code"] not in known]
        changes: dict[str, Changes] = {}
        known |= {option.code: option for option in new}
        for values in rows:
            fields = {"name": values["name"]} | ({"name_zh": values["name_zh"]} if "name_zh" in values else {})
            changes[values["code"]] = apply_changes(known[values["code"]], fields)
        self._writer.insert(new)
        self._writer.overwrite([known[code] for code in old if changes[code]], ["name", "name_zh"])
        self._save_prices(rows, known, old, changes)
        for values in rows:
            changes[values["code"]] |= self._save_rules(known[values["code"]], values, known)
        self._writer.note(new, is_new=True)
        self._writer.note([known[code] for code in sorted(old) if changes[code]], is_new=False)
        return [judge(changes[v["code"]]) if v["code"] in old else CREATED for v in rows]

    def _find(self, rows: Sequence[dict[str, Any]]) -> dict[str, Option]:
        """Options the rows are about or name; ValidationError when one of those is nowhere."""
        codes = {values["code"] for values in rows}
        named = {code for values in rows for rule in RULES for code in values.get(rule, ())}
        options = Option.objects.filter(code__in=codes | named).prefetch_related("prices", *RULES)
        known = {option.code: option for option in options}
        if unknown := sorted(named - codes - known.keys()):
            raise ValidationError(_("No such option: %(codes)s") % {"codes": ", ".join(unknown)})
        return known

    def _save_prices(
        self, rows: Sequence[dict[str, Any]], known: dict[str, Option], old: set[str], changes: dict[str, Changes]
    ) -> None:
        prices = []
        for values in rows:
            code = values["code"]
            asked = {price.market_id: price.amount for price in known[code].prices.all()} if code in old else {}
            for market, amount in values.get("prices", ()):
                if asked.get(market) != amount:
                    prices.append(OptionPrice(option=known[code], market_id=market, amount=amount))
                    changes[code][f"price {market}"] = (asked.get(market), amount)
        OptionPrice.objects.bulk_create(
            prices, update_conflicts=True, unique_fields=["option", "market"], update_fields=["amount"]
        )

    def _save_rules(self, option: Option, values: dict[str, Any], known: dict[str, Option]) -> Changes:
        changes: Changes = {}
        for rule in RULES:
            if rule not in values:
                continue
            now = {other.code for other in getattr(option, rule).all()}
            if now != set(values[rule]):
                getattr(option, rule).set([known[code] for code in values[rule]])
                changes[rule] = ("|".join(sorted(now)), "|".join(sorted(values[rule])))
        return changes
