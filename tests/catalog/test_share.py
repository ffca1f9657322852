"""The share picture of a car: its address on the page, its colour, its language, what it refuses."""

import re
from html import unescape
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from catalog.models import Offer, VehicleModel
from o2o_platform.interface import share_pictures
from tests import factories as make

from .conftest import Showroom

DOOR = (480, 480)


@pytest.fixture(autouse=True)
def site(settings, empty_caches):
    settings.SITE_URL = "http://testserver"


@pytest.fixture
def h2(showroom: Showroom) -> VehicleModel:
    model = showroom.h2_auto.vehicle_model
    make.make_colour(model, "red", hex="#9d1f24")
    make.make_colour(model, "blue", hex="#1f3a5f")
    return model


@pytest.fixture
def cards(monkeypatch) -> list:
    """Every card that is drawn."""
    drawn = []
    monkeypatch.setattr(share_pictures, "draw_card", lambda card: drawn.append(card) or b"png")
    return drawn


def picture_on(client: Client, path: str) -> str:
    page = client.get(path).content.decode()
    return unescape(re.search(r'og:image" content="([^"]+)"', page).group(1)).removeprefix("http://testserver")


@pytest.mark.parametrize("path", ["/cars/haval-h2/", "/cars/haval-h2/h2-auto/"])
def test_the_picture_a_page_names_never_changes(h2, client, cards, path):
    address = picture_on(client, f"{path}?colour=blue&lang=en")
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["ETag"].strip('"') in address
    assert [card.paint for card in cards] == ["#1f3a5f"]
    assert client.get(address, headers={"if-none-match": response["ETag"]}).status_code == 304


def test_without_its_name_a_picture_is_good_for_an_hour(h2, client, cards):
    assert client.get("/share/haval-h2.png?lang=en&v=old")["Cache-Control"] == "public, max-age=3600"


def test_a_picture_says_brand_model_price_in_its_language(h2, client, cards):
    client.get("/share/haval-h2.png?lang=en&colour=red")
    client.get("/share/haval-h2/h2-auto.png?lang=zh-hans")
    english, chinese = cards
    assert (english.title, english.price, english.paint) == ("Haval H2", "from ¥98,800", "#9d1f24")
    assert (chinese.title, chinese.price) == ("哈弗 H2", "11.28万")
    assert chinese.subtitle == "2014款 1.5T 6AT 精英型"


def test_a_new_price_is_a_new_picture(h2, client, cards):
    before = client.get("/share/haval-h2/h2-auto.png?lang=en")["ETag"]
    Offer.objects.filter(trim__code="h2-auto").update(list_price=100_000)
    after = client.get("/share/haval-h2/h2-auto.png?lang=en", headers={"if-none-match": before})
    assert after.status_code == 200
    assert after["ETag"] != before


def test_colours_paint_the_picture(h2, client):
    red, blue = (
        Image.open(BytesIO(client.get(f"/share/haval-h2.png?colour={code}").content)) for code in ("red", "blue")
    )
    assert red.size == (1200, 630)
    assert red.getpixel(DOOR)[0] > red.getpixel(DOOR)[2]
    assert blue.getpixel(DOOR)[2] > blue.getpixel(DOOR)[0]


@pytest.mark.parametrize(
    "path",
    [
        "/share/nothing.png",
        "/share/haval-h2/nothing.png",
        "/share/byd-han/h2-auto.png",
        "/share/haval-h2.png?colour=pink",
        "/share/haval-h2.png?colour=%23ff0000",
        "/share/haval-h2/h2-auto.png?colour=" + "x" * 300,
    ],
)
def test_there_is_no_picture_of_what_there_is_not(h2, client, cards, path):
    assert client.get(path).status_code == 404
    assert cards == []


def test_an_unpublished_trim_has_no_picture(h2, showroom, client, cards):
    showroom.h2_auto.is_published = False
    showroom.h2_auto.save()
    assert client.get("/share/haval-h2/h2-auto.png").status_code == 404


def test_a_picture_is_the_same_wherever_one_looks_from(h2, client, cards):
    german = make.make_market("DE")
    german.is_open = True
    german.save()
    make.make_offer(h2.trims.first(), market=german, list_price=19_990)
    make.make_city("hamburg", name="Hamburg", market=german)
    client.cookies["city"] = "Hamburg"
    client.get("/share/haval-h2.png?lang=en")
    client.get("/share/haval-h2.png?lang=en&market=DE")
    client.get("/share/haval-h2.png?lang=en&market=XX")
    assert [card.price for card in cards] == ["from ¥98,800", "from €19,990"]
    assert "market=DE" in picture_on(client, "/cars/haval-h2/?lang=en")


def test_a_kept_picture_costs_few_queries(h2, client, cards, django_assert_max_num_queries):
    client.get("/share/haval-h2/h2-auto.png?lang=en")
    with django_assert_max_num_queries(4):
        client.get("/share/haval-h2/h2-auto.png?lang=en")
    assert len(cards) == 1
