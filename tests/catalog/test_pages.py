"""The pages from the front door to a trim: content, both languages, bad input, queries, no JavaScript."""

import re
from decimal import Decimal
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.listing import forget_cars
from catalog.models import ColourPrice, Option, OptionPrice
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


def test_suggestions_answer_while_typing(showroom: Showroom, english: Client) -> None:
    assert "Haval H2" in text_of(english, "/cars/suggest/?q=h2")
    assert text_of(english, "/cars/suggest/?q=") == ""


def test_a_model_shows_trims_side_by_side_with_stock_by_distance(showroom: Showroom, english: Client) -> None:
    far = make.make_dealership(name="Far Motors", city=showroom.shanghai, latitude=31.2304, longitude=121.4737)
    near = make.make_dealership(name="Near Motors", city=showroom.beijing, latitude=39.9942, longitude=116.4074)
    unit = make.make_unit(showroom.h2_auto, far)
    make.make_unit(showroom.h2_manual, near)
    english.cookies["city"] = quote("北京")
    text = text_of(english, "/cars/haval-h2/")
    assert "from ¥98,800" in text
    assert "2014 1.5T 6MT Comfort" in text
    assert "¥112,800" in text and "CN¥" not in text
    assert text.index("Near Motors") < text.index("Far Motors")
    assert "10.0 km" in text
    assert f"unit={unit.pk}".encode() in english.get("/cars/haval-h2/?all=1").content


def test_a_chosen_colour_works_without_javascript(showroom: Showroom, english: Client) -> None:
    h2 = showroom.h2_auto.vehicle_model
    make.make_colour(h2, "white", hex="#f4f4f2")
    make.make_colour(h2, "flame", hex="#a3201f")
    page = english.get("/cars/haval-h2/?colour=flame").content.decode()
    assert re.search(r'value="flame"[^>]* checked', page)
    assert "?colour=flame" in page
    fallback = english.get("/cars/haval-h2/?colour=mud").content.decode()
    assert len(re.findall(r'name="colour"[^>]* checked', fallback)) == 1


def test_a_model_not_on_sale_here_says_so_and_an_unknown_one_is_not_found(showroom: Showroom, english: Client) -> None:
    make.make_trim(make.make_model(name="Later"))
    make.make_trim(make.make_model(name="Draft"), is_published=False)
    assert "Not on sale here at the moment." in text_of(english, "/cars/haval-later/")
    assert english.get("/cars/haval-draft/").status_code == 404
    assert english.get("/cars/nothing/").status_code == 404
    assert english.get("/cars/byd-han/h2-auto/").status_code == 404


def test_the_trims_price_is_built_line_by_line(showroom: Showroom, english: Client) -> None:
    colour = make.make_colour(showroom.h2_auto.vehicle_model, "flame", name="Flame red")
    ColourPrice.objects.create(colour=colour, market_id="CN", amount=Decimal(3000))
    make.make_rule("vat", rate=Decimal("0.13"))
    make.make_rule("purchase_tax", rate=Decimal("0.1"), source="Vehicle Purchase Tax Law, article 4")
    make.make_rule("plate", amount=Decimal(500), is_estimate=True)
    text = text_of(english, "/cars/haval-h2/h2-auto/?colour=flame")
    for amount in ("¥112,800", "¥3,000", "¥115,800", "¥10,247.79", "¥500", "¥126,547.79"):
        assert amount in text
    assert "Number plate estimate" in text
    assert "Vehicle Purchase Tax Law, article 4" in text


def test_options_change_the_price_and_barred_ones_say_why(showroom: Showroom, english: Client) -> None:
    sensors, parking = (Option.objects.create(code=code, name=code.title()) for code in ("sensors", "parking"))
    parking.requires.add(sensors)
    for option in (sensors, parking):
        OptionPrice.objects.create(option=option, market_id="CN", amount=Decimal(1000))
    showroom.h2_auto.options.set([sensors, parking])
    path = "/cars/haval-h2/h2-auto/"
    assert "Choose Sensors first" in text_of(english, path)
    assert "¥112,800" in text_of(english, f"{path}?option=parking")
    both = english.get(f"{path}?option=parking&option=sensors", headers={"HX-Request": "true"})
    assert b"<html" not in both.content
    assert "114,800" in both.content.decode()


def test_a_chosen_colour_in_stock_can_be_reserved_at_the_nearest_dealership(
    showroom: Showroom, english: Client
) -> None:
    near = make.make_dealership(city=showroom.beijing, latitude=39.9, longitude=116.4)
    unit = make.make_unit(showroom.h2_auto, near)
    english.cookies["city"] = "Beijing"
    page = english.get("/cars/haval-h2/h2-auto/").content.decode()
    assert f"trim={unit.trim.code}&amp;colour={unit.colour.code}&amp;dealership={near.code}" in page
