"""Seconds from `run` to the page, on a state that was prepared before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.processes import CHECKOUT, free_port
from bench.world import figure

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
RUNS = 2


def measure() -> list[dict]:
    with tempfile.TemporaryDirectory(prefix="o2o-bench-") as folder:
        state = Path(folder, "state")
        cold = start_and_stop(state)
        warm = [start_and_stop(state) for _ in range(RUNS)]
        launch(state, "clean").wait()
    return [figure("start_cold_s", cold), figure("start_s", min(warm), at_most=10)]


def start_and_stop(state: Path) -> float:
    """Seconds until the launcher says Ready; then it is stopped."""
    began = time.perf_counter()
    process = launch(state, "run", PORT=str(free_port()))
    try:
        for line in process.stdout:
            if line.startswith("Ready: "):
                return time.perf_counter() - began
        raise RuntimeError("the platform did not start")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def launch(state: Path, command: str, **env: str) -> subprocess.Popen[str]:
    outer = {name: value for name, value in os.environ.items() if name not in OUTER}
    return subprocess.Popen(
        [sys.executable, "-m", "o2o_platform.launcher", command],
        cwd=CHECKOUT,
        env=outer | {"STATE": str(state)} | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
