"""What the words of the search box are read as."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.listing import facets
from catalog.models import Brand, VehicleModel
from catalog.search import figures
from catalog.search.dictionary import TermGroup, edit_distance
from catalog.search.figures import take_figures
from catalog.search.reading import LONGEST_TEXT, MOST_GROUPS, Reading, read_words
from catalog.search.spelling import fold
from catalog.search.vocabulary import facet_words
from catalog.services.terms import refresh_terms
from o2o_platform.markets.models import Market
from tests import factories as make

from .conftest import Showroom

CHINA = Market(code="CN", currency="CNY")


def price(text: str, currency: str = "CNY") -> tuple[int | None, int | None]:
    """The price range read from a text, in whole units."""
    found, _ = take_figures(fold(text), currency=currency)
    low, high = found.price_from, found.price_to
    return (None if low is None else int(low), None if high is None else int(high))


def choice(text: str, facet: str) -> set[str]:
    found, _ = take_figures(fold(text), currency="CNY")
    return set(found.chosen.get(facet, ()))


def names(group: TermGroup) -> set[str]:
    brands = Brand.objects.filter(pk__in=group.brand_ids)
    models = VehicleModel.objects.filter(pk__in=group.model_ids)
    return {row.name for row in (*brands, *models)}


def read(text: str) -> Reading:
    return read_words(text, market=Market.objects.get(pk="CN"))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("20万以内", None, 200_000),
        ("20万以下的suv", None, 200_000),
        ("２０万以内", None, 200_000),
        ("二十万以内", None, 200_000),
        ("20w以内", None, 200_000),
        ("20以内", None, 200_000),
        ("预算 15.5万", None, 155_000),
        ("30万以上", 300_000, None),
        ("15-20万", 150_000, 200_000),
        ("15万到20万", 150_000, 200_000),
        ("十五到二十万", 150_000, 200_000),
        ("十几万", 100_000, 200_000),
        ("20多万suv", 200_000, 300_000),
        ("20万左右", 170_000, 230_000),
        ("20万suv", 170_000, 230_000),
        ("under 30k", None, 30_000),
        ("less than 250,000", None, 250_000),
        ("over 300000", 300_000, None),
        ("between 200k and 300k", 200_000, 300_000),
        ("150000-200000", 150_000, 200_000),
        ("¥200,000", 170_000, 230_000),
        ("gla 200", None, None),
        ("model 3", None, None),
        ("p7+", None, None),
        ("1.5t", None, None),
        ("2024", None, None),
        ("under 30", None, None),
        ("99999999999999999999万", None, None),
    ],
)
def test_prices_in_yuan(text: str, low: int | None, high: int | None) -> None:
    assert price(text) == (low, high)


@pytest.mark.parametrize(
    ("text", "currency", "low", "high"),
    [
        ("€40k", "EUR", 34_000, 46_000),
        ("unter 40.000 €", "EUR", None, 40_000),
        ("bis 30000", "EUR", None, 30_000),
        ("ab 50 000 €", "EUR", None, None),
        ("do 100 tys", "PLN", None, 100_000),
        ("od 150 tys. zł", "PLN", 150_000, None),
        ("do 150 000 zł", "PLN", None, 150_000),
        ("100 000 do 150 000 zł", "PLN", 100_000, 150_000),
        ("poniżej 1 200 000 PLN", "PLN", None, 1_200_000),
    ],
)
def test_prices_as_other_markets_write_them(text: str, currency: str, low: int | None, high: int | None) -> None:
    assert price(text, currency) == (low, high)


def test_a_price_in_another_currency_is_left_out() -> None:
    found, rest = take_figures("$30k suv", currency="CNY")
    assert (found.price_to, found.left_out, rest.split()) == (None, ["$30k"], ["suv"])


@pytest.mark.parametrize(
    ("text", "facet", "values"),
    [
        ("7座", "seats", {"7"}),
        ("七座", "seats", {"7"}),
        ("纯电7座", "seats", {"7"}),
        ("seven-seater", "seats", {"7"}),
        ("5 seats", "seats", {"5"}),
        ("2026款", "year", {"2026"}),
        ("25款", "year", {"2025"}),
        ("200kw", "power", {"150", "220", "300"}),
        ("300马力以上", "power", {"220", "300"}),
        ("7x", "seats", set()),
        ("320li", "power", set()),
    ],
)
def test_figures_that_choose_a_facet(text: str, facet: str, values: set[str]) -> None:
    assert choice(text, facet) == values


@pytest.mark.parametrize("text", ["续航600以上", "续航里程600公里", "range over 600 km", "600km+", "超过600公里"])
def test_a_range_means_every_test_cycle_from_there_on(text: str) -> None:
    values = choice(text, "range")
    assert values == {f"{cycle}-{low}" for cycle in facets.CYCLES for low in (600, 700)}


def test_the_table_of_words_chooses_only_what_the_list_offers() -> None:
    offered = {name: set(facet.values) for name, facet in facets.trim_facets("CNY").items()}
    offered |= {"stock": {facets.ANYWHERE}, "delivery": {*facets.STAGES, facets.TO_ORDER}}
    for word, meaning in facet_words().items():
        assert not meaning.facet or meaning.values <= offered[meaning.facet], word


def test_bands_are_those_of_the_list() -> None:
    assert (figures.RANGE_KM, figures.POWER_KW) == (facets.RANGE_KM, facets.POWER_KW)


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("哈弗", [{"Haval"}]),
        ("HAVAL", [{"Haval"}]),
        ("hafu", [{"Haval"}]),
        ("hf", [{"Haval"}]),
        ("hav", [{"Haval", "H2", "H6"}]),
        ("havel", [{"Haval"}]),
        ("hvaal", [{"Haval"}]),
        ("哈佛", [{"Haval"}]),
        ("哈弗h2", [{"H2"}]),
        ("H 2", [{"H2"}]),
        ("hafuh2", [{"H2"}]),
        ("haval h6", [{"H6"}]),
        ("汉", [{"Han"}]),
        ("han", [{"Han"}]),
        ("比亚迪汉", [{"Han"}]),
        ("haval byd", [{"Haval"}, {"BYD"}]),
        ("haval haval", [{"Haval"}]),
    ],
)
def test_names_are_read_however_they_are_written(showroom: Showroom, text: str, groups: list[set[str]]) -> None:
    assert [names(group) for group in read(text).groups] == groups


def test_words_of_trims_are_found_and_facet_words_are_not_swallowed(showroom: Showroom) -> None:
    reading = read("h2 精英型 四驱 suv")
    assert reading.chosen == {"drive": {"awd"}, "body": {"suv"}}
    assert [group.text for group in reading.groups] == ["h2", "精英型"]
    (elite,) = reading.groups[1].term_ids
    showroom.h2_auto.refresh_from_db()
    assert elite in showroom.h2_auto.term_ids


def test_a_longer_name_wins_over_a_facet_word_inside_it(showroom: Showroom) -> None:
    make.make_model(Brand.objects.get(slug="byd"), "Seal EV")
    refresh_terms()
    reading = read("byd seal ev")
    assert (reading.chosen, [names(group) for group in reading.groups]) == ({}, [{"Seal EV"}])
    assert read("byd ev").chosen == {"energy": {"bev"}}


def test_a_model_that_is_a_number_swallows_neither_seats_nor_prices_nor_years(showroom: Showroom) -> None:
    for name in ("7", "20", "2026"):
        make.make_model(Brand.objects.get(slug="byd"), name)
    refresh_terms()
    reading = read("7座 20万 2026款")
    assert (reading.groups, reading.chosen) == ((), {"seats": {"7"}, "year": {"2026"}})
    assert reading.price_to == Decimal(230_000)
    assert [names(group) for group in read("2026").groups] == [{"2026"}]


def test_a_year_and_a_range_may_be_bare_numbers(showroom: Showroom) -> None:
    assert read("h6 2025").chosen == {"year": {"2025"}}
    assert "cltc-500" in read("500km").chosen["range"]


def test_a_city_means_cars_in_stock_there(showroom: Showroom) -> None:
    assert read("北京 suv 现车").chosen == {"stock": {"beijing"}, "body": {"suv"}}


def test_what_nobody_knows_is_left_out(showroom: Showroom) -> None:
    reading = read("haval toyota")
    assert (reading.left_out, reading.is_fuzzy) == (("toyota",), False)
    assert read("havel").is_fuzzy


def test_a_typing_error_in_a_number_is_no_other_number(showroom: Showroom) -> None:
    make.make_model(Brand.objects.get(slug="byd"), "5008")
    refresh_terms()
    assert read("5009").groups == ()


@pytest.mark.parametrize(
    ("text", "queries"), [("20万以内", 0), ("哈弗h2", 1), ("havel suv", 2), ("a b c 丁 戊 zz9", 2)]
)
def test_two_queries_at_most(showroom: Showroom, text: str, queries: int) -> None:
    with CaptureQueriesContext(connection) as seen:
        read_words(text, market=CHINA)
    assert sum("catalog_searchterm" in query["sql"] for query in seen) == queries


def test_while_typing_a_beginning_costs_no_second_query(showroom: Showroom) -> None:
    with CaptureQueriesContext(connection) as seen:
        reading = read_words("hav", market=CHINA, is_typing=True)
    assert sum("catalog_searchterm" in query["sql"] for query in seen) == 1
    assert (names(reading.groups[0]), reading.unfinished) == ({"Haval", "H2", "H6"}, "hav")


@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "\ud800",
        "h2\x00\ud83d",
        ".*+?[](){}|\\^$",
        "%_'\";--",
        "。。。！！！",
        "😀🚗",
        "\u202eلفا روميو",
        "9" * 80,
        "ß" * 80,
    ],
)
def test_odd_input_is_read_as_little_or_nothing(showroom: Showroom, text: str) -> None:
    assert isinstance(read(text), Reading)


def test_only_the_beginning_of_a_long_text_is_read(showroom: Showroom) -> None:
    assert read("x " * LONGEST_TEXT + "haval").groups == ()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=200) | st.text("h2哈弗万座20-k€.+ s电", max_size=100))
def test_no_text_breaks_reading_or_makes_it_ask_more(showroom: Showroom, text: str) -> None:
    with CaptureQueriesContext(connection) as seen:
        reading = read_words(text, market=CHINA)
    asked = [query["sql"] for query in seen if "catalog_searchterm" in query["sql"]]
    assert len(asked) <= 2
    assert len(reading.groups) <= MOST_GROUPS


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [("haval", "haval", 0), ("havla", "haval", 1), ("havel", "haval", 1), ("h", "haval", 4)],
)
def test_edit_distance_counts_swapped_neighbours_once(first: str, second: str, distance: int) -> None:
    assert edit_distance(first, second, most=3) == min(distance, 4)
