"""Which options hold together, why one may not be chosen, and the one tap that leads to it."""

from decimal import Decimal

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from catalog.configuration import Configuration, OptionChoice, configure, read_options
from catalog.models import Option, OptionPrice, Trim
from tests import factories as make


@pytest.fixture
def options(db: None) -> dict[str, Option]:
    """Five options of 100 each; a winter package of seats and wheel for 150; the wheel's light comes only with it."""
    codes = ("roof", "rack", "sensors", "parking", "valet", "seats", "wheel", "light", "winter")
    made = {code: Option.objects.create(code=code, name=code.title()) for code in codes}
    made["roof"].excludes.add(made["rack"])
    made["parking"].requires.add(made["sensors"])
    made["valet"].requires.add(made["parking"])
    made["winter"].includes.set([made["seats"], made["wheel"], made["light"]])
    prices = {code: 100 for code in codes if code != "light"} | {"winter": 150}
    for code, amount in prices.items():
        OptionPrice.objects.create(option=made[code], market=make.make_market(), amount=amount)
    return made


@pytest.fixture
def trim(options: dict[str, Option]) -> Trim:
    trim = make.make_trim()
    trim.options.set([option for code, option in options.items() if code != "light"])
    return trim


@pytest.fixture
def chosen(trim: Trim):
    def choose(*wanted: str) -> Configuration:
        with translation.override("en"):
            return configure(read_options(trim, "CN"), set(wanted))

    return choose


def codes(configuration: Configuration) -> list[str]:
    return [option.code for option in configuration.chosen]


def of(configuration: Configuration, code: str) -> OptionChoice:
    return next(choice for choice in configuration.choices if choice.option.code == code)


def way_to(configuration: Configuration, code: str) -> tuple[str, list[str]]:
    repair = of(configuration, code).repair
    assert repair
    return repair.text, [option.code for option in repair.options]


def test_free_options_are_kept_in_the_catalogues_order(chosen) -> None:
    assert codes(chosen("sensors", "roof", "unknown")) == ["roof", "sensors"]


def test_of_two_that_exclude_each_other_the_first_holds_and_the_other_can_take_its_place(chosen) -> None:
    configuration = chosen("roof", "rack")
    assert codes(configuration) == ["roof"]
    assert of(configuration, "rack").reason == "Not together with Roof"
    assert way_to(configuration, "rack") == ("Choose this instead of Roof", ["rack"])
    assert [(dropped.label, dropped.reason) for dropped in configuration.dropped] == [
        ("Rack", "Not together with Roof")
    ]


def test_what_misses_its_requirement_is_one_tap_away_with_all_it_needs(chosen) -> None:
    configuration = chosen("parking", "valet")
    assert codes(configuration) == []
    assert of(configuration, "parking").reason == "Choose Sensors first"
    assert of(configuration, "valet").reason == "Choose Parking first"
    assert way_to(configuration, "valet") == (
        "Add Sensors, Parking and choose this",
        ["sensors", "parking", "valet"],
    )
    assert codes(chosen("sensors", "parking", "valet")) == ["sensors", "parking", "valet"]


def test_a_repair_may_add_and_take_away_at_once(chosen, options: dict[str, Option]) -> None:
    options["rack"].requires.add(options["sensors"])
    assert way_to(chosen("roof"), "rack") == (
        "Add Sensors and choose this instead of Roof",
        ["rack", "sensors"],
    )


def test_a_bundle_brings_its_parts_at_its_own_price(chosen) -> None:
    configuration = chosen("winter", "seats")
    assert codes(configuration) == ["winter"]
    assert of(configuration, "seats").is_chosen
    assert of(configuration, "seats").bundle.code == "winter"
    assert [part.code for part, _bundle in configuration.included] == ["seats", "wheel", "light"]
    assert [part.code for part in of(configuration, "winter").parts] == ["seats", "wheel", "light"]
    assert not of(configuration, "seats").is_barred


def test_parts_chosen_singly_lead_to_the_cheaper_bundle(chosen, options: dict[str, Option]) -> None:
    options["winter"].includes.remove(options["light"])
    (offer,) = chosen("seats", "wheel", "roof").offers
    assert (offer.bundle.code, offer.saving) == ("winter", Decimal(50))
    assert [option.code for option in offer.options] == ["roof", "winter"]
    assert chosen("seats").offers == ()
    OptionPrice.objects.filter(option=options["winter"]).update(amount=200)
    assert chosen("seats", "wheel").offers == ()


def test_a_part_in_conflict_bars_its_bundle(chosen, options: dict[str, Option]) -> None:
    options["wheel"].excludes.add(options["roof"])
    assert of(chosen("roof"), "winter").reason == "Not together with Roof"
    assert of(chosen("winter"), "roof").reason == "Not together with Winter"
    assert way_to(chosen("winter"), "roof") == ("Choose this instead of Winter", ["roof"])


def test_an_option_without_a_price_here_is_not_offered(chosen, options: dict[str, Option]) -> None:
    OptionPrice.objects.exclude(option=options["parking"]).delete()
    configuration = chosen("sensors", "parking")
    assert [choice.option.code for choice in configuration.choices] == ["parking"]
    assert of(configuration, "parking").reason == "Not available: needs Sensors"
    assert of(configuration, "parking").repair is None
    assert [dropped.label for dropped in configuration.dropped] == ["Sensors", "Parking"]


def test_options_and_rules_are_read_in_two_queries(
    trim: Trim, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        assert len(read_options(trim, "CN")) == 9


def test_two_hundred_wanted_options_are_no_trouble(chosen) -> None:
    assert codes(chosen(*(f"option-{number}" for number in range(200)), "roof")) == ["roof"]
