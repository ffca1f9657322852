"""Foreign tables: a list of electric cars with the faults such lists have."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from catalog.models import Offer, Trim, VehicleModel
from o2o_platform.imports.errors import UnreadableTable
from o2o_platform.imports.mapping import parse_mapping, read_mapping
from o2o_platform.imports.tables import open_table
from tests.factories import make_market
from tests.imports.tables import counts, import_cars, write_table

OPEN_EV = Path(settings.BASE_DIR) / "catalog" / "data" / "mappings" / "open-ev-data.toml"
EV = {
    "make": "Zeta",
    "model": "One",
    "model_year": "2025",
    "trim": "Base",
    "variant": "",
    "body_style": "crossover",
    "seats": "5",
    "doors": "5",
    "drivetrain": "rwd",
    "power_kw": "150.4",
    "torque_nm": "",
    "battery_gross_kwh": "82.0",
    "battery_net_kwh": "77.0",
    "range_wltp_km": "520",
    "range_cltc_km": "",
    "range_epa_km": "",
    "range_nedc_km": "",
    "accel_0_100_s": "6.2",
    "top_speed_kmh": "180",
    "length_mm": "4588",
    "width_mm": "1852",
    "height_mm": "1616",
    "wheelbase_mm": "2765",
    "curb_weight_kg": "2100",
    "markets": "US|CN",
    "msrp": "US:40000 USD|CN:119800 CNY",
    "source_path": "src/zeta/one.json",
}
FAULTY = [
    EV,
    EV | {"trim": "Long Range", "variant": "Long Range", "range_wltp_km": "", "range_cltc_km": "700"},
    EV | {"model_year": "", "trim": "Old"},
    EV | {"model_year": "", "trim": "Old"},
    EV | {"model_year": "", "trim": "Old"},
    EV | {"trim": "Minus", "range_wltp_km": "-1"},
    EV | {"trim": "", "variant": ""},
    EV | {"model": "Two", "body_style": "spaceship"},
    EV | {"model": "Two", "variant": "Café", "body_style": "fastback"},
]


def read(tmp_path: Path, mapping: str, *rows: dict[str, str]) -> list[dict[str, str]]:
    table = open_table(write_table(tmp_path / "foreign.csv", rows))
    return [row.cells for row in parse_mapping(mapping).apply(table).rows]


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    return write_table(tmp_path / "ev.csv", FAULTY)


@pytest.mark.django_db
def test_each_fault_of_the_list_is_reported_by_row_and_a_second_run_changes_nothing(foreign: Path) -> None:
    make_market("CN")
    summary, notes = import_cars(foreign, mapping=read_mapping(OPEN_EV))
    assert counts(summary) == (3, 0, 0, 6)
    said = [(error.line, error.column) for error in notes.errors]
    assert said == [
        (4, "model_year"),
        (5, ""),
        (5, "model_year"),
        (6, ""),
        (6, "model_year"),
        (7, "electric_range_km"),
        (8, ""),
        (9, "body_type"),
    ]
    assert "4" in notes.errors[1].message
    assert counts(import_cars(foreign, mapping=read_mapping(OPEN_EV))[0]) == (0, 0, 3, 6)


@pytest.mark.django_db
def test_figures_keep_their_cycle_and_cars_wait_for_a_price(foreign: Path) -> None:
    make_market("CN")
    import_cars(foreign, mapping=read_mapping(OPEN_EV))
    first, long_range = Trim.objects.get(name="Base"), Trim.objects.get(name="Long Range")
    assert (first.electric_range_km, first.range_cycle, first.power_kw) == (520, "WLTP", 150)
    assert (long_range.electric_range_km, long_range.range_cycle) == (700, "CLTC")
    assert VehicleModel.objects.get(name="Two").body_type == "hatchback"
    assert not Trim.objects.filter(is_published=True).exists()
    assert not Offer.objects.exists()


@pytest.mark.django_db
def test_refused_rows_are_mended_and_imported_with_the_same_mapping(foreign: Path, tmp_path: Path) -> None:
    make_market("CN")
    report = tmp_path / "refused.csv"
    options = {"mapping": OPEN_EV, "report": report, "quiet": True, "language": "en"}
    with pytest.raises(SystemExit):
        call_command("import_vehicles", foreign, **options)
    text = report.read_text(encoding="utf-8-sig")
    assert text.startswith("refused_line,refused_because,make,")
    report.write_text(text.replace(",-1,", ",500,").replace("spaceship", "fastback"), encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command("import_vehicles", report, **options | {"report": tmp_path / "again.csv"})
    assert Trim.objects.get(name="Minus").electric_range_km == 500
    assert Trim.objects.filter(vehicle_model__name="Two").count() == 2


def test_columns_are_renamed_joined_scaled_picked_and_filled(tmp_path: Path) -> None:
    mapping = """
        key = ["ID"]
        [constants]
        energy_type = "bev"
        [columns]
        name = "Model Name"
        trim = { join = ["a", "b"], default = "Base" }
        power_kw = { from = "hp", times = "0.7457", places = 0 }
        body = { from = "body", values = { Liftback = "hatchback" }, default = "sedan" }
        price = { from = "msrp", between = ["CN:", " CNY"] }
        market = { from = "markets", keep = ["cn", "de"] }
        [columns.range_km]
        first = ["wltp", "cltc"]
        sets = { cycle = ["WLTP", "CLTC"] }
        [[skip]]
        column = "status"
        values = ["Gone"]
    """
    row = {"id": "1", "model name": "X", "a": "Pro", "b": "Pro", "hp": "200,5", "body": "LIFTBACK"}
    row |= {"msrp": "US:1 USD|CN:99 CNY", "markets": "US|CN", "wltp": "", "cltc": "700", "status": "on"}
    [cells] = read(tmp_path, mapping, row)
    assert cells == {
        "energy_type": "bev",
        "name": "X",
        "trim": "Pro",
        "power_kw": "150",
        "body": "hatchback",
        "price": "99",
        "market": "CN",
        "range_km": "700",
        "cycle": "CLTC",
    }
    bare = dict.fromkeys(row, "") | {"hp": "many", "status": "gone"}
    [cells] = read(tmp_path, mapping, bare)
    assert (cells["trim"], cells["body"], cells["power_kw"], cells["cycle"]) == ("Base", "sedan", "many", "")
    assert next(parse_mapping(mapping).apply(open_table(tmp_path / "foreign.csv")).rows).is_skipped


def test_json_is_read_as_well(tmp_path: Path) -> None:
    path = tmp_path / "mapping.json"
    path.write_text(json.dumps({"columns": {"make": "brand"}}))
    assert read_mapping(path).rules["make"].sources == ("brand",)


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        "[columns]\nmake = 5",
        "[columns]\nmake = { form = 'x' }",
        "[columns]\nrange = { first = ['a', 'b'], sets = { cycle = ['WLTP'] } }",
        "[columns]\npower = { from = 'a', times = 'x' }",
        "[constant]\na = 1",
        "[[skip]]\nvalues = ['x']",
        "key = 5",
    ],
)
def test_a_mapping_that_cannot_be_used_says_so(text: str) -> None:
    with pytest.raises(UnreadableTable):
        parse_mapping(text)


def test_a_table_without_the_columns_of_the_mapping_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableTable, match="nothing"):
        read(tmp_path, "[columns]\nmake = 'nothing'", {"make": "x"})


@pytest.mark.django_db
def test_the_command_refuses_a_mapping_that_is_not_there(foreign: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as failure:
        call_command("import_vehicles", foreign, mapping=tmp_path / "none.toml")
    assert failure.value.returncode == 2
