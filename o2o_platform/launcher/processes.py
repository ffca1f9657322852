"""Child processes that cannot outlive the launcher."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from pwd import struct_passwd

from .accounts import as_account

PR_SET_PDEATHSIG = 1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
POLL_SECONDS = 0.02
LOCALE_NAMES = ("LANG", "LANGUAGE")


@contextmanager
def signals_held() -> Iterator[None]:
    """Signals to stop wait until the end of the block.

    Python drops what a handler raises while it forks (in the hooks that run after a fork), and the
    signal with it. A child takes the mask along: `die_with_parent` clears it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child runs before exec so that the kernel signals it when its parent dies.

    It must run after the change of user, which clears the wish, and the fork must come from the
    main thread: the kernel watches the forking thread. Other systems than Linux have no such call.
    """
    if not sys.platform.startswith("linux"):
        return _release_signals
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def set_death_signal() -> None:
        _release_signals()
        prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return set_death_signal


def _release_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def spawn(
    command: list[str],
    *,
    log: Path,
    env: dict[str, str] | None = None,
    cwd: Path | str = "/",
    death_signal: signal.Signals = signal.SIGKILL,
    account: struct_passwd | None = None,
    on_terminal: bool = False,
) -> subprocess.Popen:
    """Start a direct child in its own process group, so that Ctrl-C reaches the launcher alone.

    `on_terminal` leaves its ordinary output on the terminal; errors go to the log all the same.
    """
    with log.open("ab") as output, signals_held():
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=None if on_terminal else output,
            stderr=output,
            env=env,
            cwd=cwd,
            process_group=0,
            preexec_fn=die_with_parent(death_signal),
            **as_account(account),
        )


def stop_process(process: subprocess.Popen, *, with_signal: signal.Signals, seconds: float) -> None:
    """Signal the child, wait, and kill it when the time is up."""
    if process.poll() is not None:
        return
    process.send_signal(with_signal)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def environment_without_locale() -> dict[str, str]:
    """Return the environment less any locale: the one named may not be installed here."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in LOCALE_NAMES and not name.startswith(("LC_", "PG"))
    }


def processes_inside(folder: Path) -> list[int]:
    """Return the living processes whose current folder is this one (a PostgreSQL and its backends).

    Zombies and foreign processes that reused a recorded pid do not count.
    """
    found, folder = [], folder.resolve()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def wait_until_gone(folder: Path, *, seconds: float) -> bool:
    """Wait for the last process inside the folder; False when the time is up."""
    deadline = time.monotonic() + seconds
    while processes_inside(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def signal_quietly(pid: int, number: signal.Signals) -> None:
    """Signal a process that may be gone already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
