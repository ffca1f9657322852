"""The list of cars with filters on, beside a bare Django view with as many cards."""

from __future__ import annotations

from bench import load
from bench.processes import free_port, group_cpu_s, site
from bench.world import figure

REQUESTS, ROUNDS = 400, 3
FILTERS = (
    "?energy=bev&sort=price",
    "?body=suv&stock=any",
    "?body=sedan&energy=bev",
    "?energy=petrol&energy=phev",
    "?q=%E5%93%88%E5%BC%97&body=suv",
    "?seats=5&sort=-price",
    "?stock=baoding&body=suv",
    "?brand=haval&brand=byd",
)


def measure() -> list[dict]:
    pages = [load.get(f"/cars/{query}") for query in FILTERS]
    bare = [load.get(f"/?from={price}") for price in range(0, 80_000, 10_000)]
    product_port, bare_port = free_port(), free_port()
    with site(product_port) as product, site(bare_port, application="bench.bare") as limit:
        for port, requests in ((product_port, pages), (bare_port, bare)):
            require(load.repeat(port, requests, 200), 200)
        runs: list[list[load.Load]] = [[], []]
        before = group_cpu_s(product), group_cpu_s(limit)
        # Taken in turns, so that whatever else the machine does meets both.
        for _ in range(ROUNDS):
            runs[0].append(require(load.repeat(product_port, pages, REQUESTS), REQUESTS))
            runs[1].append(require(load.repeat(bare_port, bare, REQUESTS), REQUESTS))
        spent = group_cpu_s(product) - before[0], group_cpu_s(limit) - before[1]
    rates = [ROUNDS * REQUESTS / sum(each.elapsed for each in run) for run in runs]
    cpu_ms = [seconds / (ROUNDS * REQUESTS) * 1000 for seconds in spent]
    return [figure("list_vs_limit", rates[0], limit=rates[1], at_least=0.5, cpu_ms=cpu_ms[0], limit_cpu_ms=cpu_ms[1])]


def require(done: load.Load, count: int) -> load.Load:
    if done.statuses[200] != count:
        raise RuntimeError(f"not all pages came: {dict(done.statuses)}")
    return done
