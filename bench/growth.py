"""The list at 10,000 trims and at 1,000,000: CPU per page, memory of a web process. Fills a database for minutes."""

from __future__ import annotations

from bench import questions
from bench.catalogue import warm_up
from bench.processes import worker_memory_mb
from bench.race import race
from bench.volume import volume
from bench.world import figure

SMALL, LARGE = 10_000, 1_000_000
UNITS_PER_TRIM = 1
PAGES = 240


def measure() -> list[dict]:
    small_ms, _memory, _seconds = measure_size(SMALL)
    large_ms, memory_mb, seconds = measure_size(LARGE)
    growth = figure("list_growth", large_ms, limit=small_ms, at_most=1.5, cpu_ms=large_ms, limit_cpu_ms=small_ms)
    return [
        growth,
        figure("web_memory_mb", memory_mb, at_most=250),
        figure("seed_1m_s", seconds, at_most=600),
    ]


def measure_size(trims: int) -> tuple[float, float, float]:
    """CPU ms per page of the list, MB of the largest web process afterwards, and seconds the filling took."""
    with volume(trims, trims * UNITS_PER_TRIM) as cars, race(cars, warm_up) as pair:
        pair.run(questions.list_requests, PAGES)
        return pair.product.cpu_ms, worker_memory_mb(pair.product.process), cars.seconds
