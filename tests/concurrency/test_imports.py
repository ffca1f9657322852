"""Two imports of the same table at once: one works, the other says so; nothing is there twice."""

import datetime as dt
from contextlib import nullcontext
from pathlib import Path

import pytest

from catalog.imports.vehicles import VehicleImporter
from catalog.models import Trim
from o2o_platform.imports.engine import import_file
from o2o_platform.imports.errors import RowError
from o2o_platform.imports.locking import ImportRunning
from tests.concurrency.racing import race
from tests.factories import make_market
from tests.imports.tables import CAR, write_table

pytestmark = pytest.mark.django_db(transaction=True)
CARS = [CAR | {"model": f"M{number % 40}", "trim": f"T{number}"} for number in range(1200)]


def import_at_once(tmp_path: Path) -> tuple[list, list[RowError]]:
    """Two imports of the same cars, in opposite orders."""
    make_market("CN")
    errors: list[RowError] = []
    paths = [
        write_table(tmp_path / f"{order}.csv", [{"code": "", "colours": "", **car} for car in CARS[::order]])
        for order in (1, -1)
    ]

    def run(path: Path) -> object:
        return import_file(path, VehicleImporter(on=dt.date(2026, 1, 1)), report=errors.extend)

    return race([lambda path=path: run(path) for path in paths], threads=2), errors


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the batches that were tried."""
    tried: list[int] = []
    save = VehicleImporter.save
    monkeypatch.setattr(VehicleImporter, "save", lambda self, rows: tried.append(len(rows)) or save(self, rows))
    return tried


def test_one_of_two_imports_at_once_works_and_the_other_says_so(tmp_path: Path, batches: list[int]) -> None:
    outcomes, errors = import_at_once(tmp_path)
    assert sorted(isinstance(outcome, ImportRunning) for outcome in outcomes) == [False, True]
    assert errors == []
    assert Trim.objects.count() == 1200
    assert sorted(batches) == [200, 500, 500]


def test_control_without_the_lock_batches_collide_and_are_taken_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batches: list[int]
) -> None:
    monkeypatch.setattr("o2o_platform.imports.engine.only_import", lambda kind: nullcontext())
    import_at_once(tmp_path)
    assert len(batches) > 6


def test_the_lock_is_free_again_after_a_failed_import(tmp_path: Path) -> None:
    make_market("CN")
    path = write_table(tmp_path / "cars.csv", CARS[:3])
    for _attempt in range(2):
        assert import_file(path, VehicleImporter(on=dt.date(2026, 1, 1))).failed == 0
