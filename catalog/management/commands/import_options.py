"""Import options with their prices and rules."""

from typing import Any

from catalog.imports.options import OptionImporter
from o2o_platform.imports.command import ImportCommand


class Command(ImportCommand):
    help = "Import options from a table (.csv or .xlsx): one row is an extra with its prices and rules."

    def make_importer(self, options: dict[str, Any]) -> OptionImporter:
        return OptionImporter(reason=f"import {options['file'].name}")
