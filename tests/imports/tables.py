"""Small tables for tests of imports."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from catalog.imports.vehicles import VehicleImporter
from o2o_platform.imports.engine import Listener, Summary, import_file
from o2o_platform.imports.errors import RowError

CAR = {
    "make": "Haval",
    "make_zh": "哈弗",
    "model": "H2",
    "model_zh": "哈弗H2",
    "model_year": "2014",
    "trim": "Urban",
    "market": "CN",
    "body_type": "suv",
    "energy_type": "petrol",
    "seats": "5",
    "msrp_cny": "98800",
}


class Notes(Listener):
    """Keeps what an import says."""

    def __init__(self) -> None:
        self.errors: list[RowError] = []
        self.changes: list[tuple[int, str, dict[str, Any]]] = []

    def refuse(self, row: Any, errors: list[RowError]) -> None:
        self.errors += errors

    def change(self, line: int, name: str, changes: Any) -> None:
        self.changes.append((line, name, dict(changes)))


def write_table(path: Path, rows: Iterable[dict[str, str]], encoding: str = "utf-8") -> Path:
    """A CSV file with the columns of all rows."""
    rows = list(rows)
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def import_cars(
    path: Path, *, on: dt.date = dt.date(2026, 1, 1), market: str = "", **options: Any
) -> tuple[Summary, Notes]:
    """Import a table of cars; the summary and what was said on the way."""
    notes = Notes()
    importer = VehicleImporter(on=on, market=market, reason=f"import {path.name}")
    return import_file(path, importer, listener=notes, **options), notes


def counts(summary: Summary) -> tuple[int, int, int, int]:
    """Created, updated, unchanged and refused rows."""
    return summary.created, summary.updated, summary.unchanged, summary.failed
