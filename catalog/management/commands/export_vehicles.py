"""Export cars with their figures, prices, colours and options."""

from collections.abc import Iterator
from typing import Any

from catalog.imports.export import VEHICLE_HEADER, vehicle_rows
from o2o_platform.imports.export_command import ExportCommand


class Command(ExportCommand):
    help = "Export cars: a table that import_vehicles reads back unchanged."
    header = VEHICLE_HEADER

    def rows(self, market: str) -> Iterator[list[Any]]:
        return vehicle_rows(market)
