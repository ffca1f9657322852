"""Delete files of photographs that no row names."""

from typing import Any

from django.core.management.base import BaseCommand

from catalog.services.photos import sweep_photos


class Command(BaseCommand):
    help = "Delete files of photographs that no row names any more."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"files deleted: {sweep_photos()}")
