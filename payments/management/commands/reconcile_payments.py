"""Ask providers about payments whose notice is overdue, and send refunds."""

from typing import Any

from django.core.management.base import BaseCommand

from payments.services import reconcile_payments, submit_refunds


class Command(BaseCommand):
    help = "Settle payments whose notice is overdue and send refunds to their provider."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"settled: {reconcile_payments()}")
        self.stdout.write(f"refunded: {submit_refunds()}")
