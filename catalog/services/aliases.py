"""Nicknames and other spellings the catalogue comes with."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from catalog.models import Brand, VehicleModel
from o2o_platform.markets.tables import read_table

ALIASES = Path(__file__).parent.parent / "data" / "aliases.csv"


@transaction.atomic
def load_aliases() -> int:
    """Add the known aliases to the brands and models there are; how many of them gained some. Staff's own stay."""
    brands: dict[str, list[str]] = {}
    models: dict[str, list[str]] = {}
    for row in read_table(ALIASES):
        known = models if row["model"] else brands
        known[row["model"] or row["brand"]] = row["aliases"].split("|")
    return _add(Brand, brands) + _add(VehicleModel, models)


def _add(model: type[Brand] | type[VehicleModel], aliases: dict[str, list[str]]) -> int:
    changed = []
    for row in model.objects.filter(slug__in=aliases):
        new = [alias for alias in aliases[row.slug] if alias not in row.aliases]
        if new:
            row.aliases = [*row.aliases, *new]
            changed.append(row)
    model.objects.bulk_update(changed, ["aliases"])
    return len(changed)
