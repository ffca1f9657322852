"""Make every name findable again."""

import time
from typing import Any

from django.core.management.base import BaseCommand

from catalog.models import SearchTerm
from catalog.services.terms import refresh_terms


class Command(BaseCommand):
    help = "Rebuild the words that search knows, from the names of brands, models and trims. Writes only what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        written = refresh_terms()
        self.stdout.write(
            f"{SearchTerm.objects.count()} terms; {written} terms and trims written"
            f" in {time.monotonic() - started:.1f} s"
        )
