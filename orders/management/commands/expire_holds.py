"""Expire holds that ran out."""

from typing import Any

from django.core.management.base import BaseCommand

from orders.services import expire_holds


class Command(BaseCommand):
    help = "Expire orders whose hold ran out and put their cars back on sale."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"expired: {expire_holds()}")
