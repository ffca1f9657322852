"""Keeps the servers and services alive, and ends them all in order."""

import signal
import time

from .errors import LauncherError
from .preparation import last_line
from .servers import Servers
from .services import Service
from .state import State

ROUND_SECONDS = 0.2
STOP_SECONDS = 4
DEATHS_BEFORE_ALARM = 4


class Supervisor:
    """Watches direct children from the main thread, which is the one that forks them."""

    def __init__(self, state: State, servers: Servers, services: list[Service]):
        self.state = state
        self.servers = servers
        self.services = services
        self.env: dict[str, str] = {}

    def start(self, name: str) -> None:
        """Start one service and keep it running from now on."""
        service = next(service for service in self.services if service.name == name)
        service.start(self.state, env=self.env)

    def look(self) -> None:
        """Restart what died and show what went wrong since the last look."""
        for name in self.servers.restart_dead():
            say(f"{name} stopped and was started again; see {self.state.log(name)}.")
        for service in self.services:
            self._look_at(service)
            for line in service.new_trouble(self.state):
                say(f"{service.name}: {line}")

    def _look_at(self, service: Service) -> None:
        if not service.is_dead:
            return
        if service.retry_at == 0.0:
            log = self.state.log(service.name)
            pause = service.note_death()
            if service.deaths == DEATHS_BEFORE_ALARM:
                say(f"{service.name} keeps stopping ({last_line(log)}): see {log}.")
            elif service.deaths < DEATHS_BEFORE_ALARM:
                say(f"{service.name} stopped; starting it again in {pause} s.")
        elif time.monotonic() >= service.retry_at:
            service.start(self.state, env=self.env)

    def raise_if_hopeless(self) -> None:
        """While starting: a service that died twice will not come up by waiting."""
        for service in self.services:
            if service.deaths >= 2:
                log = self.state.log(service.name)
                raise LauncherError(f"{service.name} does not start ({last_line(log)}): see {log}.")

    def stop(self) -> None:
        """Ask all services to end at once, kill what lingers, then stop the servers."""
        running = [service.process for service in self.services if service.process]
        for process in running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while any(process.poll() is None for process in running) and time.monotonic() < deadline:
            time.sleep(0.05)
        for process in running:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.servers.stop()


def say(line: str) -> None:
    print(line, flush=True)
