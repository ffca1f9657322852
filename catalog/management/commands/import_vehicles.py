"""Import cars with their figures and prices."""

from typing import Any

from django.utils import timezone

from catalog.imports.vehicles import VehicleImporter
from o2o_platform.imports.command import ImportCommand


class Command(ImportCommand):
    help = "Import cars from a table (.csv or .xlsx): one row is a trim with its figures and prices."

    def make_importer(self, options: dict[str, Any]) -> VehicleImporter:
        return VehicleImporter(on=timezone.now().date())
