"""CO₂ emissions and their class (Pkw-EnVKV): the ordinance's table, and wherever a car is offered in Germany."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from catalog.co2 import class_range, co2_class, describe_co2
from catalog.listing import forget_cars
from catalog.models import Trim
from tests.factories import make_city, make_market, make_model, make_offer, make_trim
from tests.imports.tables import counts, import_cars
from tests.imports.test_vehicle_table import bring

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
PETROL = {"fuel_l_per_100km": Decimal("6.10"), "fuel_cycle": "WLTP", "co2_g_per_km": 139}
PLUG_IN = {"energy_type": "phev", "co2_g_per_km": 30, "co2_depleted_g_per_km": 160}


@pytest.fixture
def hamburg():
    market = make_market("DE")
    type(market).objects.filter(pk="DE").update(is_open=True)
    return make_city("hamburg", name="Hamburg", name_local="Hamburg", market=market)


def offered(code: str = "elite", **fields) -> Trim:
    """Sold in both markets."""
    trim = make_trim(make_model(name=f"M {code}", slug=f"m-{code}"), code=code, **fields)
    for market in ("CN", "DE"):
        make_offer(trim, market=make_market(market))
    return trim


def read(client, path: str, city: str = "hamburg") -> str:
    forget_cars()
    client.cookies["city"] = city
    return client.get(path, headers=ENGLISH).content.decode()


@pytest.mark.parametrize(
    ("grams", "name"),
    [
        *((0, "A"), (1, "B"), (95, "B"), (96, "C"), (115, "C"), (116, "D"), (135, "D"), (136, "E"), (155, "E")),
        *((156, "F"), (175, "F"), (176, "G"), (400, "G"), (None, "")),
    ],
)
def test_the_class_is_that_of_the_ordinances_table(grams, name):
    assert co2_class(grams) == name


def test_several_cars_have_a_range_of_classes():
    assert (class_range(0, 139), class_range(130, 120), class_range(None, None)) == ("A–E", "D", "")


def test_the_words_name_consumption_emissions_and_class():
    with translation.override("en"):
        assert describe_co2(Trim(energy_type="petrol", **PETROL)) == (
            "Consumption (combined): 6.1 L/100 km WLTP · CO₂ emissions (combined): 139 g/km · CO₂ class: E"
        )
        assert describe_co2(Trim(**PLUG_IN)) == (
            "CO₂ emissions (weighted, combined): 30 g/km · CO₂ classes: B weighted, combined; F with the battery empty"
        )
        assert describe_co2(Trim(energy_type="bev")) == "CO₂ emissions (combined): 0 g/km · CO₂ class: A"
        assert describe_co2(Trim(energy_type="petrol")) == ""


def test_a_second_figure_is_for_plug_ins_alone():
    Trim(**PLUG_IN).clean()
    for fields in ({"energy_type": "petrol", "co2_g_per_km": 120}, {"energy_type": "phev"}):
        with pytest.raises(ValidationError, match="co2_depleted"):
            Trim(co2_depleted_g_per_km=160, **fields).clean()


def test_the_page_of_a_car_offered_in_germany_says_the_class_beside_its_name(client, hamburg):
    trim, plug_in = offered(**PETROL), offered("plug", **PLUG_IN)
    assert "CO₂ class: E" in read(client, f"/cars/m-elite/{trim.code}/")
    assert "F with the battery empty" in read(client, f"/cars/m-plug/{plug_in.code}/")
    assert "CO₂ class: E" not in read(client, f"/cars/m-elite/{trim.code}/", city="baoding")


def test_cars_side_by_side_have_both_classes(client, hamburg):
    page = read(client, f"/compare/?trim={offered(**PETROL).code}&trim={offered('plug', **PLUG_IN).code}")
    for words in ("CO₂ emissions", "139 g/km WLTP", "CO₂ class (Germany)", "CO₂ class, battery empty (Germany)"):
        assert words in page


def test_machines_read_the_emissions(client, hamburg):
    found = []
    for trim in (offered(**PETROL), offered("bev", energy_type="bev"), offered("none")):
        page = read(client, f"/cars/m-{trim.code}/{trim.code}/")
        data = json.loads(re.search(r"ld\+json[^>]*>(.*?)</script>", page, flags=re.S)[1])
        car = next(thing for thing in data["@graph"] if thing["@type"] == "Car")
        found.append(car.get("emissionsCO2"))
    assert found == [139, 0, None]


def test_a_table_brings_the_figures_and_an_export_imports_back_unchanged(tmp_path):
    make_market("CN")
    bring(tmp_path, {"energy_type": "phev", "co2_g_per_km": "30", "co2_depleted_g_per_km": "160"})
    trim = Trim.objects.get()
    assert (trim.co2_class, trim.co2_class_depleted) == ("B", "F")
    call_command("export_vehicles", str(tmp_path / "out.csv"))
    summary, notes = import_cars(tmp_path / "out.csv")
    assert (notes.changes, counts(summary)) == ([], (0, 0, 1, 0))


@pytest.mark.parametrize(
    "row",
    [
        {"co2_g_per_km": "-1"},
        {"co2_g_per_km": "many"},
        {"co2_g_per_km": "120", "co2_depleted_g_per_km": "160"},
        {"energy_type": "phev", "co2_depleted_g_per_km": "160"},
    ],
)
def test_a_table_with_nonsense_is_refused(tmp_path, row):
    make_market("CN")
    _summary, notes = bring(tmp_path, {"energy_type": "petrol"} | row)
    assert len(notes.errors) == 1
    assert not Trim.objects.exists()


@pytest.mark.parametrize(("view", "words"), [("models", "CO₂ class B–F"), ("trims", "CO₂ class B / F")])
def test_cards_in_germany_say_the_class_and_elsewhere_none(client, hamburg, view, words):
    plug_in = offered("plug", **PLUG_IN)
    make_trim(plug_in.vehicle_model, name="Not sold", co2_g_per_km=400)
    offered("unknown")
    page = read(client, f"/cars/?view={view}")
    assert (page.count("CO₂ class"), words in page) == (1, True)
    assert "CO₂" not in read(client, f"/cars/?view={view}", city="baoding")


@pytest.mark.parametrize("view", ["models", "trims"])
def test_the_class_costs_a_list_no_query(client, hamburg, view):
    offered(**PETROL)
    counts = []
    for city in ("baoding", "hamburg"):
        read(client, f"/cars/?view={view}", city=city)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/cars/?view={view}", headers=ENGLISH)
        counts.append(len(queries))
    assert counts[0] == counts[1]
