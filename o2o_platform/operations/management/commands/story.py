import os
import sys
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from o2o_platform.operations.story.deal import PATIENCE_S, Deal
from o2o_platform.operations.story.playing import play


class Command(BaseCommand):
    help = "Play a whole deal against a running platform with its demonstration; exit 1 at the first step that fails."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base-url", default=settings.SITE_URL, help="address of the platform")
        parser.add_argument("--dealer-system", default="", help="the demo dealer system's; default: the next port up")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default="zh-hans")
        parser.add_argument(
            "--advisor", default="", help="e-mail to sign in with; default: the demo advisor of the car"
        )
        parser.add_argument("--password", default=os.environ.get("DEMO_PASSWORD", "showroom-2026"))
        parser.add_argument(
            "--patience", type=float, default=PATIENCE_S, help="seconds to wait for messages and answers"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        base_url = options["base_url"].rstrip("/")
        deal = Deal(
            base_url=base_url,
            dealer_system=options["dealer_system"].rstrip("/") or next_port(base_url),
            language=options["language"],
            password=options["password"],
            advisor_email=options["advisor"],
            patience_s=options["patience"],
        )
        with translation.override(options["language"]):
            for played in play(deal):
                if played.trouble:
                    self.stdout.write(self.style.ERROR(f"✗ {played.title}\n  {played.trouble}"))
                    sys.exit(1)
                self.stdout.write(f"{self.style.SUCCESS('✓')} {played.title}  {played.seconds:.2f} s")
        self.stdout.write(f"{deal.order} {deal.drive} {deal.phone}")


def next_port(base_url: str) -> str:
    """Where `make run` puts the demo dealer system."""
    parts = urlsplit(base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{parts.hostname}:{port + 1}"
