"""The platform's own processes: what each runs, and when it is started again."""

import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

from .processes import spawn
from .state import CHECKOUT, State

SETTLED_SECONDS = 60
LONGEST_PAUSE = 30
ROTATE_BYTES = 20_000_000
READ_BYTES = 200_000
LINES_SHOWN = 5
TROUBLE = re.compile(
    r'\b(ERROR|CRITICAL|FATAL)\b|\[(error|critical)|"level": ?"(error|critical)"'
    r"|^[\w.]+(Error|Exception)\b"
)


@dataclass
class Service:
    """One child: how to start it, how it ends with the launcher, and how often it died."""

    name: str
    command: list[str]
    # On the launcher's own death. A server with workers must tell them; the rest just end.
    death_signal: signal.Signals = signal.SIGKILL
    process: subprocess.Popen | None = None
    deaths: int = 0
    started_at: float = 0.0
    retry_at: float = 0.0
    read_to: int = 0

    def start(self, state: State, *, env: dict[str, str]) -> None:
        log = state.log(self.name)
        if log.exists() and log.stat().st_size > ROTATE_BYTES:
            log.replace(log.with_suffix(".log.1"))
        if self.process is None:
            self.read_to = log.stat().st_size if log.exists() else 0
        self.process = spawn(self.command, log=log, env=env, cwd=CHECKOUT, death_signal=self.death_signal)
        self.started_at = time.monotonic()
        self.retry_at = 0.0

    def note_death(self) -> float:
        """Count a death and return the pause before the next try, in seconds."""
        now = time.monotonic()
        self.deaths = 1 if now - self.started_at > SETTLED_SECONDS else self.deaths + 1
        pause = min(2 ** (self.deaths - 1), LONGEST_PAUSE)
        self.retry_at = now + pause
        return pause

    @property
    def is_dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def new_trouble(self, state: State) -> list[str]:
        """Return the error lines its log gained since the last look, a few at most."""
        log = state.log(self.name)
        if self.process is None:
            return []
        size = log.stat().st_size
        if size == self.read_to:
            return []
        with log.open("rb") as file:
            file.seek(max(self.read_to if size > self.read_to else 0, size - READ_BYTES))
            text = file.read().decode(errors="replace")
        self.read_to = size
        return [line[:200] for line in text.split("\n") if TROUBLE.search(line)][:LINES_SHOWN]


def platform_services(state: State, *, port: int) -> list[Service]:
    """Return web, worker, beat and the demo dealer system."""
    celery = [sys.executable, "-m", "celery", "-A", "o2o_platform"]
    gunicorn = (
        f"--bind 127.0.0.1:{port} --worker-class gthread --workers 2 --threads 4 "
        "--preload --timeout 60 --graceful-timeout 3 --no-control-socket"
    ).split()
    return [
        Service(
            "web",
            [sys.executable, "-m", "gunicorn", "o2o_platform.wsgi", *gunicorn],
            death_signal=signal.SIGQUIT,
        ),
        # Threads: one process, so nothing below it can be orphaned.
        Service(
            "worker",
            [
                *celery,
                "worker",
                "--pool=threads",
                "--concurrency=4",
                "--loglevel=INFO",
                "--without-gossip",
                "--without-mingle",
            ],
        ),
        Service(
            "beat",
            [*celery, "beat", "--loglevel=INFO", "--pidfile=", f"--schedule={state / 'beat'}"],
        ),
        Service("dms", [sys.executable, "manage.py", "demo_dms", "--port", str(port + 1)]),
    ]
