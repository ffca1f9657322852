import pytest
from django.urls import reverse

from o2o_platform.accounts import garage
from tests.accounts.conftest import sign_in
from tests.factories import make_buyer


@pytest.fixture
def _own_sections(monkeypatch):
    monkeypatch.setattr(garage, "_sections", {})


def test_the_garage_is_for_those_signed_in(client):
    assert client.get("/garage/").url == "/accounts/login/?next=/garage/"


@pytest.mark.usefixtures("_own_sections")
def test_sections_of_other_apps_appear(client):
    garage.register("cars", "messages/sign_in_code.sms.txt", lambda user: {"who": user.pk})
    user = make_buyer()
    client.force_login(user)
    response = client.get("/garage/")
    assert '<section id="cars">' in response.content.decode()
    assert garage.load_sections(user)[0]["context"] == {"who": user.pk}


def test_name_and_language_are_changed(client):
    user = make_buyer(language="zh-hans")
    client.force_login(user)
    response = client.post("/garage/", {"name": "王梅", "language": "en"})
    assert response.url == "/garage/"
    user.refresh_from_db()
    assert (user.name, user.language) == ("王梅", "en")
    assert client.cookies["django_language"].value == "en"


def test_an_unknown_language_is_refused(client):
    client.force_login(make_buyer())
    assert client.post("/garage/", {"name": "", "language": "xx"}).context["form"].errors["language"]


def test_a_newcomer_keeps_the_language_of_the_page(client):
    client.post(reverse("set_language"), {"language": "en"})
    sign_in(client, "13800138000")
    assert client.get("/garage/").wsgi_request.user.language == "en"


def test_switching_the_language_tells_the_account(client):
    user = make_buyer(language="en")
    client.force_login(user)
    client.post(reverse("set_language"), {"language": "zh-hans", "next": "/garage/"})
    user.refresh_from_db()
    assert user.language == "zh-hans"


def test_a_new_device_takes_the_language_of_the_account(client):
    make_buyer(phone="+8613800138000", language="zh-hans")
    sign_in(client, "13800138000")
    assert client.cookies["django_language"].value == "zh-hans"


def test_sections_of_a_higher_rank_come_last(_own_sections):
    for name, rank in (("saved", 1), ("orders", 0)):
        garage.register(name, "messages/sign_in_code.sms.txt", lambda user: {}, rank=rank)
    assert [section["name"] for section in garage.load_sections(None)] == ["orders", "saved"]
