"""Fill the demonstration's world with a year of orders."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.demo.past.seeding import seed_past


class Command(BaseCommand):
    help = "Write a year of demo orders in every sales model and channel, once. Part of `seed_demo --world`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="in production mode as well")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEVELOPMENT or options["force"]):
            raise CommandError("Invented orders are for development: use seed_demo --world --force.")
        started = time.monotonic()
        orders = seed_past()
        if orders:
            self.stdout.write(f"Past: {orders} orders in {time.monotonic() - started:.1f} s")
