"""Importing stock: VINs, codes, and cars that orders rely on."""

import csv
from pathlib import Path
from typing import Any

import pytest

from catalog.imports.stock import StockImporter
from catalog.models import Availability, StockUnit
from dealers.models import Dealership
from o2o_platform.imports.engine import Summary, import_file
from o2o_platform.imports.errors import RowError
from tests.factories import make_colour, make_dealership, make_market, make_trim, make_unit, make_vin

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Dealership:
    return make_dealership(code="CN-BAO-009")


@pytest.fixture
def car(place: Dealership) -> dict[str, str]:
    trim = make_trim()
    colour = make_colour(trim.vehicle_model)
    return {
        "vin": make_vin(),
        "trim_code": trim.code,
        "colour_code": colour.code,
        "dealership_code": place.code,
        "market": "CN",
        "stage": "in_store",
        "discount": "1000",
        "expected_on": "",
    }


def run(tmp_path: Path, *cars: dict[str, str], **options: Any) -> tuple[Summary, list[RowError]]:
    path = tmp_path / "stock.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, cars[0])
        writer.writeheader()
        writer.writerows(cars)
    errors: list[RowError] = []
    return import_file(path, StockImporter(**options), report=errors.extend), errors


def row_of(unit: StockUnit) -> dict[str, str]:
    return {
        "vin": unit.vin,
        "trim_code": unit.trim.code,
        "colour_code": unit.colour.code,
        "dealership_code": unit.dealership.code,
        "market": unit.market_id,
    }


def test_creates_updates_and_leaves_alone(tmp_path: Path, car: dict[str, str]) -> None:
    assert run(tmp_path, car)[0].created == 1
    assert run(tmp_path, car)[0].unchanged == 1
    assert run(tmp_path, car | {"stage": "in_transit", "expected_on": "2026-12-24"})[0].updated == 1
    unit = StockUnit.objects.get()
    assert (unit.stage, str(unit.expected_on), unit.discount) == ("in_transit", "2026-12-24", 1000)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("vin", "LGWEF4A50EE00000I"),
        ("vin", "LGWEF4A59EE999999"),
        ("trim_code", "no-such-trim"),
        ("colour_code", "no-such-colour"),
        ("dealership_code", "NO-WHERE"),
        ("market", "XX"),
        ("discount", "-1"),
        ("stage", "lost"),
    ],
)
def test_refuses_rows_that_mean_nothing(tmp_path: Path, car: dict[str, str], column: str, cell: str) -> None:
    summary, errors = run(tmp_path, car | {column: cell})
    assert summary.failed == 1
    assert [error.column for error in errors] == [column]
    assert not StockUnit.objects.exists()


def test_european_vins_need_no_check_digit(tmp_path: Path, car: dict[str, str]) -> None:
    germany = make_market("DE")
    place = make_dealership(code="DE-1", market=germany)
    good = car["vin"]
    wrong = f"{good[:8]}{'0' if good[8] != '0' else '1'}{good[9:]}"
    assert run(tmp_path, car | {"vin": wrong})[1][0].column == "vin"
    assert run(tmp_path, car | {"vin": wrong, "dealership_code": place.code, "market": "DE"})[0].created == 1


def test_a_car_cannot_stand_in_another_market_than_its_dealership(tmp_path: Path, car: dict[str, str]) -> None:
    make_market("DE")
    assert run(tmp_path, car | {"market": "DE"})[1][0].column == "market"


@pytest.mark.parametrize("availability", [Availability.HELD, Availability.SOLD])
def test_a_claimed_car_is_not_moved_or_changed(tmp_path: Path, availability: str) -> None:
    unit, elsewhere = make_unit(), make_dealership(code="ELSEWHERE")
    other = make_colour(unit.trim.vehicle_model, code="black")
    StockUnit.objects.filter(pk=unit.pk).update(availability=availability)
    for change in ({"dealership_code": elsewhere.code}, {"colour_code": other.code}, {"dealership_code": ""}):
        summary, errors = run(tmp_path, row_of(unit) | change)
        assert summary.failed == 1
        assert [error.column for error in errors] == list(change)
    unit.refresh_from_db()
    assert (unit.availability, unit.colour.code) == (availability, "white")


def test_a_held_car_may_arrive_in_store_and_stays_held(tmp_path: Path) -> None:
    unit = make_unit(stage="in_transit")
    StockUnit.objects.filter(pk=unit.pk).update(availability=Availability.HELD)
    assert run(tmp_path, row_of(unit) | {"stage": "in_store"})[0].updated == 1
    unit.refresh_from_db()
    assert (unit.stage, unit.availability) == ("in_store", Availability.HELD)


def test_a_limited_import_writes_only_its_own_dealerships(
    tmp_path: Path, car: dict[str, str], place: Dealership
) -> None:
    mine = Dealership.objects.filter(pk=place.pk)
    theirs = make_unit()
    assert run(tmp_path, car, dealerships=mine)[0].created == 1
    assert run(tmp_path, row_of(theirs), dealerships=mine)[1][0].column == "dealership_code"
    assert run(tmp_path, row_of(theirs) | {"dealership_code": place.code}, dealerships=mine)[1][0].column == "vin"
    theirs.refresh_from_db()
    assert theirs.dealership != place
