"""The folder that holds everything the launcher keeps: data, logs, secret, lock."""

import fcntl
import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from pwd import struct_passwd

from .accounts import give
from .errors import LauncherError

CHECKOUT = Path(__file__).resolve().parents[2]
OUTSIDE_PREFIX = "o2o-"
# The kernel takes 107 bytes for a socket's path; PostgreSQL adds up to 18 to its folder's.
SOCKET_FOLDER_BYTES = 80
SOCKET_FOLDER_SAFE = re.compile(r"[A-Za-z0-9/._-]+")
# Not cleaned by age, unlike the temporary folders; used by root alone.
LASTING_FOLDERS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 - private folders are made inside


class State:
    """One state folder; at most one launcher holds it at a time."""

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path).absolute()
        self._lock: int | None = None

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def create(self) -> None:
        """Make the folder. Raises LauncherError with the way out where it cannot be written."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.log_folder.mkdir(exist_ok=True)
            with tempfile.TemporaryFile(dir=self.path):
                pass
        except OSError as error:
            raise LauncherError(
                f"Cannot write to {self.path} ({error.strerror}): choose a folder you own, for example STATE=/tmp/o2o."
            ) from error

    @property
    def log_folder(self) -> Path:
        return self.path / "log"

    def log(self, name: str) -> Path:
        return self.log_folder / f"{name}.log"

    def write_environment(self, variables: Mapping[str, str]) -> None:
        """Keep the platform's variables for `manage.py`, which reads them where the shell sets none."""
        path = self / "env"
        path.touch(mode=0o600)
        path.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))

    def hold(self, **facts: object) -> None:
        """Take the single-instance lock and write down who holds it.

        The lock is the kernel's (flock), so it cannot outlive its holder.
        """
        lock = os.open(self / "launcher.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            holder = self.read_holder()
            raise LauncherError(
                f"Already running as process {holder.get('pid', '?')}"
                f"{' at ' + str(holder['url']) if 'url' in holder else ''}: "
                "stop it with 'make stop', or choose another STATE and PORT."
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, json.dumps({"pid": os.getpid(), **facts}).encode(), 0)
        self._lock = lock

    def release(self) -> None:
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None

    def read_holder(self) -> dict[str, object]:
        """Return what the holder wrote down; empty where nothing readable is there."""
        try:
            return json.loads((self / "launcher.lock").read_text())
        except (OSError, ValueError):
            return {}

    def is_held(self) -> bool:
        """Tell whether a living launcher holds this state."""
        try:
            lock = os.open(self / "launcher.lock", os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    def secret_key(self) -> str:
        """Return this installation's secret key, made on first use and readable by its owner only."""
        path = self / "secret"
        if not path.exists():
            with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(secrets.token_urlsafe(50))
        return path.read_text()


def remove_folder(path: Path) -> None:
    """Remove a state's folder and the folders outside it that its notes remember."""
    for note in path.rglob("*.path"):
        outside = Path(note.read_text().strip())
        if outside.name.startswith(OUTSIDE_PREFIX) and not outside.is_symlink():
            remove_folder(outside)
    shutil.rmtree(path, ignore_errors=True)


def remembered_folder(note: Path, *, inside: tuple[Path, ...], account: struct_passwd | None = None) -> Path:
    """Return a private folder outside the state, made once and remembered in `note` (`*.path`).

    A remembered folder that is gone, or that someone else owns by now, is replaced.
    """
    owner = os.geteuid() if account is None else account.pw_uid
    if note.exists():
        folder = Path(note.read_text().strip())
        if folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == owner:
            return folder
    for parent in inside:
        if os.access(parent, os.W_OK):
            folder = Path(tempfile.mkdtemp(prefix=OUTSIDE_PREFIX, dir=parent))
            give(folder, account=account)
            note.write_text(f"{folder}\n")
            return folder
    raise LauncherError(f"None of {', '.join(map(str, inside))} can be written: choose another STATE.")


def socket_folder(preferred: Path, *, account: struct_passwd | None = None) -> Path:
    """Return a private folder whose path is short and plain enough for Unix sockets."""
    path = str(preferred)
    if len(os.fsencode(path)) <= SOCKET_FOLDER_BYTES and SOCKET_FOLDER_SAFE.fullmatch(path):
        preferred.mkdir(exist_ok=True)
        give(preferred, account=account)
        return preferred
    note = preferred.with_suffix(".path")
    temporary = Path(tempfile.gettempdir())
    if len(os.fsencode(temporary)) > SOCKET_FOLDER_BYTES - 20:
        temporary = Path("/tmp")  # noqa: S108 - a private folder is made inside
    return remembered_folder(note, inside=(temporary,), account=account)
