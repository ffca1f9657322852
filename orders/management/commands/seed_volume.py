"""Fill the catalogue with any number of invented cars."""

import datetime as dt
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError
from django.utils import timezone

from o2o_platform.markets.models import Market
from orders.volume.removal import remove_volume
from orders.volume.seeding import Wanted, seed_volume


class Command(BaseCommand):
    help = "Add invented trims and cars in any number, the same for the same seed. Safe to run again; for development."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--trims", type=int, default=0, help="how many trims there shall be")
        parser.add_argument("--units", type=int, default=0, help="how many cars in stock there shall be")
        parser.add_argument("--market", default="CN", help="where they are sold (CN, DE, PL)")
        parser.add_argument("--seed", type=int, default=1, help="another seed gives other cars")
        parser.add_argument(
            "--on", type=dt.date.fromisoformat, help="the day deliveries count from, YYYY-MM-DD; today when left out"
        )
        parser.add_argument("--remove", action="store_true", help="take all generated cars away again")
        parser.add_argument("--force", action="store_true", help="in production mode as well")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT and not options["force"]:
            raise CommandError("Invented cars would be offered to buyers: in production mode this needs --force.")
        if options["remove"]:
            self._remove()
            return
        started = time.monotonic()
        wanted = self._wanted(options)
        self._started, self._is_quiet = started, options["verbosity"] == 0
        added = seed_volume(wanted, report=lambda trims, units: self._report(wanted, trims, units))
        if not self._is_quiet:
            self.stdout.write(
                f"Volume: {added['cars']} trims, {added['units']} cars and {added['offers']} offers added in"
                f" {time.monotonic() - started:.1f} s{'' if any(added.values()) else ': all was there already'}"
            )

    def _wanted(self, options: dict[str, Any]) -> Wanted:
        if options["trims"] < 1 or options["units"] < 0:
            raise CommandError("Say how many: --trims 100000 --units 300000.")
        market = Market.objects.filter(code=options["market"].upper(), cities__isnull=False).first()
        if market is None:
            raise CommandError(f"No market {options['market']} with cities; 'load_reference' brings them.")
        on = options["on"] or timezone.now().astimezone(market.zone).date()
        return Wanted(options["trims"], options["units"], market, options["seed"], on)

    def _report(self, wanted: Wanted, trims: int, units: int) -> None:
        if self._is_quiet:
            return
        rate = trims / (time.monotonic() - self._started)
        line = f"{trims:,} of {wanted.trims:,} trims, {units:,} cars, {rate:,.0f} trims/s"
        self.stderr.write(line, ending="\r" if sys.stderr.isatty() and trims < wanted.trims else "\n")

    def _remove(self) -> None:
        try:
            removed = remove_volume()
        except IntegrityError as error:
            raise CommandError(f"Some generated cars are in use, so all stay: {error}") from error
        self.stdout.write(f"Volume: {removed} rows removed")
