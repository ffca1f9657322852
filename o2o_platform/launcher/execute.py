"""`exec`: one command with its own database and broker, for tests, benchmarks and screenshots."""

import signal
import subprocess

from .errors import LauncherError
from .processes import die_with_parent, signals_held
from .servers import Servers
from .state import State
from .translations import compile_translations


def execute(state: State, command: list[str], *, port: int) -> int:
    """Run the command with throw-away servers in the state's `test` folder; return its exit code."""
    own = State(state / "test")
    own.create()
    own.hold()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _exit)
    servers = Servers(own, durable=False)
    try:
        compile_translations()
        servers.start()
        return _run(command, env=servers.environment(port=port))
    except KeyboardInterrupt:
        return 130
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        servers.stop()
        own.release()


def _run(command: list[str], *, env: dict[str, str]) -> int:
    """Run the command on this terminal; Ctrl-C is its own to answer, TERM is passed on."""
    with signals_held():
        try:
            child = subprocess.Popen(command, env=env, preexec_fn=die_with_parent(signal.SIGTERM))
        except OSError as error:
            raise LauncherError(f"Cannot run {command[0]}: {error.strerror}.") from error
        signal.signal(signal.SIGINT, lambda number, frame: None)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, frame: child.send_signal(number))
    code = child.wait()
    return code if code >= 0 else 128 - code


def _exit(number: int, frame: object) -> None:
    """Before the command has handlers of its own here: the same exit code, and it ends with this process."""
    raise SystemExit(128 + number)
