"""Databases of generated cars, beside the demonstration's, made for one measurement and dropped after it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from bench.processes import CHECKOUT

SEED, MARKET = 1, "CN"


class Volume(NamedTuple):
    """A database full of cars: the environment its users are started with, and how long its filling took."""

    env: dict[str, str]
    trims: int
    seconds: float

    @property
    def url(self) -> str:
        return self.env["DATABASE_URL"]


@contextmanager
def volume(trims: int, units: int) -> Iterator[Volume]:
    """A database with the demonstration and as many generated trims and cars."""
    name = f"{database_name(os.environ['DATABASE_URL'])}_{trims}"
    # No demo dealer system: its notes belong to the other database.
    env = {"DATABASE_URL": with_name(os.environ["DATABASE_URL"], name), "DEMO_DMS_URL": "", "DEMO_DMS_CONFIG": ""}
    execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    execute(f'CREATE DATABASE "{name}"')
    try:
        for command in (("migrate", "-v0"), ("load_reference", "-v0"), ("seed_demo", "--if-empty")):
            manage(*command, env=env)
        began = time.perf_counter()
        manage("seed_volume", f"--trims={trims}", f"--units={units}", f"--seed={SEED}", f"--market={MARKET}", env=env)
        seconds = time.perf_counter() - began
        settle(env["DATABASE_URL"])
        yield Volume(env, trims, seconds)
    finally:
        execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def manage(*arguments: str, env: dict[str, str]) -> None:
    """A command of the platform with another database; its progress shows."""
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=CHECKOUT, env=os.environ | env, stdout=sys.stderr, check=True)


def settle(url: str) -> None:
    """What autovacuum and the checkpointer would do next, done now instead of during the measurement."""
    with connected(url) as cursor:
        cursor.execute("VACUUM")
        cursor.execute("CHECKPOINT")


@contextmanager
def connected(url: str) -> Iterator:
    """A cursor of a connection of its own, each statement committed."""
    import psycopg2

    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def execute(statement: str) -> None:
    """A statement in the database the benchmarks were started with."""
    with connected(os.environ["DATABASE_URL"]) as cursor:
        cursor.execute(statement)


def database_name(url: str) -> str:
    return re.sub(r"\W", "_", urlsplit(url).path.strip("/"))


def with_name(url: str, name: str) -> str:
    """The same address with another database's name."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
