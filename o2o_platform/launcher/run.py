"""`run`: the whole platform on this machine until Ctrl-C."""

import http.client
import signal
import socket
import time
from collections.abc import Callable

from .errors import LauncherError
from .preparation import prepare_database
from .processes import STOP_SIGNALS
from .servers import Servers
from .services import platform_services
from .state import State
from .supervision import ROUND_SECONDS, Supervisor, say
from .translations import compile_translations

READY_SECONDS = 90


def run(state: State, *, port: int) -> int:
    """Start everything, say where it is, watch it, and stop it in order."""
    url = f"http://127.0.0.1:{port}/"
    state.create()
    state.hold(url=url)
    for number in (port, port + 1):
        check_port(number)
    servers = Servers(state)
    supervisor = Supervisor(state, servers, platform_services(state, port=port))
    for number in STOP_SIGNALS:
        signal.signal(number, _interrupt)
    try:
        _start(state, supervisor, port=port)
        while True:
            supervisor.look()
            time.sleep(ROUND_SECONDS)
    except KeyboardInterrupt:
        say("Stopping…")
        return 0
    finally:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        supervisor.stop()
        state.release()


def _start(state: State, supervisor: Supervisor, *, port: int) -> None:
    say("Starting…")
    _compile_translations()
    supervisor.servers.start()
    env = supervisor.servers.environment(port=port)
    noted = {*supervisor.servers.settings(port=port), "DATABASE_URL", "REDIS_URL"}
    state.write_environment({name: env[name] for name in sorted(noted)})
    accounts = prepare_database(state, supervisor.servers, env=env)
    supervisor.env = env
    # The site first and alone: four programs loading at once keep each other waiting.
    supervisor.start("web")
    _wait_for(supervisor, port=port, answered=lambda answer: answer.isdecimal())
    for name in ("worker", "beat", "dms"):
        supervisor.start(name)
    _wait_for(supervisor, port=port, answered=lambda answer: answer == "200")
    say(f"Ready: http://127.0.0.1:{port}/")
    say(accounts.rstrip("\n"))
    say(f"Messages sent: http://127.0.0.1:{port}/dev/messages/")
    say(f"Demo dealer system: http://127.0.0.1:{port + 1}/")


def _compile_translations() -> None:
    try:
        compile_translations()
    except OSError as error:
        say(f"Translations are not compiled ({error}): the checkout cannot be written.")


def _wait_for(supervisor: Supervisor, *, port: int, answered: Callable[[str], bool]) -> None:
    """Wait until /readyz answers as wanted; the services are watched meanwhile."""
    deadline = time.monotonic() + READY_SECONDS
    while not answered(answer := _readiness(port)):
        if time.monotonic() > deadline:
            log = supervisor.state.log("web")
            raise LauncherError(f"The site did not become ready ({answer}): see {log}.")
        supervisor.look()
        supervisor.raise_if_hopeless()
        time.sleep(0.1)


def _readiness(port: int) -> str:
    """Return the status /readyz answers with, or why there is no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return str(error)
    finally:
        connection.close()


def check_port(port: int) -> None:
    """Raise LauncherError where another program listens on the port."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise LauncherError(
                f"Port {port} cannot be used ({error.strerror}): "
                "choose another, for example PORT=8010 (the next one up is needed too)."
            ) from error


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt
