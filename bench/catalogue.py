"""Finding a car among 100,000 trims and 300,000 cars: list, search, pages, suggestions, fresh stock."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import chain, count, islice
from urllib.request import Request, urlopen

from bench import load, questions
from bench.processes import CHECKOUT
from bench.race import ROUNDS, Race, race
from bench.volume import Volume, connected, volume
from bench.world import figure

TRIMS, UNITS = 100_000, 300_000
LIST_PAGES, SEARCHES, DETAILS, SUGGESTIONS, DEEP_PAGES = 240, 240, 240, 240, 120
CARDS = 24
SALES, WATCH_S = 3, 4.0


def measure() -> list[dict]:
    with volume(TRIMS, UNITS) as cars:
        rows = [figure("seed_100k_s", cars.seconds, at_most=90)]
        with race(cars, warm_up) as pair:
            rows += measure_list(pair)
            rows.append(compare(pair, "search_vs_limit", questions.search_requests, SEARCHES, at_least=0.4))
            rows.append(measure_depth(pair))
            rows.append(compare(pair, "detail_vs_limit", detail_requests, DETAILS, at_least=0.4))
            rows.append(compare(pair, "suggest_vs_limit", questions.suggest_requests, SUGGESTIONS, at_least=1.0))
            rows.append(figure("stock_change_s", measure_stock_change(pair, cars), at_most=2))
        rows.append(figure("list_queries", count_queries(cars), at_most=5))
    return rows


def warm_up(seed: int | str):
    """Some of everything."""
    requests = (questions.list_requests, questions.search_requests, questions.suggest_requests, detail_requests)
    return chain.from_iterable(zip(*(each(seed) for each in requests), strict=False))


def detail_requests(seed: int | str):
    """Pages of models and of trims by turns."""
    return chain.from_iterable(zip(questions.model_requests(seed), questions.trim_requests(seed), strict=True))


def compare(pair: Race, name: str, requests: Callable, pages: int, *, at_least: float) -> dict:
    """The rate beside the limit's."""
    pair.run(requests, pages)
    product, limit = pair.product, pair.limit
    return figure(
        name, product.rate, limit=limit.rate, at_least=at_least, cpu_ms=product.cpu_ms, limit_cpu_ms=limit.cpu_ms
    )


def measure_list(pair: Race) -> list[dict]:
    """Rate, and the waits of the slowest twentieth, of combinations of filters nobody asked for before."""
    volume_row = compare(pair, "list_volume", questions.list_requests, LIST_PAGES, at_least=0.5)
    return [volume_row, figure("list_p95_ms", pair.product.p95_ms, limit=pair.limit.p95_ms, at_most=3)]


def measure_depth(pair: Race) -> dict:
    """CPU of the last pages of the longest list beside its first, in turns; each has a price range of its own."""
    last = TRIMS // CARDS - 1
    cpu_s = {1: 0.0, last - DEEP_PAGES: 0.0}
    low, pages = count(1), DEEP_PAGES // ROUNDS
    for _ in range(ROUNDS):
        for first_page in cpu_s:
            step = 0 if first_page == 1 else 1
            asked = [
                load.get(f"/cars/?view=trims&price_from={next(low)}&page={first_page + step * number}")
                for number in range(pages)
            ]
            pair.product.forget()
            pair.product.send(asked)
            cpu_s[first_page] += pair.product.cpu_s
    first, deep = (seconds / DEEP_PAGES * 1000 for seconds in cpu_s.values())
    return figure("deep_vs_first", deep, limit=first, at_most=1.2, cpu_ms=deep, limit_cpu_ms=first)


def measure_stock_change(pair: Race, cars: Volume) -> float:
    """Seconds from the commit of a sale until the last list that still counts the car, the worst of some."""
    return max(_watch_sale(pair.product.port, cars) for _ in range(SALES))


def _watch_sale(port: int, cars: Volume) -> float:
    with connected(cars.url) as cursor:
        cursor.execute(
            "SELECT u.id, b.slug, c.slug FROM catalog_stockunit u JOIN catalog_trim t ON t.id = u.trim_id"
            " JOIN catalog_vehiclemodel m ON m.id = t.vehicle_model_id JOIN catalog_brand b ON b.id = m.brand_id"
            " JOIN dealers_dealership d ON d.id = u.dealership_id JOIN markets_city c ON c.id = d.city_id"
            " WHERE u.availability = 'available' AND u.market_id = 'CN' AND d.email LIKE 'volume-%'"
            # The only one of its trim there: the list counts trims.
            " AND NOT EXISTS (SELECT FROM catalog_stockunit o JOIN dealers_dealership e ON e.id = o.dealership_id"
            " WHERE o.trim_id = u.trim_id AND o.id <> u.id AND o.availability = 'available' AND e.city_id = d.city_id)"
            " ORDER BY random() LIMIT 1"
        )
        unit, brand, city = cursor.fetchone()
        address = f"http://127.0.0.1:{port}/cars/?view=stock&brand={brand}&stock={city}"
        before = _summary(address)
        cursor.execute("UPDATE catalog_stockunit SET availability = 'sold' WHERE id = %s", [unit])
    began, stale = time.perf_counter(), 0.0
    changed = 0
    # Until well past the aim: each worker has a list of its own.
    while (asked := time.perf_counter() - began) < WATCH_S:
        if _summary(address) == before:
            stale = asked
        else:
            changed += 1
        time.sleep(0.02)
    return stale if changed else WATCH_S


def _summary(address: str) -> str:
    """What a page of the list says about how much it found, asked over a connection of its own."""
    with urlopen(Request(address, headers={"Accept-Language": "en"}), timeout=10) as answer:  # noqa: S310 - our own
        page = answer.read().decode()
    return re.search(r'id="cars-summary"[^>]*>(.*?)</p>', page, re.DOTALL)[1].strip()


def count_queries(cars: Volume) -> int:
    """The most SQL statements a page of the list needs."""
    paths = [*islice(questions.list_questions("queries"), 60)]
    paths += [(path, "") for path in islice(questions.search_questions("queries"), 30)]
    done = subprocess.run(
        [sys.executable, "-m", "bench.queries"],
        cwd=CHECKOUT,
        env=os.environ | cars.env | {"LOG_LEVEL": "WARNING"},
        input=json.dumps(paths),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return max(json.loads(done.stdout))
