"""Fill an empty platform with a demonstration."""

import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from catalog.models import Brand, StockUnit, Trim
from catalog.services.aliases import load_aliases
from catalog.services.terms import refresh_terms
from dealers.models import Dealership
from o2o_platform.markets.models import Market
from orders.demo import campaigns, catalogue, dealerships, finance, people, stock, stores, vouchers
from orders.demo.world.seeding import seed_world


class Command(BaseCommand):
    help = "Load demo cars, dealerships, staff and stock. Safe to run again; for development."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="only when there are no cars and dealerships yet; lists no accounts"
        )
        parser.add_argument("--accounts", action="store_true", help="only list the demo accounts")
        parser.add_argument(
            "--world",
            action="store_true",
            help="with all ways of selling side by side: brand stores, direct sale, festival, and a year of orders",
        )
        parser.add_argument("--force", action="store_true", help="in production mode as well")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT and not options["force"]:
            raise CommandError("Demo accounts share a known password: in production mode this needs --force.")
        if options["accounts"]:
            self._list_accounts()
            return
        started = time.monotonic()
        is_filled = Brand.objects.exists() or Dealership.objects.exists()
        if options["if_empty"] and is_filled:
            self._refresh_endpoints()
            return
        self._seed(with_world=options["world"])
        if options["world"]:
            # By name: it has money in it, and lives in the layer above.
            call_command("seed_past", force=True, stdout=self.stdout)
        self.stdout.write(
            f"Demo: {Trim.objects.count()} trims, {Dealership.objects.count()} dealerships,"
            f" {StockUnit.objects.count()} cars in {time.monotonic() - started:.1f} s"
        )
        if not options["if_empty"]:
            self._list_accounts()

    @transaction.atomic
    def _seed(self, *, with_world: bool) -> None:
        call_command("load_reference", verbosity=0, stdout=self.stdout)
        catalogue.seed_vehicles()
        catalogue.seed_colours()
        catalogue.seed_options()
        campaigns.seed_campaigns(Market.objects.get(pk="CN"))
        vouchers.seed_vouchers(Market.objects.get(pk="CN"))
        stores.seed_stores()
        load_aliases()
        refresh_terms()
        finance.seed_finance_plans()
        dealerships.seed_dealerships()
        places = dealerships.demo_dealerships()
        people.seed_staff(places)
        people.seed_group()
        dealerships.seed_demo_cars(places)
        stock.seed_stock(places)
        if with_world:
            seed_world(places)
        self._refresh_endpoints()

    @transaction.atomic
    def _refresh_endpoints(self) -> None:
        places = dealerships.demo_dealerships()
        dealerships.seed_endpoints(places)
        dealerships.write_dms_config(places)

    def _list_accounts(self) -> None:
        places = [place for place in dealerships.demo_dealerships() if place.code in dealerships.SHOWN]
        places.sort(key=lambda place: dealerships.SHOWN.index(place.code))
        rows = people.list_accounts(places)
        if not rows:
            self.stdout.write("No demo accounts.")
            return
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            self.stdout.write("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
        self.stdout.write(f"Password of all: {people.SHARED_LOGIN}")
        self.stdout.write("Every other demo dealership has the same: manager., advisor., … and its code.")
