"""The paints of an invented model line."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from orders.demo.catalogue import PALETTE

from .lines import Line

COMMON = 5
SURCHARGE = {"CN": 3000, "DE": 590, "PL": 2500}


class Paint(NamedTuple):
    """A colour as it is stored; `surcharge` in the market's currency, None where it costs nothing."""

    model: str
    code: str
    name: str
    name_zh: str
    hex: str
    surcharge: int | None


def generate_paints(line: Line, *, market: str) -> list[Paint]:
    """Four to seven, common ones first; the same in every market."""
    pick = Random(f"paints {line.slug}")
    chosen = [*pick.sample(PALETTE[:COMMON], 3), *pick.sample(PALETTE[COMMON:], pick.randint(1, 4))]
    return [
        Paint(line.slug, code, name, name_zh, paint, SURCHARGE[market] if is_extra else None)
        for code, name, name_zh, paint, is_extra in chosen
    ]
