import functools
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from o2o_platform.operations.demo_dealer.book import Book, Config
from o2o_platform.operations.demo_dealer.server import DealerSystem

WAIT_S = 1.0


class Command(BaseCommand):
    help = "Run a small demo dealer system on 127.0.0.1 that takes, shows and acknowledges handed-off orders."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8001)
        parser.add_argument("--platform", default="", help="address of the platform, instead of the one in the config")
        parser.add_argument(
            "--config",
            default=os.environ.get("DEMO_DMS_CONFIG", ""),
            help="JSON file with platform and dealerships (code, secret, api_key); awaited when missing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError(_("The demo dealer system is for development only."))
        path = Path(options["config"] or settings.BASE_DIR / ".state" / "demo_dms.json")
        signal.signal(signal.SIGTERM, _interrupt)
        read_config = functools.partial(Config.read, path, platform=options["platform"])
        try:
            self._await_config(path, read_config)
            server = DealerSystem(
                options["port"],
                book=Book(path.with_name("demo_dms_deliveries.jsonl")),
                read_config=read_config,
                static=settings.BASE_DIR / "static",
            )
            self.stdout.write(_("Demo dealer system on %(url)s") % {"url": f"http://127.0.0.1:{options['port']}/"})
            self.stdout.flush()
            server.serve_forever()
        except KeyboardInterrupt:
            return

    def _await_config(self, path: Path, read_config: Callable[[], Config]) -> None:
        told = False
        while True:
            try:
                read_config()
            except (OSError, ValueError, KeyError):
                if not told:
                    self.stdout.write(_("Waiting for %(path)s") % {"path": path})
                    self.stdout.flush()
                    told = True
                time.sleep(WAIT_S)
            else:
                return


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt
