"""A manager's desk at 200,000 orders beside the same at 2,000: Today, the list of orders, and searching it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench import load
from bench.processes import CHECKOUT, free_port, site
from bench.race import Side
from bench.volume import connected, database_name, execute, manage, settle, with_name
from bench.world import figure

SMALL, LARGE = 2_000, 200_000
PAGES, ROUNDS, WARM_UP = 60, 3, 30
CONNECTIONS = 4


def measure() -> list[dict]:
    with ExitStack() as stack:
        base = stack.enter_context(demonstration())
        small, large = (stack.enter_context(desk(orders, base)) for orders in (SMALL, LARGE))
        rows = []
        for name, paths in (("desk_today", today), ("desk_list", listed), ("desk_search", searched)):
            for side, orders in ((small, SMALL), (large, LARGE)):
                side.forget()
                side.ask(paths(orders, "warm"), WARM_UP)
                side.forget()
            for number in range(ROUNDS):
                for side, orders in ((small, SMALL), (large, LARGE)):
                    side.ask(paths(orders, number), PAGES)
            rows += compare(name, small, large)
        return rows


def compare(name: str, small: Desk, large: Desk) -> list[dict]:
    """By CPU of the web server and the database, and by the waits of half the answers."""
    cpu = figure(
        f"{name}_growth", large.cpu_ms, limit=small.cpu_ms, at_most=1.3, cpu_ms=large.cpu_ms, limit_cpu_ms=small.cpu_ms
    )
    return [cpu, figure(f"{name}_wait_ms", median(large.waits) * 1000, limit=median(small.waits) * 1000, at_most=1.3)]


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


class Desk(Side):
    """A web server on a database of its own, asked by a signed-in manager."""

    cookie = ""

    def ask(self, paths: Iterator[str], count: int) -> None:
        self.send([load.get(next(paths), cookies=self.cookie) for _ in range(count)], connections=CONNECTIONS)


def today(_orders: int, _seed: object) -> Iterator[str]:
    while True:
        yield "/admin/"


def listed(_orders: int, _seed: object) -> Iterator[str]:
    """The newest orders, those in one state, and the second page."""
    while True:
        yield from ("/admin/orders/order/", "/admin/orders/order/?status__exact=ready", "/admin/orders/order/?p=2")


def searched(orders: int, seed: object) -> Iterator[str]:
    """By number, by the end of a phone number and of a VIN, and by name; each is one of the manager's own orders."""
    start = 5 * (1 + sum(map(ord, str(seed))) % 40)
    for number in range(start, orders, 5):
        reference = f"B{number * 7919:012X}"
        for word in (reference, f"{number:08d}"[-6:], f"H{number:012d}"[-8:], f"%E6%9D%8E{number:06d}"):
            yield f"/admin/orders/order/?q={word}"


@contextmanager
def desk(orders: int, base: str) -> Iterator[Desk]:
    """A copy of the database `base` with as many orders, served."""
    name = f"{base}_{orders}"
    with database(name, base) as env:
        cookie = fill(orders, env)
        settle(env["DATABASE_URL"])
        port = free_port()
        with connected(env["DATABASE_URL"]) as cursor, site(port, **env) as process:
            cursor.execute("SELECT pg_backend_pid()")
            served = Desk(port, process, cursor.fetchone()[0])
            served.cookie = cookie
            yield served


@contextmanager
def demonstration() -> Iterator[str]:
    """The name of a database with the demonstration, made once and copied for each size."""
    name = f"{database_name(os.environ['DATABASE_URL'])}_desk"
    with database(name) as env:
        for command in (("migrate", "-v0"), ("load_reference", "-v0"), ("seed_demo", "--if-empty")):
            manage(*command, env=env)
        yield name


@contextmanager
def database(name: str, template: str = "") -> Iterator[dict[str, str]]:
    """A database for as long as it takes: the environment its users are started with."""
    execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    try:
        yield {
            "DATABASE_URL": with_name(os.environ["DATABASE_URL"], name),
            "DEMO_DMS_URL": "",
            "DEMO_DMS_CONFIG": "",
        }
    finally:
        execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def fill(orders: int, env: dict[str, str]) -> str:
    """Write the orders; returns the cookie of one of their managers."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.desk_orders", str(orders)],
        cwd=CHECKOUT,
        env=os.environ | env | {"LOG_LEVEL": "WARNING"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)
