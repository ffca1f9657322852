"""Move orders on from dealerships that did not answer."""

from typing import Any

from django.core.management.base import BaseCommand

from orders.services import reassign_overdue


class Command(BaseCommand):
    help = "Offer orders whose dealership did not answer in time to the next one."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"reassigned: {reassign_overdue()}")
