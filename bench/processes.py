"""The platform's own programs, started for a measurement and ended after it, and what they cost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE_S = 120
GUNICORN = ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--preload", "--no-control-socket"]


@contextmanager
def running(*arguments: str, ready: Callable[[], object], **env: str) -> Iterator[subprocess.Popen]:
    """A Python program in a process group of its own, from ready to killed."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=CHECKOUT,
            env=os.environ | {"PYTHONUTF8": "1"} | env,
            stdout=log,
            stderr=log,
            process_group=0,
        )
        try:
            wait_until(lambda: process.poll() is not None or ready(), f"{' '.join(arguments[:4])} to be ready")
            if process.poll() is not None:
                log.seek(0)
                raise RuntimeError(f"{' '.join(arguments)} ended: {log.read()[-2000:]}")
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def site(port: int, *, application: str = "o2o_platform.wsgi", **env: str) -> Iterator[subprocess.Popen]:
    """The web server as the launcher starts it."""
    command = ("-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", *GUNICORN)
    with running(*command, ready=lambda: answers(port), SITE_URL=f"http://127.0.0.1:{port}", **env) as process:
        yield process


def free_port() -> int:
    """A port that is free together with the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def group_cpu_s(process: subprocess.Popen) -> float:
    """CPU seconds that a program and the processes it forked have used."""
    return sum(_own_cpu_s(fields) for fields in _all_processes() if int(fields[2]) == process.pid)


def process_cpu_s(pid: int) -> float:
    """CPU seconds of one process; 0 where it is not on this machine."""
    fields = _read_process(pid)
    return _own_cpu_s(fields) if fields else 0.0


def server_cpu_s(backend: int) -> float:
    """CPU seconds of a database server and all its processes, ended ones too, by one of them."""
    fields = _read_process(backend)
    server = int(fields[1]) if fields else 0
    parent = _read_process(server)
    if not parent:
        return 0.0
    ended = (int(parent[13]) + int(parent[14])) / TICKS
    return ended + _own_cpu_s(parent) + sum(_own_cpu_s(each) for each in _all_processes() if int(each[1]) == server)


def worker_memory_mb(process: subprocess.Popen) -> float:
    """The resident memory of the largest process of a program's group, shared pages counted in."""
    pids = [int(path.parent.name) for path, fields in _stats() if int(fields[2]) == process.pid]
    return max(_resident_kb(pid) for pid in pids) / 1024


def _resident_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def _own_cpu_s(fields: list[str]) -> float:
    return (int(fields[11]) + int(fields[12])) / TICKS


def _all_processes() -> Iterator[list[str]]:
    return (fields for _, fields in _stats())


def _stats() -> Iterator[tuple[Path, list[str]]]:
    """The fields after the name in `/proc/<pid>/stat` of every process: state, parent, group…"""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            yield path, path.read_text().rpartition(")")[2].split()
        except OSError:
            continue


def _read_process(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def wait_until(condition: Callable[[], object], what: str, *, pause_s: float = 0.02) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {PATIENCE_S} s for {what}")
        time.sleep(pause_s)
