"""The pages from the front door to a trim: content, both languages, bad input, queries, no JavaScript."""

import re
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.listing import forget_cars
from tests import factories as make

from .conftest import Showroom


def text_of(client: Client, path: str, **headers: str) -> str:
    response = client.get(path, **headers)
    assert response.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def test_home_shows_brands_new_cars_and_stock_near_the_city(showroom: Showroom, english: Client) -> None:
    make.make_unit(showroom.h2_auto, make.make_dealership(city=showroom.beijing))
    english.cookies["city"] = "Beijing"
    text = text_of(english, "/")
    assert "In stock near Beijing" in text
    assert "BYD Han" in text
    assert "Reserve with a deposit" in text
    page = english.get("/").content.decode()
    stock = dict(re.findall(r'car-card-title"><a[^>]*>([^<]*)<.*?car-card-stock[^>]*>([^<]*)<', page, re.DOTALL))
    assert stock == {"Haval H2": "In stock in Beijing", "Haval H6": "To order", "BYD Han": "To order"}


def test_home_is_calm_before_any_data(db: None, english: Client) -> None:
    assert "No cars are on sale yet." in text_of(english, "/")


def test_pages_speak_the_visitors_language(showroom: Showroom, client: Client) -> None:
    make.make_colour(showroom.h2_auto.vehicle_model)
    for path in ("/", "/cars/", "/cars/haval-h2/", "/cars/haval-h2/h2-auto/"):
        chinese = client.get(path, headers={"accept-language": "zh-CN"}).content.decode()
        english = client.get(path, headers={"accept-language": "en"}).content.decode()
        assert 'lang="zh-hans"' in chinese
        assert "哈弗" in chinese
        assert 'lang="en"' in english
        assert "哈弗" not in english


def test_chinese_lists_count_prices_in_ten_thousands(showroom: Showroom, client: Client) -> None:
    assert "9.88万 – 11.28万" in text_of(client, "/cars/?brand=haval&body=suv", headers={"accept-language": "zh-CN"})


def test_the_list_works_as_a_plain_form(showroom: Showroom, english: Client) -> None:
    page = english.get("/cars/?q=&brand=haval&seats=7&sort=price").content.decode()
    assert re.search(r'<form[^>]+action="/cars/" method="get"', page)
    assert re.search(r'value="haval" checked', page)
    assert "Haval H6" in page
    assert "BYD Han" not in page


def test_htmx_gets_the_part_and_the_canonical_address(showroom: Showroom, english: Client) -> None:
    response = english.get("/cars/?q=&sort=&brand=haval&page=7", headers={"HX-Request": "true"})
    assert b"<html" not in response.content
    assert b'id="cars-results"' in response.content
    assert response["HX-Push-Url"] == "/cars/?brand=haval"
    assert "HX-Request" in response["Vary"]
    restored = english.get("/cars/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert b"<html" in restored.content


def test_an_empty_list_offers_a_way_out(showroom: Showroom, english: Client) -> None:
    assert "Without Body Sedan: 1 model" in text_of(english, "/cars/?brand=haval&body=sedan&seats=7")


@pytest.mark.parametrize(
    "query",
    [
        "page=1000000000",
        "page=-1",
        "page=x",
        "q=" + "a" * 5000,
        "q=" + quote("'; drop table--"),
        "q=%F0%9F%9A%97",
        "q=%FF%FE",
        "&".join(["brand=x"] * 500),
        "sort=%3Cscript%3E",
        "brand[]=1&price=1e309&seats=NaN&stock=null",
        "q=%00",
        "year=99999999999999999999&part=-3&all=x&at=%27%3B--",
        "colour=" + "a" * 3000,
        "&".join(f"option=o{number}" for number in range(200)),
        "year=abc&part=1e9&all=1000000000&at=nowhere",
    ],
)
@pytest.mark.parametrize("path", ["/", "/cars/", "/cars/suggest/", "/cars/haval-h2/", "/cars/haval-h2/h2-auto/"])
def test_absurd_input_is_never_an_error_of_ours(showroom: Showroom, client: Client, path: str, query: str) -> None:
    assert client.get(f"{path}?{query}").status_code in (200, 400, 404, 414)


def test_words_are_shown_escaped(showroom: Showroom, client: Client) -> None:
    assert b"<script>alert" not in client.get("/cars/?q=%3Cscript%3Ealert(1)%3C/script%3E").content


def test_pages_are_read_only(showroom: Showroom, client: Client) -> None:
    assert client.post("/cars/").status_code == 405
    assert client.head("/cars/").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/", "/cars/?stock=any", "/cars/?view=trims", "/cars/?view=stock&sort=nearest"])
def test_a_page_of_many_cars_asks_for_its_cards_alone(
    showroom: Showroom, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries, path: str
) -> None:
    """What is kept between requests is read once: by the first page after a start, never inside a transaction."""
    client.cookies["city"] = "Beijing"
    for number in range(30):
        trim = make.make_trim(make.make_model(name=f"M{number}"))
        make.make_unit(trim, make.make_dealership(city=showroom.beijing))
    forget_cars()
    client.get(path)
    with django_assert_max_num_queries(2):
        assert client.get(path).content.count(b"car-card-title") > 3
