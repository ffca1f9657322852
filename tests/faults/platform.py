"""A whole platform in a folder of its own, whose processes a test may kill one by one."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from o2o_platform.launcher.postgres import Postgres
from o2o_platform.launcher.processes import processes_inside
from o2o_platform.launcher.servers import Servers
from o2o_platform.launcher.services import platform_services
from o2o_platform.launcher.state import CHECKOUT, State, remove_folder
from o2o_platform.launcher.valkey import Valkey
from tests.ports import free_ports

OUTER = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "SITE_URL",
    "DEMO_DMS_URL",
    "DEMO_DMS_CONFIG",
    "MEDIA_ROOT",
    "STATIC_ROOT",
)
PATIENCE_S = 300


class Platform:
    """PostgreSQL, Valkey, web, worker, beat and the demo dealer system, as the launcher starts them."""

    def __init__(self, folder: Path) -> None:
        self.state = State(folder)
        self.state.create()
        self.port = free_ports()
        with pytest.MonkeyPatch.context() as outer:
            for name in OUTER:
                outer.delenv(name, raising=False)
            self.servers = Servers(self.state)
            self.servers.start()
            self.env = self.servers.environment(port=self.port) | {"DEMO": "plain"}
        self.services = {service.name: service for service in platform_services(self.state, port=self.port)}

    @property
    def postgres(self) -> Postgres:
        return self.servers.postgres

    @property
    def valkey(self) -> Valkey:
        return self.servers.valkey

    def prepare(self) -> None:
        self.run("-m", "o2o_platform.launcher.prepare", str(self.state / "accounts.txt"))

    def start(self, *names: str) -> None:
        """Start those of the services that do not run."""
        self.servers.restart_dead()
        for name in names:
            service = self.services[name]
            if service.process is None or service.process.poll() is not None:
                service.start(self.state, env=self.env)

    def restart_dead(self) -> None:
        """Start again what ended by itself, as the launcher and systemd do: Celery ends when its broker is gone."""
        self.start(*(name for name, service in self.services.items() if service.is_dead))

    def kill(self, name: str) -> None:
        """SIGKILL to a service and the processes it forked, all of them in its own group."""
        process = self.services[name].process
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_postgres(self) -> None:
        """SIGKILL to the server and to each of its backends: nothing gets to write anything any more."""
        pids = processes_inside(self.postgres.data)
        assert self.postgres.pid in pids
        for pid in pids:
            # A backend may have ended by itself since.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.postgres.kill()

    def kill_valkey_and_delete_its_data(self) -> None:
        self.valkey.kill()
        shutil.rmtree(self.valkey.folder / "data")

    def end(self) -> None:
        for service in self.services.values():
            if service.process is not None and service.process.poll() is None:
                self.kill(service.name)
        self.servers.stop()
        remove_folder(self.state.path)

    def run(self, *arguments: str) -> str:
        """Run a Python program to its end and return its output; fail when it fails."""
        with self.state.log("run").open("ab") as errors:
            done = subprocess.run(
                [sys.executable, *arguments],
                cwd=CHECKOUT, env=self.env, stdout=subprocess.PIPE, stderr=errors, text=True, timeout=2 * PATIENCE_S,
            )  # fmt: skip
        log = self.state.log("run").read_text()
        assert done.returncode == 0, f"{done.stdout}{log[-2000:]}"
        return done.stdout

    def shop(self, errand: str, orders: int) -> subprocess.Popen[str]:
        """Buyers in a process of their own; each line of output is one who was served."""
        return self._buyers("shoppers", errand, str(orders))

    def rush(self, orders: int) -> subprocess.Popen[str]:
        """Buyers in their browsers, in a process of their own; each line of output is an order paid."""
        return self._buyers("rush", f"127.0.0.1:{self.port}", str(orders))

    def _buyers(self, module: str, *arguments: str) -> subprocess.Popen[str]:
        with self.state.log(module).open("ab") as errors:
            return subprocess.Popen(
                [sys.executable, "-m", f"tests.faults.{module}", *arguments],
                cwd=CHECKOUT, env=self.env, stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip

    def ask(self, query: str) -> list[tuple]:
        """Run one statement in the database, committed; returns its rows."""
        connection = psycopg2.connect(self.postgres.url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def let_leases_run_out(self) -> None:
        """Half a minute passes for the deliveries a killed worker had taken."""
        self.ask(
            "UPDATE outbox_delivery SET next_attempt_at = next_attempt_at - interval '30 s' WHERE status = 'pending'"
        )

    def received(self) -> list[str]:
        """The orders in the dealers' system, one entry for each different webhook-id."""
        return json.loads(self.get("/deliveries.json", port=self.port + 1))["orders"]

    def messages(self) -> list[dict[str, Any]]:
        """What the dealers' system wrote down, each webhook-id once: id, topic, data, received_at."""
        lines = (self.state / "demo_dms_deliveries.jsonl").read_text().splitlines()
        return [message for message in map(json.loads, lines) if "topic" in message]

    def get(self, path: str, *, port: int | None = None) -> str:
        """The body of a page; empty when nobody answers or the answer is not 200."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read().decode()
            return body if answer.status == 200 else ""
        except (OSError, http.client.HTTPException):
            return ""
        finally:
            connection.close()

    def wait_until_ready(self) -> None:
        wait_until(lambda: self.get("/readyz"), "the site to be ready")
        wait_until(lambda: self.get("/deliveries.json", port=self.port + 1), "the dealer system")

    def assert_handed_off(self, paid: set[str]) -> None:
        """Each paid order is at its dealer under exactly one webhook-id, and nothing contradicts itself."""
        wait_until(lambda: self.restart_dead() or paid <= set(self.received()), "every paid order to reach its dealer")
        received = [reference for reference in self.received() if reference in paid]
        assert sorted(received) == sorted(paid)
        self.run("manage.py", "check_integrity")


def read_served(shoppers: subprocess.Popen[str], count: int) -> list[list[str]]:
    """The next `count` buyers served, as the words of their lines."""
    return [shoppers.stdout.readline().split() for _ in range(count)]


def read_rest(shoppers: subprocess.Popen[str]) -> list[list[str]]:
    """The buyers served until all are; fails when one was not."""
    output, _ = shoppers.communicate(timeout=2 * PATIENCE_S)
    assert shoppers.returncode == 0
    return [line.split() for line in output.splitlines()]


def wait_until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S} s for {what}"
        time.sleep(0.02)
