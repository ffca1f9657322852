"""`python -m o2o_platform.launcher run|stop|status|exec|clean|browser|translations`."""

import argparse
import os
import sys
from collections.abc import Callable
from io import TextIOWrapper

from .errors import LauncherError
from .state import State


def main(arguments: list[str]) -> int:
    """Carry out one command; trouble is one line and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = _parser().parse_args(arguments)
    state = State(os.environ.get("STATE") or ".state")
    try:
        return COMMANDS[options.command](state, options)
    except LauncherError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{error.strerror}: {error.filename or state.path}.", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="launcher", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="for exec: -- COMMAND…")
    return parser


def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65535:
        raise LauncherError(f"PORT={text} is no port: give a number from 1 to 65534.")
    return int(text)


def _run(state: State, options: argparse.Namespace) -> int:
    from .run import run

    return run(state, port=_port())


def _execute(state: State, options: argparse.Namespace) -> int:
    from .execute import execute

    command = options.rest[1:] if options.rest[:1] == ["--"] else options.rest
    if not command:
        raise LauncherError("Say what to run: launcher exec -- COMMAND…")
    return execute(state, command, port=_port())


def _stop(state: State, options: argparse.Namespace) -> int:
    from .stop import stop

    return stop(state)


def _status(state: State, options: argparse.Namespace) -> int:
    from .stop import show_status

    return show_status(state)


def _clean(state: State, options: argparse.Namespace) -> int:
    from .stop import clean

    return clean(state)


def _browser(state: State, options: argparse.Namespace) -> int:
    from .browser import chromium

    print(chromium()["executable_path"])
    return 0


def _translations(state: State, options: argparse.Namespace) -> int:
    from .translations import compile_translations

    for target in compile_translations():
        print(target)
    return 0


COMMANDS: dict[str, Callable[[State, argparse.Namespace], int]] = {
    "run": _run,
    "exec": _execute,
    "stop": _stop,
    "status": _status,
    "clean": _clean,
    "browser": _browser,
    "translations": _translations,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
