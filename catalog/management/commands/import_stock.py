"""Import stock: physical cars by VIN."""

from typing import Any

from catalog.imports.stock import StockImporter
from o2o_platform.imports.command import ImportCommand


class Command(ImportCommand):
    help = "Import stock from a table (.csv or .xlsx): one row is one car by VIN."

    def make_importer(self, options: dict[str, Any]) -> StockImporter:
        return StockImporter()
