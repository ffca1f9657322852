"""Export options with their prices and rules."""

from collections.abc import Iterator
from typing import Any

from catalog.imports.export import OPTION_HEADER, option_rows
from o2o_platform.imports.export_command import ExportCommand


class Command(ExportCommand):
    help = "Export options with their prices and rules: a table that import_options reads back unchanged."
    header = OPTION_HEADER

    def rows(self, market: str) -> Iterator[list[Any]]:
        return option_rows(market)
