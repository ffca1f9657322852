"""Importing a table of cars, beside COPY of the same rows into a table of text."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from bench.processes import CHECKOUT
from bench.world import figure

ROWS = 10_000
TRIMS_A_MODEL = 8
DEMO = Path(settings.BASE_DIR) / "catalog" / "data" / "demo" / "vehicles.csv"


def measure() -> list[dict]:
    with tempfile.TemporaryDirectory(prefix="o2o-bench-") as folder:
        few, many = Path(folder, "few.csv"), Path(folder, "many.csv")
        write_cars(few, ROWS // 5)
        write_cars(many, ROWS)
        new, _peak = import_cars(many)
        again, high = import_cars(many)
        _again, low = import_cars(few)
        copied = copy_rows(many)
    return [
        figure("import_new_vs_copy", ROWS / new, limit=ROWS / copied),
        figure("import_unchanged_vs_copy", ROWS / again, limit=ROWS / copied),
        figure("import_memory_growth", high / low, at_most=1.2),
        figure("import_peak_mb", high),
    ]


def write_cars(path: Path, count: int) -> None:
    """The demo's cars over again, as models and trims of other names."""
    with DEMO.open(encoding="utf-8") as file:
        cars = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*cars[0], "colours"])
        writer.writeheader()
        for number in range(count):
            turn, place = divmod(number // TRIMS_A_MODEL, len(cars))
            car = cars[place]
            names = {"model": f"{car['model']} {turn}-{place}", "model_zh": "", "trim": f"V{number % TRIMS_A_MODEL}"}
            writer.writerow(
                car | names | {"colours": "white; White; 白; #ffffff; CN 0 | red; Red; 红; #aa0000; CN 2000"}
            )


def import_cars(path: Path) -> tuple[float, float]:
    """Seconds, and megabytes at the peak, of the command in a process of its own."""
    began = time.perf_counter()
    command = (
        "import resource, runpy, sys; sys.argv = ['manage.py', 'import_vehicles', sys.argv[1], '--quiet'];"
        "runpy.run_path('manage.py', run_name='__main__');"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", command, str(path)], cwd=CHECKOUT, check=True, capture_output=True, text=True
    )
    return time.perf_counter() - began, float(done.stdout.split()[-1])


def copy_rows(path: Path) -> float:
    """Seconds that COPY takes for the same file into a table of text; nothing is checked and nothing is kept."""
    text = path.read_text(encoding="utf-8")
    columns = ", ".join(f'"{name}" text' for name in next(csv.reader(io.StringIO(text))))
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE copied ({columns}) ON COMMIT DROP")
        cursor.cursor.copy_expert("COPY copied FROM STDIN WITH (FORMAT csv, HEADER)", io.StringIO(text))
    return time.perf_counter() - began
