"""Pages of the product and of the limit page, taken in turns on the same database."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from bench import load
from bench.processes import free_port, group_cpu_s, server_cpu_s, site
from bench.questions import limit_requests
from bench.volume import Volume, connected

# Warm: each thread of each worker has its connection, and every kind of page was asked on it.
ROUNDS, WARM_UP = 3, 800
Requests = Callable[[int | str], Iterator[bytes]]


@dataclass
class Side:
    """A server under load: what it answered, and the CPU of it and of the database meanwhile."""

    port: int
    process: subprocess.Popen
    backend: int
    count: int = 0
    elapsed: float = 0.0
    cpu_s: float = 0.0
    waits: list[float] = field(default_factory=list)

    def send(self, requests: Sequence[bytes], *, connections: int = load.CONNECTIONS) -> None:
        """Each request once; RuntimeError when one is not answered by a page."""
        before = self._cpu_s()
        done = load.send(self.port, requests, connections=connections)
        if done.statuses[200] != len(requests):
            raise RuntimeError(f"not all pages came: {dict(done.statuses)}")
        self.cpu_s += self._cpu_s() - before
        self.count += len(requests)
        self.elapsed += done.elapsed
        self.waits += done.waits

    def forget(self) -> None:
        """Start counting anew."""
        self.count, self.elapsed, self.cpu_s, self.waits = 0, 0.0, 0.0, []

    @property
    def rate(self) -> float:
        return self.count / self.elapsed

    @property
    def cpu_ms(self) -> float:
        return self.cpu_s / self.count * 1000

    @property
    def p95_ms(self) -> float:
        """What 95 of 100 answers took at most."""
        return sorted(self.waits)[int(len(self.waits) * 0.95)] * 1000

    def _cpu_s(self) -> float:
        return group_cpu_s(self.process) + server_cpu_s(self.backend)


@dataclass(frozen=True)
class Race:
    """Both servers on one database."""

    product: Side
    limit: Side

    def run(self, questions: Requests, count: int, *, rounds: int = ROUNDS) -> None:
        """In turns, so that whatever else the machine does meets both; every question is new."""
        for side in (self.product, self.limit):
            side.forget()
        asked, bare = questions("measured"), limit_requests("measured")
        for _ in range(rounds):
            self.product.send(list(islice(asked, count)))
            self.limit.send(list(islice(bare, count)))


@contextmanager
def race(cars: Volume, warm_up: Requests) -> Iterator[Race]:
    """The product and the limit page served on a database, both warm."""
    ports = free_port(), free_port()
    with connected(cars.url) as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
        with (
            site(ports[0], **cars.env) as product,
            site(ports[1], application="bench.bare", **cars.env) as limit,
        ):
            pair = Race(Side(ports[0], product, backend), Side(ports[1], limit, backend))
            pair.product.send(list(islice(warm_up("warm"), WARM_UP)))
            pair.limit.send(list(islice(limit_requests("warm"), WARM_UP)))
            yield pair
