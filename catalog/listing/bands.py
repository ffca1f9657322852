"""Price bands buyers think in, by currency."""

from __future__ import annotations

from itertools import pairwise

EDGES = {
    "CNY": (100_000, 150_000, 200_000, 300_000, 500_000),
    "EUR": (20_000, 30_000, 40_000, 60_000, 100_000),
    "PLN": (80_000, 120_000, 160_000, 250_000, 400_000),
}


def price_edges(currency: str) -> tuple[int, ...]:
    return EDGES.get(currency, EDGES["CNY"])


def price_bands(currency: str) -> list[tuple[str, int, int]]:
    """(code, from, below) of every band in order; 0 stands for an open end."""
    edges = (0, *price_edges(currency), 0)
    return [(_code(low, high), low, high) for low, high in pairwise(edges)]


def _code(low: int, high: int) -> str:
    return f"{low}-{high or ''}"
