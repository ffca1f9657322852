"""Decides whether the database needs preparing, and has it done."""

import hashlib
import json
import os
import signal
import sys
from pathlib import Path

from .errors import LauncherError
from .processes import spawn, stop_process
from .servers import Servers
from .state import CHECKOUT, State

# Code and data that migrations, reference data and the demo are made of.
RELEVANT = (".py", ".json", ".csv", ".toml", ".yaml", ".yml", ".xlsx")
IRRELEVANT_FOLDERS = {"tests", "bench", "docs", "static", "templates", "locale", "__pycache__"}


def prepare_database(state: State, servers: Servers, *, env: dict[str, str]) -> str:
    """Migrate and seed where anything changed since the last time; return the demo accounts.

    An external database is prepared at every start: what was done to it is not ours to remember.
    """
    current = fingerprint()
    if (known := _recall(servers.memory)).get("fingerprint") == current:
        return known["accounts"]
    print("Preparing the database…", flush=True)
    accounts = _run_prepare(state, env=env)
    if servers.memory is not None:
        servers.memory.write_text(json.dumps({"fingerprint": current, "accounts": accounts}))
    return accounts


def fingerprint(root: Path = CHECKOUT) -> str:
    """Return a digest over path, size and time of every file that could change the database."""
    digest = hashlib.sha256()
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = sorted(
            name for name in subfolders if not name.startswith(".") and name not in IRRELEVANT_FOLDERS
        )
        for name in sorted(files):
            if name.endswith(RELEVANT):
                facts = Path(folder, name).stat()
                digest.update(f"{folder}/{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _recall(memory: Path | None) -> dict[str, str]:
    if memory is None:
        return {}
    try:
        return json.loads(memory.read_text())
    except (OSError, ValueError):
        return {}


def _run_prepare(state: State, *, env: dict[str, str]) -> str:
    accounts, log = state / "accounts.txt", state.log("prepare")
    process = spawn(
        [sys.executable, "-m", "o2o_platform.launcher.prepare", str(accounts)],
        log=log,
        env=env,
        cwd=CHECKOUT,
        on_terminal=True,
    )
    try:
        if process.wait():
            raise LauncherError(f"Preparing the database failed ({last_line(log)}): see {log}.")
    finally:
        stop_process(process, with_signal=signal.SIGKILL, seconds=1)
    return accounts.read_text()


def last_line(log: Path) -> str:
    """Return the last line of a log, shortened."""
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "no output")
