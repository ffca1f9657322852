"""Importing dealerships."""

import csv
from pathlib import Path

import pytest

from dealers.imports import DealerImporter
from dealers.models import Dealership
from o2o_platform.imports.engine import Summary, import_file
from o2o_platform.imports.errors import RowError
from o2o_platform.markets.models import City
from tests.factories import make_brand, make_city

pytestmark = pytest.mark.django_db

PLACE = {
    "dealer_code": "CN-XI'-021",
    "name": "Demo Xi'an",
    "makes": "Haval|ORA",
    "city": "Xi'an",
    "city_local": "西安",
    "country": "CN",
    "latitude": "34.2142",
    "longitude": "108.9487",
    "timezone": "Asia/Shanghai",
    "phone": "+49 40 66969 131",
    "email": "dealer@example.com",
    "opening_hours": "Mo-Fr 08:30-18:30; Sa 09:00-15:00; Su off",
    "test_drive_slot_minutes": "60",
}


@pytest.fixture(autouse=True)
def brands() -> None:
    make_city()
    make_brand("haval", name="Haval")
    make_brand("ora", name="ORA")


def run(tmp_path: Path, **changes: str) -> tuple[Summary, list[RowError]]:
    path = tmp_path / "dealers.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, PLACE)
        writer.writeheader()
        writer.writerow(PLACE | changes)
    errors: list[RowError] = []
    return import_file(path, DealerImporter(), report=errors.extend), errors


def test_creates_updates_and_leaves_alone(tmp_path: Path) -> None:
    assert run(tmp_path)[0].created == 1
    assert run(tmp_path)[0].unchanged == 1
    assert run(tmp_path, makes="Haval")[0].updated == 1
    place = Dealership.objects.get()
    assert (place.code, str(place.phone), place.slot_minutes) == ("CN-XI-021", "+494066969131", 60)
    assert [brand.name for brand in place.brands.all()] == ["Haval"]


def test_a_city_is_found_by_name_or_made(tmp_path: Path) -> None:
    run(tmp_path, city="BAODING")
    assert Dealership.objects.get().city.slug == "baoding"
    run(tmp_path)
    assert City.objects.get(slug="xian").name_local == "西安"


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("makes", "Haval|Nobody"),
        ("country", "XX"),
        ("latitude", "91"),
        ("timezone", "Asia/Nowhere"),
        ("phone", "12"),
        ("email", "not an address"),
        ("opening_hours", "sometimes"),
        ("test_drive_slot_minutes", "5"),
    ],
)
def test_refuses_rows_that_mean_nothing(tmp_path: Path, column: str, cell: str) -> None:
    summary, errors = run(tmp_path, **{column: cell})
    assert summary.failed == 1
    assert [error.column for error in errors] == [column]
    assert not Dealership.objects.exists()
