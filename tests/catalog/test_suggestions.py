"""What the search box offers while one types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from catalog.listing import CarCriteria
from catalog.search.suggestions import Suggestion, highlight, suggest
from catalog.search.vocabulary import facet_completions
from catalog.services.terms import refresh_terms
from o2o_platform.markets.models import Market
from tests import factories as make

from .conftest import Showroom


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def ask(text: str) -> list[Suggestion]:
    return suggest(CarCriteria(market=Market.objects.get(pk="CN"), query=text))


def plain(line: Suggestion) -> str:
    return re.sub("</?mark>", "", line.label)


def test_a_brand_comes_with_its_models_how_many_and_from_what_price(showroom: Showroom) -> None:
    brand, *others = ask("haval")
    assert (brand.kind, plain(brand), brand.detail) == ("brand", "Haval", "2 models · from ¥98,800")
    assert brand.url == "/cars/?brand=haval"
    assert {plain(line) for line in others if line.kind == "model"} == {"Haval H2", "Haval H6"}


def test_a_brand_is_offered_narrowed_to_what_it_has_several_of(showroom: Showroom) -> None:
    lists = {plain(line): line.url for line in ask("haval") if line.kind == "list"}
    assert lists == {
        "Haval · Petrol": "/cars/?brand=haval&energy=petrol",
        "Haval · Plug-in hybrid": "/cars/?brand=haval&energy=phev",
    }


def test_a_model_says_how_many_trims_it_has(showroom: Showroom) -> None:
    (line,) = ask("h2")
    assert (line.url, line.label, line.detail) == (
        "/cars/haval-h2/",
        "Haval <mark>H2</mark>",
        "2 trims · from ¥98,800",
    )


@pytest.mark.parametrize(
    ("text", "url", "label"),
    [
        ("纯电 轿车", "/cars/?body=sedan&energy=bev", "Sedan · Electric"),
        ("electric sedan", "/cars/?body=sedan&energy=bev", "Sedan · Electric"),
        ("suv under 100000", "/cars/?price_to=100000&body=suv", "SUV · Up to ¥100,000"),
        ("byd sedan", "/cars/?brand=byd&body=sedan", "BYD · Sedan"),
        ("7 seats", "/cars/?seats=7", "7 seats"),
    ],
)
def test_words_that_choose_lead_to_the_list_with_the_choices_on(
    showroom: Showroom, text: str, url: str, label: str
) -> None:
    line = ask(text)[0]
    assert (sorted(line.url.split("?")[1].split("&")), plain(line)) == (sorted(url.split("?")[1].split("&")), label)


@pytest.mark.parametrize(
    ("beginning", "label"), [("ele", "Electric"), ("sed", "Sedan"), ("纯", "Electric"), ("plug", "Plug-in hybrid")]
)
def test_an_unfinished_word_is_completed(showroom: Showroom, beginning: str, label: str) -> None:
    assert plain(ask(beginning)[0]) == label


def test_a_completion_keeps_what_was_chosen_before(showroom: Showroom) -> None:
    line = ask("suv plug")[0]
    assert (plain(line), line.detail) == ("SUV · Plug-in hybrid", "1 model · from ¥165,800")


def test_a_typing_error_still_offers_the_brand(showroom: Showroom) -> None:
    assert plain(ask("havel")[0]) == "Haval"


def test_nothing_is_offered_for_nothing_or_for_what_nobody_sells(showroom: Showroom) -> None:
    assert ask("") == []
    assert ask("toyota") == []


def test_no_list_without_cars_is_offered(showroom: Showroom) -> None:
    assert all("body=wagon" not in line.url for line in ask("wagon"))


def test_names_are_those_of_the_language(showroom: Showroom) -> None:
    with translation.override("zh-hans"):
        labels = [plain(line) for line in ask("biyadi")]
    assert labels[0] == "比亚迪"
    assert "比亚迪汉" in labels


def test_a_busy_name_gives_a_short_list_with_visible_matches_first(showroom: Showroom) -> None:
    brand = make.make_brand("great-wall", name="Great Wall", name_zh="长城")
    for number in range(20):
        make.make_offer(make.make_trim(make.make_model(brand, f"Haval {number}x")), list_price=Decimal(50_000))
    refresh_terms()
    lines = ask("haval")
    assert len(lines) == 8
    models = ["<mark>" in line.label for line in lines if line.kind == "model"]
    assert models == sorted(models, reverse=True)


@pytest.mark.parametrize(("text", "asked"), [("h2", 1), ("hav", 1), ("byd ele", 1), ("havel", 2)])
def test_the_vocabulary_is_asked_once_and_again_only_for_a_misspelt_word(
    showroom: Showroom, text: str, asked: int
) -> None:
    with CaptureQueriesContext(connection) as seen:
        ask(text)
    about_names = [query["sql"] for query in seen if "catalog_vehiclemodel catalog_brand" in query["sql"]]
    assert sum("catalog_searchterm" in query["sql"] for query in seen) == asked
    assert len(about_names) <= 1


@pytest.mark.parametrize(
    ("label", "words", "marked"),
    [
        ("Haval H2", ["h2"], "Haval <mark>H2</mark>"),
        ("GLA 200", ["gla200"], "<mark>GLA</mark> <mark>200</mark>"),
        ("哈弗 H6", ["哈"], "<mark>哈</mark>弗 H6"),
        ("Tom & <b>", ["tom"], "<mark>Tom</mark> &amp; &lt;b&gt;"),
        ("Model Y", ["del"], "Model Y"),
        ("İstanbul", ["i"], "İstanbul"),
    ],
)
def test_what_was_typed_is_marked_and_the_rest_escaped(label: str, words: list[str], marked: str) -> None:
    assert highlight(label, words) == marked


def test_each_choice_is_completed_once() -> None:
    meanings = facet_completions("el")
    assert len(meanings) == len(set(meanings))


def test_the_answer_is_a_listbox_the_browser_may_keep_a_while(showroom: Showroom, english: Client) -> None:
    response = english.get("/cars/suggest/?q=h2")
    html = response.content.decode()
    assert 'role="listbox"' in html
    assert html.count('role="option"') == 1
    assert "max-age=30" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


def test_an_empty_answer_says_so_and_shows_the_way_on(showroom: Showroom, english: Client) -> None:
    html = english.get("/cars/suggest/?q=%3Cb%3Etoyota").content.decode()
    assert "Nothing found for “&lt;b&gt;toyota”." in html
    assert 'href="/cars/"' in html


def test_the_field_is_a_plain_search_form_without_scripts(showroom: Showroom, english: Client) -> None:
    html = english.get("/").content.decode()
    assert 'data-suggest="/cars/suggest/"' in html
    assert re.search(r'<form action="/cars/" method="get" role="search">', html)
