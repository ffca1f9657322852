"""Which options hold together, and why one may not be chosen."""

from decimal import Decimal

import pytest
from django.utils import translation

from catalog.configuration import Configuration, configure
from catalog.models import Option


@pytest.fixture
def options(db: None) -> dict[str, Option]:
    codes = ("roof", "rack", "sensors", "parking", "valet")
    made = {code: Option.objects.create(code=code, name=code.title()) for code in codes}
    made["roof"].excludes.add(made["rack"])
    made["parking"].requires.add(made["sensors"])
    made["valet"].requires.add(made["parking"])
    return made


def chosen(options: dict[str, Option], *wanted: str) -> Configuration:
    prices = {option.pk: Decimal(100) for option in options.values()}
    with translation.override("en"):
        return configure(options.values(), set(wanted), prices)


def codes(configuration: Configuration) -> list[str]:
    return [option.code for option in configuration.chosen]


def reasons(configuration: Configuration) -> dict[str, str]:
    return {choice.option.code: choice.reason for choice in configuration.choices if choice.is_barred}


def test_free_options_are_kept_in_the_catalogues_order(options: dict[str, Option]) -> None:
    assert codes(chosen(options, "sensors", "roof", "unknown")) == ["roof", "sensors"]


def test_of_two_that_exclude_each_other_the_first_holds_and_the_other_says_why(options: dict[str, Option]) -> None:
    configuration = chosen(options, "roof", "rack")
    assert codes(configuration) == ["roof"]
    assert reasons(configuration)["rack"] == "Not together with Roof"
    assert "roof" in reasons(chosen(options, "rack"))


def test_what_misses_its_requirement_falls_with_all_that_needs_it(options: dict[str, Option]) -> None:
    configuration = chosen(options, "parking", "valet")
    assert codes(configuration) == []
    assert reasons(configuration) == {"parking": "Choose Sensors first", "valet": "Choose Parking first"}
    assert codes(chosen(options, "sensors", "parking", "valet")) == ["sensors", "parking", "valet"]


def test_an_option_without_a_price_here_is_not_offered(options: dict[str, Option]) -> None:
    prices = {options["parking"].pk: Decimal(0)}
    with translation.override("en"):
        configuration = configure(options.values(), {"sensors", "parking"}, prices)
    assert [choice.option.code for choice in configuration.choices] == ["parking"]
    assert reasons(configuration) == {"parking": "Not available: needs Sensors"}
