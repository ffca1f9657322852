"""The engine on cars: what is written, what is reported, what is undone."""

import csv
import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from catalog.imports.vehicles import VehicleImporter
from catalog.models import Offer, Trim, VehicleModel
from o2o_platform.imports.engine import Summary, import_file
from o2o_platform.imports.errors import RowError
from tests.factories import make_market
from tests.imports.tables import CAR as ANY_CAR

pytestmark = pytest.mark.django_db

CAR = ANY_CAR | {"trim": "1.5T 6MT Urban"}
Write = Callable[[Iterable[dict[str, str]]], Path]


@pytest.fixture(autouse=True)
def market() -> None:
    make_market("CN")
    make_market("DE")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_cars(cars: Iterable[dict[str, str]]) -> Path:
        rows = [CAR | car for car in cars]
        path = tmp_path / "cars.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write_cars


def run(path: Path, on: dt.date = dt.date(2026, 1, 1), **options: Any) -> tuple[Summary, list[RowError]]:
    errors: list[RowError] = []
    return import_file(path, VehicleImporter(on=on), report=errors.extend, **options), errors


def counts(summary: Summary) -> tuple[int, int, int, int]:
    return summary.created, summary.updated, summary.unchanged, summary.failed


def test_creates_then_says_unchanged_then_updates(write: Write) -> None:
    path = write([{}, {"trim": "Elite"}])
    assert counts(run(path)[0]) == (2, 0, 0, 0)
    assert counts(run(path)[0]) == (0, 0, 2, 0)
    assert counts(run(write([{"seats": "7"}, {"trim": "Elite"}]))[0]) == (0, 1, 1, 0)
    assert Trim.objects.get(code="haval-h2-2014-1-5t-6mt-urban").seats == 7


def test_a_bad_row_is_reported_and_the_others_are_written(write: Write) -> None:
    summary, errors = run(write([{"trim": "A"}, {"trim": "B", "seats": "many", "doors": "99"}, {"trim": "C"}]))
    assert counts(summary) == (2, 0, 0, 1)
    assert {(error.line, error.column) for error in errors} == {(3, "seats"), (3, "doors")}
    assert sorted(Trim.objects.values_list("name", flat=True)) == ["A", "C"]


def test_a_row_the_database_refuses_leaves_nothing_of_itself(write: Write) -> None:
    cars = [{"trim": f"T{number}"} for number in range(20)]
    cars[13] |= {"make": "Ghost", "model": "Nothing", "deposit_amount": "999999"}  # more than the car costs
    with translation.override("en"):
        summary, errors = run(write(cars))
    assert counts(summary) == (19, 0, 0, 1)
    assert [error.line for error in errors] == [15]
    assert "deposit" in errors[0].message
    assert not VehicleModel.objects.filter(name="Nothing").exists()
    assert Trim.objects.count() == 19


def test_strict_stops_and_writes_nothing(write: Write) -> None:
    cars = [{"trim": f"T{number}"} for number in range(3)] + [
        {"trim": "bad", "seats": "x"},
        {"trim": "worse", "seats": "x"},
    ]
    summary, errors = run(write(cars), strict=True)
    assert summary.is_stopped
    assert len(errors) == 1
    assert not Trim.objects.exists()


def test_a_dry_run_counts_and_writes_nothing(write: Write) -> None:
    summary, _errors = run(write([{"trim": "A"}, {"trim": "B", "seats": "x"}]), dry_run=True)
    assert counts(summary) == (1, 0, 0, 1)
    assert not Trim.objects.exists()


def test_a_repeated_key_names_the_first_line(write: Write) -> None:
    summary, errors = run(write([{}, {"trim": "Other"}, {"seats": "7"}]))
    assert counts(summary) == (2, 0, 0, 1)
    assert errors[0].line == 4
    assert "2" in errors[0].message
    assert Trim.objects.get(code="haval-h2-2014-1-5t-6mt-urban").seats == 5


def test_a_changed_price_begins_a_new_offer_and_keeps_the_old(write: Write) -> None:
    run(write([{}]), on=dt.date(2026, 1, 1))
    Offer.objects.update(cooling_hours=168)
    run(write([{"msrp_cny": "95800"}]), on=dt.date(2026, 6, 1))
    old, new = Offer.objects.order_by("validity")
    assert (old.list_price, old.validity.upper) == (Decimal(98800), dt.date(2026, 6, 1))
    assert (new.list_price, new.validity.lower, new.validity.upper) == (Decimal(95800), dt.date(2026, 6, 1), None)
    assert new.cooling_hours == 168


def test_a_price_corrected_the_same_day_rewrites_that_day(write: Write) -> None:
    run(write([{}]))
    run(write([{"msrp_cny": "95800"}]))
    assert [offer.list_price for offer in Offer.objects.all()] == [Decimal(95800)]


def test_an_offer_ends_before_one_that_staff_planned(write: Write) -> None:
    run(write([{}]), on=dt.date(2026, 6, 1))
    run(write([{"msrp_cny": "90000"}]), on=dt.date(2026, 1, 1))
    periods = Offer.objects.order_by("validity").values_list("validity", flat=True)
    assert [(period.lower.month, period.upper and period.upper.month) for period in periods] == [(1, 6), (6, None)]


def test_each_market_gets_its_price(write: Write) -> None:
    run(write([{"market": "CN|DE", "msrp_eur_de": "24990"}]))
    assert dict(Offer.objects.values_list("market", "list_price")) == {"CN": Decimal(98800), "DE": Decimal(24990)}


def test_a_range_needs_its_test_cycle(write: Write) -> None:
    _summary, errors = run(write([{"electric_range_km": "400", "range_cycle": ""}, {"trim": "B", "market": "XX"}]))
    assert sorted((error.line, error.column) for error in errors) == [(2, "range_cycle"), (3, "market")]


def test_unchanged_rows_cost_a_handful_of_queries(write: Write) -> None:
    path = write([{"trim": f"T{number}"} for number in range(300)])
    run(path)
    with CaptureQueriesContext(connection) as queries:
        run(path)
    assert len(queries) < 12


def test_the_command_reports_in_the_readers_language_and_fails(write: Write, tmp_path: Path) -> None:
    out, err, report = StringIO(), StringIO(), tmp_path / "errors.csv"
    path = write([{"trim": "A"}, {"trim": "=cmd()", "seats": "5", "extra": "x"}])
    with pytest.raises(SystemExit) as exit_:
        call_command("import_vehicles", path, report=report, language="en", stdout=out, stderr=err)
    assert exit_.value.code == 1
    assert "1 created, 0 updated, 0 unchanged, 1 refused" in out.getvalue()
    assert "Line 3, trim: Looks like a spreadsheet formula." in err.getvalue()
    assert "extra" in err.getvalue()
    [row] = csv.DictReader(report.read_text(encoding="utf-8-sig").splitlines())
    assert row["refused_line"] == "3"
    assert row["refused_because"] == "trim: Looks like a spreadsheet formula."
    assert row["trim"] == "'=cmd()"


def test_the_command_is_quiet_when_asked(write: Write) -> None:
    out, err = StringIO(), StringIO()
    call_command("import_vehicles", write([{}]), quiet=True, stdout=out, stderr=err)
    assert (out.getvalue(), err.getvalue()) == ("", "")


def test_the_command_says_which_columns_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("make,model\nHaval,H2\n")
    with pytest.raises(CommandError, match="model_year"):
        call_command("import_vehicles", path, language="en")
