"""`stop`, `status` and `clean`: what another terminal may ask."""

import signal
import time

from .errors import LauncherError
from .processes import signal_quietly
from .state import State, remove_folder

STOP_SECONDS = 20


def stop(state: State) -> int:
    """Ask the running launcher to stop and wait until it has."""
    if not state.is_held():
        print("Not running.")
        return 0
    pid = int(str(state.read_holder().get("pid", 0)))
    if not pid:
        raise LauncherError("It is just starting or stopping: try again in a moment.")
    try:
        signal_quietly(pid, signal.SIGTERM)
    except PermissionError as error:
        raise LauncherError(f"Process {pid} belongs to another user: stop it there.") from error
    deadline = time.monotonic() + STOP_SECONDS
    while state.is_held():
        if time.monotonic() > deadline:
            raise LauncherError(f"Process {pid} does not stop: end it with 'kill -9 {pid}'.")
        time.sleep(0.05)
    print("Stopped.")
    return 0


def show_status(state: State) -> int:
    """Say whether it runs and where; the exit code is 0 only if it does."""
    if not state.is_held():
        print("Not running.")
        return 1
    holder = state.read_holder()
    print(f"Running as process {holder.get('pid', '?')} at {holder.get('url', '?')}")
    return 0


def clean(state: State) -> int:
    """Remove the state and everything it keeps elsewhere; all data in it is lost."""
    stop(state)
    if State(state / "test").is_held():
        raise LauncherError("Tests are running on this state: wait for them, or end them.")
    if state.path.exists():
        locks = ("launcher.lock", "test/launcher.lock")
        if any(state.path.iterdir()) and not any((state / lock).exists() for lock in locks):
            raise LauncherError(f"{state.path} is not a state folder of this launcher: left as it is.")
        remove_folder(state.path)
    return 0
