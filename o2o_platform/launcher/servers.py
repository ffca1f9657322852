"""The database and the broker: ours, unless the environment names others."""

import os
from collections.abc import Mapping
from pathlib import Path

from .postgres import Postgres
from .state import State
from .valkey import Valkey


class Servers:
    """Starts an embedded server for each address the environment does not give."""

    def __init__(self, state: State, *, durable: bool = True):
        self.state = state
        self.postgres = None
        self.valkey = None
        if not os.environ.get("DATABASE_URL"):
            folder = state / "postgres"
            self.postgres = Postgres(folder, log=state.log("postgres"), durable=durable)
        if not os.environ.get("REDIS_URL"):
            self.valkey = Valkey(state / "valkey", log=state.log("valkey"))

    @property
    def embedded(self) -> Mapping[str, Postgres | Valkey]:
        named = {"postgres": self.postgres, "valkey": self.valkey}
        return {name: server for name, server in named.items() if server is not None}

    def start(self) -> None:
        for server in self.embedded.values():
            server.start()

    def stop(self) -> None:
        for server in self.embedded.values():
            server.stop()

    def restart_dead(self) -> list[str]:
        """Start again what died; return the names."""
        dead = [name for name, server in self.embedded.items() if server.poll() is not None]
        for name in dead:
            self.embedded[name].start()
        return dead

    @property
    def memory(self) -> Path | None:
        """Where to note what was done to the database: beside its data, so they vanish together."""
        return None if self.postgres is None else self.postgres.folder / "prepared.json"

    def environment(self, *, port: int) -> dict[str, str]:
        """Return the environment for every child; what the user set stays as it is."""
        given = {name: value for name, value in os.environ.items() if value or "_URL" not in name}
        return self.settings(port=port) | given

    def settings(self, *, port: int) -> dict[str, str]:
        """Return the variables a platform on these servers needs."""
        ours = {
            "DJANGO_SETTINGS_MODULE": "o2o_platform.settings",
            "DJANGO_MODE": "development",
            "SECRET_KEY": self.state.secret_key(),
            "SITE_URL": f"http://127.0.0.1:{port}",
            "DEMO_DMS_URL": f"http://127.0.0.1:{port + 1}",
            "DEMO_DMS_CONFIG": str(self.state / "demo_dms.json"),
            "MEDIA_ROOT": str(self.state / "media"),
            "STATIC_ROOT": str(self.state / "static"),
            "PYTHONUTF8": "1",
            "PYTHONUNBUFFERED": "1",
        }
        if self.postgres is not None:
            ours["DATABASE_URL"] = self.postgres.url
        if self.valkey is not None:
            ours["REDIS_URL"] = self.valkey.url
        return ours
