"""Which figure is marked as the better one, and which never is."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from catalog.comparison import Figure, figure_groups, find_best, price_rows
from catalog.models import Trim


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


def trim(**figures) -> Trim:
    return Trim(**{"code": "x", "name": "X", "model_year": 2026, "energy_type": "bev", "seats": 5} | figures)


def row_of(label, *trims):
    rows = {row.label: row for group in figure_groups(trims) for row in group.rows}
    return rows[label]


def best_of(label, *trims):
    return [cell.is_best for cell in row_of(label, *trims).cells]


def test_the_longer_range_wins_within_one_cycle():
    cars = [trim(electric_range_km=km, range_cycle="CLTC") for km in (510, 605, 430)]
    assert best_of("Electric range", *cars) == [False, True, False]
    assert row_of("Electric range", *cars).best_word == "Longest"


def test_ranges_of_different_cycles_are_not_compared_and_it_is_said():
    cars = [trim(electric_range_km=510, range_cycle="CLTC"), trim(electric_range_km=605, range_cycle="WLTP")]
    assert best_of("Electric range", *cars) == [False, False]
    assert row_of("Electric range", *cars).note == "Not comparable"


def test_a_plug_in_is_compared_with_plug_ins_alone():
    petrol = trim(energy_type="petrol", fuel_l_per_100km=Decimal("6.5"), fuel_cycle="WLTC")
    plug_in = trim(energy_type="phev", fuel_l_per_100km=Decimal("1.5"), fuel_cycle="WLTC")
    other = trim(energy_type="erev", fuel_l_per_100km=Decimal("0.9"), fuel_cycle="WLTC")
    assert best_of("Consumption", petrol, plug_in) == [False, False]
    assert best_of("Consumption", plug_in, other) == [False, True]


def test_the_lower_consumption_and_the_shorter_sprint_win():
    cars = [
        trim(fuel_l_per_100km=Decimal("6.5"), fuel_cycle="WLTC", accel_0_100_s=Decimal("7.9")),
        trim(fuel_l_per_100km=Decimal("7.1"), fuel_cycle="WLTC", accel_0_100_s=Decimal("5.9")),
    ]
    assert best_of("Consumption", *cars) == [True, False]
    assert best_of("0–100 km/h", *cars) == [False, True]


@pytest.mark.parametrize(
    ("label", "field", "values"),
    [
        ("Power", "power_kw", (110, 240)),
        ("Torque", "torque_nm", (210, 400)),
        ("Top speed", "top_speed_kmh", (180, 250)),
        ("Seats", "seats", (5, 7)),
        ("Battery", "battery_kwh", (Decimal(60), Decimal(85))),
        ("Length", "length_mm", (4300, 4900)),
    ],
)
def test_more_is_not_better(label, field, values):
    assert best_of(label, *(trim(**{field: value}) for value in values)) == [False, False]


def test_a_tie_marks_nobody():
    cars = [trim(electric_range_km=km, range_cycle="CLTC") for km in (605, 605, 430)]
    assert best_of("Electric range", *cars) == [False, False, False]


def test_a_missing_value_never_wins_and_a_lone_one_neither():
    known = trim(electric_range_km=430, range_cycle="CLTC")
    longer = trim(electric_range_km=500, range_cycle="CLTC")
    assert best_of("Electric range", trim(), known) == [False, False]
    assert best_of("Electric range", trim(), known, longer) == [False, False, True]
    assert row_of("Electric range", trim(), known).cells[0].text == "–"


def test_find_best_by_hand():
    assert find_best([None, Figure(2), Figure(1)], is_lower_better=True) == 2
    assert find_best([Figure(1), Figure(1)], is_lower_better=True) is None
    assert find_best([], is_lower_better=True) is None


def test_a_car_that_is_not_on_sale_has_no_price_and_wins_nothing():
    rows = price_rows([None, None], currency="CNY")
    assert [cell.text for row in rows for cell in row.cells] == ["–"] * 4
    assert not any(cell.is_best for row in rows for cell in row.cells)
