"""An export imports back unchanged, and makes an empty catalogue the same."""

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.imports.export import vehicle_rows
from catalog.imports.options import OptionImporter
from catalog.models import Brand, Colour, ColourPrice, Offer, Option, OptionPrice, Trim, VehicleModel
from o2o_platform.imports.engine import import_file
from tests.factories import make_brand, make_colour, make_market, make_model, make_offer, make_trim
from tests.imports.tables import counts, import_cars

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue() -> None:
    """A few cars with everything a row can hold, and names that try the format."""
    make_market("CN")
    germany = make_market("DE")
    model = make_model(
        make_brand("own-slug", name="=Brand", name_zh="哈弗"), name="+Model; | \\", slug="m-1", name_zh="哈弗H2"
    )
    paint = make_colour(model, code="red_1", name="Red; | \\ “x”", name_zh="", hex="#aa0000")
    ColourPrice.objects.create(colour=paint, market_id="CN", amount="2000.50")
    make_colour(model, code="white")
    roof, tow = Option.objects.create(code="roof", name="@Roof"), Option.objects.create(code="tow", name="Tow|bar")
    roof.excludes.add(tow)
    tow.requires.add(Option.objects.create(code="wiring", name="Wiring"))
    OptionPrice.objects.create(option=roof, market=germany, amount=890)
    first = make_trim(model, name="-Élite  \n'=x", fuel_l_per_100km=Decimal("7.30"), fuel_cycle="NEDC", source_note="'")
    first.options.add(roof, tow)
    make_offer(first, validity=(dt.date(2014, 1, 1), dt.date(2015, 1, 1)), deposit_kind="earnest")
    make_offer(
        first, validity=(dt.date(2015, 1, 1), None), list_price="95800.55", sales_model="agency", cooling_hours=0
    )
    make_offer(first, market=germany, validity=(None, None), list_price=19990)
    make_trim(model, name="Draft", is_published=False, publish_at=dt.datetime(2030, 1, 1, 8, 30, tzinfo=dt.UTC))
    make_trim(make_model(make_brand("ora", name="ORA", name_zh="欧拉"), name="GoodCat", body_type="hatchback"))


def snapshot() -> list[list]:
    return list(vehicle_rows())


@pytest.mark.parametrize("name", ["cars.csv", "cars.xlsx"])
def test_an_export_imported_again_changes_nothing(tmp_path: Path, name: str) -> None:
    call_command("export_vehicles", str(tmp_path / name))
    summary, notes = import_cars(tmp_path / name)
    assert [error.message for error in notes.errors] == []
    assert notes.changes == []
    assert counts(summary) == (0, 0, 3, 0)


@pytest.mark.parametrize("name", ["cars.csv", "cars.xlsx"])
def test_an_export_into_an_empty_catalogue_makes_the_same(tmp_path: Path, name: str) -> None:
    before = snapshot()
    call_command("export_vehicles", str(tmp_path / name))
    for model in (Offer, Trim, Colour, VehicleModel, Brand):
        model.objects.all().delete()
    summary, notes = import_cars(tmp_path / name)
    assert [error.message for error in notes.errors] == []
    assert counts(summary) == (3, 0, 0, 0)
    place = len(before[0])
    tidy = [[" ".join(cell.split()) if isinstance(cell, str) else cell for cell in row] for row in before]
    assert [row[:place] for row in snapshot()] == tidy


def test_no_cell_of_an_export_runs_in_a_spreadsheet(tmp_path: Path) -> None:
    call_command("export_vehicles", str(tmp_path / "cars.csv"))
    with (tmp_path / "cars.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'=Brand" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "-É"))]


def test_options_with_prices_and_rules_go_round(tmp_path: Path) -> None:
    path = tmp_path / "options.csv"
    call_command("export_options", str(path))
    assert import_file(path, OptionImporter()).unchanged == 3
    Option.objects.all().delete()
    assert import_file(path, OptionImporter()).created == 3
    roof, tow = Option.objects.get(code="roof"), Option.objects.get(code="tow")
    assert (list(roof.excludes.all()), [o.code for o in tow.requires.all()]) == ([tow], ["wiring"])
    assert roof.prices.get().amount == 890
    assert roof.history.count() >= 1
    call_command("export_options", str(tmp_path / "again.csv"))
    assert (tmp_path / "again.csv").read_text() == path.read_text()


def test_one_market_alone(tmp_path: Path) -> None:
    rows = list(vehicle_rows("DE"))
    assert [row[-1] for row in rows] == ["DE .. 19990.00 dealer refundable 2000.00 72h"]


def test_more_cars_cost_no_more_queries_each() -> None:
    with CaptureQueriesContext(connection) as few:
        snapshot()
    for number in range(20):
        make_trim(make_model(name="H2"), code=f"more-{number}")
    with CaptureQueriesContext(connection) as many:
        snapshot()
    assert len(many) == len(few)
