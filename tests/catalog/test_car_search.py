"""Filters, facet counts, order and pages of the list of cars."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.utils import translation

from catalog.listing import CarCriteria, CarListPage, search_cars
from o2o_platform.markets.models import City, Market
from tests import factories as make

from .conftest import Showroom


def search(query: str = "", *, city: City | None = None) -> CarListPage:
    market = Market.objects.get(pk="CN")
    return search_cars(CarCriteria.read(QueryDict(query), market=market, city=city))


def titles(page: CarListPage) -> list[str]:
    return [card.title for card in page.cards]


def counts(page: CarListPage, facet_name: str) -> dict[str, int]:
    facet = next(facet for facet in page.facets if facet.name == facet_name)
    return {option.value: option.count for option in (*facet.options, *facet.folded)}


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_a_model_is_one_card_with_the_price_range_of_its_matching_trims(showroom: Showroom) -> None:
    card = search("brand=haval&energy=petrol").cards[0]
    assert (card.title, card.trims, card.price) == ("Haval H2", "2 trims", "¥98,800 – ¥112,800")
    assert search("price=0-100000").cards[0].price == "¥98,800"


def test_choices_of_one_facet_widen_and_of_two_facets_narrow(showroom: Showroom) -> None:
    assert search("energy=petrol&energy=bev").models_total == 2
    assert titles(search("energy=petrol&energy=bev&brand=byd")) == ["BYD Han"]


def test_both_choices_must_fit_the_same_trim(showroom: Showroom) -> None:
    assert search("price=0-100000&q=Elite").models_total == 0


def test_a_facets_counts_leave_out_its_own_choice_but_not_the_others(showroom: Showroom) -> None:
    page = search("brand=haval&energy=phev")
    assert counts(page, "energy") == {"petrol": 2, "phev": 1, "bev": 0}
    assert counts(page, "brand") == {"haval": 1, "byd": 0}
    assert counts(page, "body") == {"suv": 1, "sedan": 0}


def test_facet_counts_are_the_trims_the_choice_leaves(showroom: Showroom) -> None:
    for facet in search("q=h").facets:
        for option in facet.options:
            if option.count:
                assert search(f"q=h&{facet.name}={option.value}").trims_total == option.count


def test_price_bands_count_each_trim_in_its_band(showroom: Showroom) -> None:
    bands = counts(search("brand=haval"), "price")
    assert (bands["0-100000"], bands["100000-150000"], bands["150000-200000"]) == (1, 1, 1)


def test_a_price_on_the_edge_belongs_to_the_upper_band(showroom: Showroom) -> None:
    make.make_offer(make.make_trim(make.make_model(name="Edge")), list_price=Decimal(100_000))
    assert "Haval Edge" in titles(search("price=100000-150000"))
    assert "Haval Edge" not in titles(search("price=0-100000"))


def test_stock_filter_and_flag_follow_the_city(showroom: Showroom) -> None:
    make.make_unit(showroom.han, make.make_dealership(city=showroom.shanghai))
    make.make_unit(showroom.h6, make.make_dealership(city=showroom.beijing))
    page = search("stock=beijing", city=showroom.beijing)
    assert [(card.title, card.stock, card.is_near) for card in page.cards] == [
        ("Haval H6", "In stock in Beijing", True)
    ]
    assert counts(page, "stock") == {"beijing": 1, "shanghai": 1, "any": 2}
    assert titles(search("stock=any&brand=byd", city=showroom.beijing)) == ["BYD Han"]


def test_held_units_and_closed_dealerships_are_no_stock(showroom: Showroom) -> None:
    make.make_unit(showroom.han, make.make_dealership(city=showroom.beijing), availability="held")
    make.make_unit(showroom.h6, make.make_dealership(city=showroom.beijing, is_active=False))
    assert search("stock=any").models_total == 0


def test_a_trim_without_an_offer_today_or_unpublished_is_not_listed(showroom: Showroom) -> None:
    make.make_trim(make.make_model(name="Later"))
    make.make_offer(make.make_trim(make.make_model(name="Draft"), is_published=False))
    assert search().models_total == 3


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("h2", "Haval H2"),
        ("H2 elite", "Haval H2"),
        ("哈弗h2", "Haval H2"),
        ("哈弗　Ｈ６", "Haval H6"),
        ("精英", "Haval H2"),
    ],
)
def test_words_find_models_in_both_languages(showroom: Showroom, query: str, title: str) -> None:
    assert titles(search(f"q={query}")) == [title]


def test_a_typing_error_still_finds_the_brand_and_says_so(showroom: Showroom) -> None:
    page = search("q=havel")
    assert page.is_fuzzy
    assert set(titles(page)) == {"Haval H2", "Haval H6"}


def test_orders(showroom: Showroom) -> None:
    assert titles(search()) == ["BYD Han", "Haval H6", "Haval H2"]
    assert titles(search("sort=price")) == ["Haval H2", "Haval H6", "BYD Han"]
    assert titles(search("sort=-price")) == ["BYD Han", "Haval H6", "Haval H2"]
    assert titles(search("sort=power"))[0] == "Haval H6"


def test_ranges_are_ordered_within_one_cycle_only(showroom: Showroom) -> None:
    trim = make.make_trim(make.make_model(name="Epa"), energy_type="bev", electric_range_km=900, range_cycle="EPA")
    make.make_offer(trim)
    page = search("sort=range-cltc")
    assert titles(page)[0] == "BYD Han"
    assert [code for code, _ in page.sorts if code.startswith("range")] == ["range-cltc", "range-epa"]


def test_pages_hold_each_model_once_and_past_the_end_is_the_last(showroom: Showroom) -> None:
    for number in range(30):
        make.make_offer(make.make_trim(make.make_model(name=f"M{number}")))
    first, second, beyond = search(), search("page=2"), search("page=99999999999999999999")
    assert (len(first.cards), len(second.cards)) == (24, 9)
    assert len({card.url for card in (*first.cards, *second.cards)}) == 33
    assert beyond.number == 2
    assert titles(beyond) == titles(second)


def test_an_empty_list_says_what_leaving_out_each_choice_would_give(showroom: Showroom) -> None:
    page = search("brand=byd&energy=petrol&seats=5")
    assert page.models_total == 0
    assert [hint.text for hint in page.hints] == [
        "Without Brand BYD: 1 model",
        "Without Energy Petrol: 1 model",
    ]
    assert search(page.hints[0].url.removeprefix("?")).models_total == 1


def test_chips_drop_one_choice_each(showroom: Showroom) -> None:
    page = search("brand=haval&brand=byd&q=h&sort=price")
    assert [chip.label for chip in page.chips] == ["“h”", "BYD", "Haval"]
    assert page.chips[1].remove_url == "?q=h&brand=haval&sort=price"


@pytest.mark.parametrize("query", ["brand=nobody", "price=abc", "seats=-1", "stock=atlantis", "sort=sql", "page=zero"])
def test_unknown_choices_are_left_out(showroom: Showroom, query: str) -> None:
    page = search(query)
    assert page.models_total == 3
    assert page.query == "?"


def test_prices_of_another_market_are_its_own(showroom: Showroom) -> None:
    germany = make.make_market("DE")
    make.make_offer(showroom.han, market=germany, list_price=Decimal(46_000))
    page = search_cars(CarCriteria(market=germany))
    assert [card.price for card in page.cards] == ["€46,000"]
