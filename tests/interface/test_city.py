import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from o2o_platform.interface.cities import clean_city, read_city, write_city

HERE = "http://testserver/cars/?brand=haval"


@pytest.fixture
def url():
    return reverse("interface:choose_city")


def test_the_chosen_city_is_remembered_and_the_page_kept(client, url):
    response = client.post(url, {"city": "武汉"}, headers={"referer": HERE})

    assert response.status_code == 302
    assert response["Location"] == HERE
    cookie = response.cookies["city"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    request = RequestFactory().get("/", headers={"cookie": f"city={cookie.value}"})
    assert read_city(request) == "武汉"


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_no_one_is_sent_off_the_site(client, url, target):
    assert client.post(url, {"city": "Wuhan", "next": target})["Location"] == "/"


def test_an_empty_name_forgets_the_city(client, url):
    client.cookies["city"] = "Wuhan"

    response = client.post(url, {"city": "  "})

    assert response.cookies["city"]["max-age"] == 0


def test_only_a_form_may_change_the_city(client, url):
    assert client.get(url).status_code == 405


def test_a_city_is_one_printable_line_of_sixty_characters():
    assert clean_city("  Łódź\r\nSet-Cookie: x ") == "Łódź Set-Cookie: x"
    assert len(clean_city("上" * 200)) == 60


def test_the_city_survives_the_cookie_in_any_script():
    response = HttpResponse()
    write_city(response, "Łódź 上海")
    assert response.cookies["city"].value.isascii()
