"""Load markets, cities, price rules, sales terms and rules of law."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from catalog.services.reference import load_price_rules
from o2o_platform.markets.reference import load_cities, load_markets
from orders.reference import load_sale_rules, load_terms


class Command(BaseCommand):
    help = "Load markets, cities, price rules, sales terms and rules of law. Safe to run again."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        loads = {
            "markets": load_markets,
            "cities": load_cities,
            "price rules": load_price_rules,
            "terms": load_terms,
            "sale rules": load_sale_rules,
        }
        for name, load in loads.items():
            created, updated = load()
            if options["verbosity"] > 1 or created or updated:
                self.stdout.write(f"{name}: {created} created, {updated} updated")
