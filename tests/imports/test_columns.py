"""Checking and cleaning cells."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import BodyType
from o2o_platform.imports import columns
from o2o_platform.imports.columns import Clean, Column, clean_cells
from o2o_platform.imports.formulas import guard_formula, is_guarded, unguard_formula


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+=cmd", "- 1", "bell\x07"])
def test_text_refuses_formulas_and_control_characters(cell: str) -> None:
    with pytest.raises(ValidationError):
        columns.text(50)(cell)


def test_text_is_normalised_and_limited() -> None:
    assert columns.text(5)("  é \n x ") == "é x"
    with pytest.raises(ValidationError):
        columns.text(5)("123456")


@pytest.mark.parametrize(
    ("cell", "value"), [("98,800", "98800.00"), ("¥98800.5", "98800.50"), ("９８８００", "98800.00")]
)
def test_money_is_read_as_people_write_it(cell: str, value: str) -> None:
    assert columns.number("0", "999999", places=2)(cell) == Decimal(value)


@pytest.mark.parametrize("cell", ["", "abc", "NaN", "Infinity", "1e99", "-1", "1.005", "1__0"])
def test_money_refuses_what_is_no_exact_amount(cell: str) -> None:
    with pytest.raises(ValidationError):
        columns.number("0", "999999", places=2)(cell or "x")


def test_measured_figures_are_rounded_half_up() -> None:
    assert columns.number("0", "99", places=1, is_exact=False)("5.25") == Decimal("5.3")


@pytest.mark.parametrize(
    ("clean", "cell"),
    [
        (columns.whole_number(1, 9), "5.5"),
        (columns.whole_number(1, 9), "10"),
        (columns.choice(BodyType), "boat"),
        (columns.date, "2026-02-30"),
        (columns.date, "tomorrow"),
    ],
)
def test_refused_cells(clean: Clean, cell: str) -> None:
    with pytest.raises(ValidationError):
        clean(cell)


def test_accepted_cells() -> None:
    assert columns.whole_number(1, 9)("5.0") == 5
    assert columns.choice(BodyType, {"estate": "wagon"})("Estate") == "wagon"
    assert columns.date("2026/2/3") == dt.date(2026, 2, 3)
    assert columns.names("CN|DE||CN") == ("CN", "DE")


def test_all_faults_of_a_row_are_told_at_once() -> None:
    wanted = (
        Column("a", columns.whole_number(1, 2), required=True),
        Column("b", columns.date),
        Column("c", columns.date),
    )
    with pytest.raises(ValidationError) as failure:
        clean_cells(wanted, {"a": "", "b": "never", "c": ""})
    assert set(failure.value.message_dict) == {"a", "b"}


@given(st.text(max_size=40))
def test_any_text_is_cleaned_or_refused_and_a_formula_only_where_it_is_marked_as_text(cell: str) -> None:
    try:
        value = columns.text(30)(cell)
    except ValidationError:
        return
    assert "\0" not in value
    assert is_guarded(cell) or not value.startswith(("=", "@"))


@given(st.text(alphabet="'=+-@1a \t,.", max_size=8) | st.text(max_size=20))
def test_a_guarded_cell_never_starts_a_formula_and_reads_back_as_it_was(text: str) -> None:
    guarded = guard_formula(text)
    assert guarded[:1] not in ("=", "@", "\t", "\r")
    assert guarded[:1] not in ("+", "-") or columns.read_decimal(guarded) is not None
    assert unguard_formula(guarded) == text


def test_text_marked_with_an_apostrophe_may_look_like_a_formula() -> None:
    assert columns.text(30)("'=Plus") == "=Plus"
    assert columns.text(30)("'t Hart") == "'t Hart"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("7,3", "7.3"),
        ("98.800,50", "98800.5"),
        ("98 800", "98800"),
        ("98’800.5", "98800.5"),
        ("1.234.567", "1234567"),
        ("1,234,567.8", "1234567.8"),
        ("-5", "-5"),
        ("1e2", "100"),
        ("0,498", "0.498"),
    ],
)
def test_numbers_are_read_as_any_country_writes_them(cell: str, value: str) -> None:
    assert columns.read_decimal(cell) == Decimal(value)


@pytest.mark.parametrize("cell", ["1,23,4", "1.2.3", "--1", "1 km", "٣,٤.٥", "1,2.3,4"])
def test_what_is_no_number_is_refused(cell: str) -> None:
    with pytest.raises(ValidationError):
        columns.read_decimal(cell)


def test_a_price_that_can_be_read_two_ways_is_refused() -> None:
    with pytest.raises(ValidationError):
        columns.number("0", "999999", places=2)("98.800")


def test_yes_no_and_moments() -> None:
    assert [columns.yes_or_no(cell) for cell in ("Yes", "否", "TRUE", "0")] == [True, False, True, False]
    assert columns.moment("2026-11-22T08:00+08:00") == dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    for cell in ("2026-11-22T08:00", "soon"):
        with pytest.raises(ValidationError):
            columns.moment(cell)
