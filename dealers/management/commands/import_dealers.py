"""Import dealerships."""

from typing import Any

from dealers.imports import DealerImporter
from o2o_platform.imports.command import ImportCommand


class Command(ImportCommand):
    help = "Import dealerships from a table (.csv or .xlsx); their brands must exist."

    def make_importer(self, options: dict[str, Any]) -> DealerImporter:
        return DealerImporter()
