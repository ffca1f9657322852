"""Vehicle identification numbers: the published example, the check digit, what is refused."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from catalog.vin import build_vin, check_digit, check_vin

EXAMPLE = "1M8GDM9AXKP042788"


def test_the_published_example_checks():
    assert check_digit(EXAMPLE) == "X"
    assert check_vin(EXAMPLE.lower(), require_check_digit=True) == EXAMPLE


@pytest.mark.parametrize(
    "vin", ["", "SHORT", EXAMPLE + "1", "1M8GDM9AXKPO42788", "1M8GDM9AXKPI42788", "1M8GDM9AXKP04278８"]
)
def test_malformed_numbers_are_refused_everywhere(vin):
    with pytest.raises(ValidationError):
        check_vin(vin, require_check_digit=False)


def test_a_wrong_check_digit_is_refused_only_where_it_is_required():
    wrong = EXAMPLE.replace("X", "1")
    assert check_vin(wrong, require_check_digit=False) == wrong
    with pytest.raises(ValidationError):
        check_vin(wrong, require_check_digit=True)


@pytest.mark.parametrize(("year", "code"), [(2014, "E"), (2025, "S"), (2026, "T")])
def test_position_ten_names_the_model_year(year, code):
    assert build_vin(maker="LGW", descriptor="EF4A5", model_year=year, plant="E", serial=1)[9] == code


@given(serial=st.integers(0, 999_999), year=st.integers(1990, 2100))
def test_built_numbers_check_and_one_wrong_digit_is_noticed(serial, year):
    vin = build_vin(maker="LGW", descriptor="EF4A5", model_year=year, plant="E", serial=serial)
    assert check_vin(vin, require_check_digit=True) == vin
    last = str((int(vin[-1]) + 1) % 10)
    assert check_digit(vin[:-1] + last) != vin[8]
