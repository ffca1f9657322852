"""Real servers and launchers in folders of their own, all ended and removed afterwards."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from o2o_platform.launcher.postgres import Postgres
from o2o_platform.launcher.processes import processes_inside
from o2o_platform.launcher.state import CHECKOUT, remove_folder
from o2o_platform.launcher.valkey import Valkey
from tests.ports import free_ports

# For what takes a moment: only a machine that is very busy needs most of it.
PATIENCE_S = 120

GIVEN_BY_OUTER_RUN = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "SITE_URL",
    "DEMO_DMS_URL",
    "MEDIA_ROOT",
    "STATIC_ROOT",
)


class Launcher:
    """Runs launcher commands on one state folder, as a person in a terminal would."""

    def __init__(self, state: Path):
        self.state = state
        self.port = free_ports()
        self.started: list[subprocess.Popen] = []

    @property
    def env(self) -> dict[str, str]:
        outer = {name: value for name, value in os.environ.items() if name not in GIVEN_BY_OUTER_RUN}
        return outer | {"STATE": str(self.state), "PORT": str(self.port), "DEMO": "plain"}

    def start(self, *arguments: str, **env: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "o2o_platform.launcher", *arguments]
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=self.env | env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.started.append(process)
        return process

    def finish(self, *arguments: str, **env: str) -> tuple[int, str]:
        process = self.start(*arguments, **env)
        output, _ = process.communicate(timeout=PATIENCE_S)
        return process.returncode, output

    def processes(self) -> list[int]:
        """Return every living process of this state: by its environment, PostgreSQL's by their folder."""
        mark = f"STATE={self.state}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
        clusters = [
            *self.state.rglob("cluster"),
            *(Path(note.read_text().strip()) for note in self.state.rglob("cluster.path")),
        ]
        return found + [pid for cluster in clusters for pid in processes_inside(cluster / "data")]

    def wait_until_nothing_runs(self, seconds: float = PATIENCE_S) -> None:
        deadline = time.monotonic() + seconds
        while left := self.processes():
            assert time.monotonic() < deadline, f"still running: {left}"
            time.sleep(0.05)

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()
        self.wait_until_nothing_runs()
        remove_folder(self.state)


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[Launcher]:
    launcher = Launcher(tmp_path / "state")
    yield launcher
    launcher.end()


@pytest.fixture
def make_postgres(tmp_path: Path) -> Iterator[Callable[[str], Postgres]]:
    made: list[Postgres] = []

    def make(name: str) -> Postgres:
        made.append(Postgres(tmp_path / name))
        return made[-1]

    yield make
    for server in made:
        _remove(server)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """One data folder for a file of tests: making it takes longer than the tests do."""
    server = Postgres(tmp_path_factory.mktemp("cluster") / "postgres")
    yield server
    _remove(server)


@pytest.fixture
def postgres(cluster: Postgres) -> Postgres:
    if cluster.poll() is not None or cluster.process is None:
        cluster.start()
    return cluster


def _remove(server: Postgres) -> None:
    server.kill()
    server.clear_leftovers()
    remove_folder(server.place)


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path / "valkey")
    yield server
    server.kill()
    remove_folder(server.folder)
