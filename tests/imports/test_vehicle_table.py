"""What a row of cars may hold, and what becomes of it."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from catalog.models import Brand, Colour, ColourPrice, Offer, Option, SearchTerm, Trim, VehicleModel
from tests.factories import make_brand, make_market, make_model, make_trim
from tests.imports.tables import CAR, counts, import_cars, write_table

pytestmark = pytest.mark.django_db

RED = r"red; Red; 红色; #AA0000; CN 2000.00; DE 250"


@pytest.fixture(autouse=True)
def markets() -> None:
    make_market("CN")
    make_market("DE")


def bring(tmp_path: Path, *cars: dict[str, str], **options):
    return import_cars(write_table(tmp_path / "cars.csv", [CAR | car for car in cars]), **options)


def test_colours_with_prices_come_with_their_model(tmp_path: Path) -> None:
    cars = ({"colours": f"{RED} | white; White; 白; #ffffff"}, {"trim": "Elite", "colours": "red|white"})
    assert counts(bring(tmp_path, *cars)[0]) == (2, 0, 0, 0)
    assert list(Colour.objects.values_list("code", "hex")) == [("red", "#aa0000"), ("white", "#ffffff")]
    assert dict(ColourPrice.objects.values_list("market", "amount")) == {"CN": Decimal(2000), "DE": Decimal(250)}
    assert counts(bring(tmp_path, *cars)[0]) == (0, 0, 2, 0)
    summary, notes = bring(tmp_path, {"colours": RED.replace("2000", "3000")}, {"trim": "Elite"})
    assert counts(summary) == (0, 1, 1, 0)
    assert notes.changes[0][2] == {"colour red CN": (Decimal(2000), Decimal(3000))}


def test_a_colour_known_by_code_alone_in_a_dry_run_too(tmp_path: Path) -> None:
    cars = [{"trim": f"T{n}", "colours": RED if n == 0 else "red"} for n in range(600)]
    assert counts(bring(tmp_path, *cars, dry_run=True)[0]) == (600, 0, 0, 0)
    assert not Colour.objects.exists()


@pytest.mark.parametrize(
    "cell", ["blue", "red; Red", "red; Red; 红; red", "re d; Red; 红; #aa0000", "a|a", "a; A; ; #aa0000; XX 1"]
)
def test_a_colour_that_means_nothing_refuses_its_row_and_leaves_nothing(tmp_path: Path, cell: str) -> None:
    summary, notes = bring(tmp_path, {"colours": cell})
    assert counts(summary) == (0, 0, 0, 1)
    assert notes.errors[0].column == "colours"
    assert not Brand.objects.exists()


def test_options_become_those_of_the_row_and_the_history_holds_them(tmp_path: Path) -> None:
    roof, tow = Option.objects.create(code="roof", name="Roof"), Option.objects.create(code="tow", name="Tow bar")
    bring(tmp_path, {"options": "roof|tow"})
    trim = Trim.objects.get()
    assert set(trim.options.all()) == {roof, tow}
    assert {link.option_id for link in trim.history.get().options.all()} == {roof.pk, tow.pk}
    summary, notes = bring(tmp_path, {"options": "tow"})
    assert counts(summary) == (0, 1, 0, 0)
    assert notes.changes[0][2] == {"options": ("roof|tow", "tow")}
    assert [link.option_id for link in trim.history.first().options.all()] == [tow.pk]
    assert bring(tmp_path, {"options": "sunroof"})[1].errors[0].column == "options"


def test_offers_with_periods_and_conditions(tmp_path: Path) -> None:
    cell = "CN 2014-01-01..2014-12-31 98800 dealer earnest 5000 72h | CN 2015-01-01.. 95800.00 | DE ..  19990"
    summary, _notes = bring(tmp_path, {"offers": cell.replace("  ", " "), "msrp_cny": ""})
    assert counts(summary) == (1, 0, 0, 0)
    found = Offer.objects.order_by("market", "validity").values_list("market", "list_price", "deposit_kind")
    assert list(found) == [
        ("CN", Decimal(98800), "earnest"),
        ("CN", Decimal(95800), "refundable"),
        ("DE", Decimal(19990), "refundable"),
    ]
    assert Offer.objects.filter(market="CN").order_by("validity")[0].validity.upper == dt.date(2015, 1, 1)
    assert counts(bring(tmp_path, {"offers": cell.replace("  ", " "), "msrp_cny": ""})[0]) == (0, 0, 1, 0)


def test_a_period_that_overlaps_an_unnamed_one_is_refused_in_words(tmp_path: Path) -> None:
    bring(tmp_path, {}, on=dt.date(2026, 1, 1))
    summary, notes = bring(tmp_path, {"offers": "CN 2026-06-01.. 90000", "msrp_cny": ""})
    assert counts(summary) == (0, 0, 0, 1)
    assert "catalog_" not in notes.errors[0].message
    assert Offer.objects.get().list_price == Decimal(98800)


@pytest.mark.parametrize(
    "cell", ["CN 98800", "XX 2026-01-01.. 1", "CN 2026-02-01..2026-01-01 5", "CN 2026.. 5", "CN .. -5"]
)
def test_an_offer_that_cannot_be_read_refuses_its_row(tmp_path: Path, cell: str) -> None:
    assert bring(tmp_path, {"offers": cell})[1].errors[0].column == "offers"


def test_a_new_car_without_a_price_waits_unpublished_and_later_runs_leave_that_to_staff(tmp_path: Path) -> None:
    bring(tmp_path, {"msrp_cny": ""}, {"trim": "Elite"})
    assert dict(Trim.objects.values_list("name", "is_published")) == {"Urban": False, "Elite": True}
    Trim.objects.update(is_published=True)
    assert counts(bring(tmp_path, {"msrp_cny": ""}, {"trim": "Elite"})[0]) == (0, 0, 2, 0)
    assert bring(tmp_path, {"published": "no"})[0].updated == 1


def test_one_market_at_a_time(tmp_path: Path) -> None:
    car = {"market": "", "msrp_eur_de": "19990"}
    bring(tmp_path, car, market="DE")
    assert [offer.market_id for offer in Offer.objects.all()] == ["DE"]
    bring(tmp_path, {"market": "", "msrp_cny": "", "list_price": "98.800,50"}, market="CN")
    assert Offer.objects.get(market="CN").list_price == Decimal("98800.50")
    assert bring(tmp_path, {"market": "CN|DE", "list_price": "5000"})[1].errors[0].column == "list_price"


def test_rows_that_disagree_about_their_model_name_the_first_line(tmp_path: Path) -> None:
    summary, notes = bring(tmp_path, {}, {"trim": "Elite", "body_type": "sedan"}, {"trim": "Top", "make_zh": "长城"})
    assert counts(summary) == (1, 0, 0, 2)
    assert [(error.line, error.column) for error in notes.errors] == [(3, "body_type"), (4, "make_zh")]
    assert "2" in notes.errors[0].message


def test_rows_find_what_staff_named_otherwise(tmp_path: Path) -> None:
    model = make_model(make_brand("gwm-haval", name="Haval"), name="H2", slug="h2-2014")
    trim = make_trim(model, name="Urban", model_year=2014, code="own-code", seats=4)
    summary, _notes = bring(tmp_path, {})
    assert counts(summary) == (0, 1, 0, 0)
    trim.refresh_from_db()
    assert (trim.seats, Brand.objects.count(), VehicleModel.objects.count()) == (5, 1, 1)


def test_the_same_car_by_code_and_by_name_is_a_repetition(tmp_path: Path) -> None:
    summary, notes = bring(tmp_path, {"code": "own"}, {"code": ""})
    assert counts(summary) == (1, 0, 0, 1)
    assert "2" in notes.errors[0].message


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("electric_range_km", "-5"),
        ("power_kw", "0"),
        ("seats", "25"),
        ("model_year", "1890"),
        ("model_year", ""),
        ("energy_type", "steam"),
        ("body_type", "boat"),
        ("msrp_cny", "free"),
        ("msrp_cny", "1e9"),
        ("publish_at", "soon"),
        ("trim", "=HYPERLINK(1)"),
        ("trim", "x" * 121),
    ],
)
def test_odd_values_are_refused_by_column_with_the_value(tmp_path: Path, column: str, cell: str) -> None:
    summary, notes = bring(tmp_path, {column: cell}, {"trim": "Good"})
    assert counts(summary) == (1, 0, 0, 1)
    assert [(error.line, error.column, error.value) for error in notes.errors] == [(2, column, cell[:80])]


def test_every_change_is_in_the_history_with_its_reason_and_nothing_else_is(tmp_path: Path) -> None:
    bring(tmp_path, {}, {"trim": "Elite"})
    bring(tmp_path, {"seats": "7", "msrp_cny": "99800"}, {"trim": "Elite"})
    urban, elite = Trim.objects.get(name="Urban"), Trim.objects.get(name="Elite")
    assert list(urban.history.values_list("history_type", "history_change_reason")) == [
        ("~", "import cars.csv"),
        ("+", "import cars.csv"),
    ]
    assert elite.history.count() == Brand.objects.get().history.count() == 1
    assert Offer.objects.get(trim=urban).history.count() == 2


def test_new_names_are_found_by_search_at_once(tmp_path: Path) -> None:
    bring(tmp_path, {})
    assert SearchTerm.objects.filter(kind="brand", term="haval").exists()
    assert Trim.objects.get().term_ids


def test_a_dry_run_tells_fields_old_and_new_and_writes_nothing(tmp_path: Path) -> None:
    bring(tmp_path, {}, {"trim": "Elite"})
    summary, notes = bring(
        tmp_path, {"seats": "7", "msrp_cny": "99800"}, {"trim": "Elite"}, {"trim": "New"}, {"seats": "x"}, dry_run=True
    )
    assert counts(summary) == (1, 1, 1, 1)
    assert dict(summary.changed_fields) == {"seats": 1, "list_price CN": 1}
    [(line, name, changes)] = notes.changes
    assert (line, name, changes["seats"]) == (2, "haval-h2-2014-urban", (5, 7))
    assert not Trim.objects.filter(seats=7).exists()
    assert Trim.history.count() == 2
