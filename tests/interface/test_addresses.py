"""Languages by address, canonical addresses, the meta lines of public and private pages."""

import re

import pytest
from django.test import Client, RequestFactory

from catalog.addresses import read_list_address
from o2o_platform.interface.languages import without_language
from tests import factories as make

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def site(settings) -> None:
    settings.SITE_URL = SITE


def head(client: Client, path: str, **headers: str) -> str:
    return client.get(path, headers=headers).content.decode().split("</head>")[0]


def canonical(page: str) -> str:
    return re.search(r'<link rel="canonical" href="([^"]+)"', page).group(1).replace("&amp;", "&")


def test_a_language_in_the_address_is_the_language_of_the_page(client):
    response = client.get("/dealerships/?lang=en", headers={"accept-language": "zh-CN"})
    assert response["Content-Language"] == "en"
    assert '<html lang="en">' in response.content.decode()
    assert client.get("/dealerships/?lang=ZH-hans")["Content-Language"] == "zh-hans"


@pytest.mark.parametrize("unknown", ["xx", "fr", "", "zh", "e" * 300, "%ff", "en&lang=xx"])
def test_an_unknown_language_is_ignored(client, unknown):
    response = client.get(f"/dealerships/?lang={unknown}", headers={"accept-language": "en"})
    assert (response.status_code, response["Content-Language"]) == (200, "en")


def test_somebody_elses_link_does_not_change_what_a_visitor_chose(client):
    client.post("/i18n/setlang/", {"language": "zh-hans"})
    assert client.get("/dealerships/?lang=en")["Content-Language"] == "en"
    assert client.get("/dealerships/")["Content-Language"] == "zh-hans"


def test_a_link_leaves_no_cookie(client):
    assert "django_language" not in client.get("/dealerships/?lang=en").cookies


def test_the_switch_wins_over_the_address_it_was_used_on(client):
    answer = client.post(
        "/i18n/setlang/", {"language": "zh-hans"}, headers={"referer": "http://testserver/cars/?brand=byd&lang=en"}
    )
    assert answer["Location"] == "http://testserver/cars/?brand=byd"


def test_parts_come_in_the_language_of_their_page(client):
    part = {"hx-request": "true", "x-page-language": "en", "accept-language": "zh-CN"}
    response = client.get("/dealerships/", headers=part)
    assert response["Content-Language"] == "en"
    assert "X-Page-Language" in response["Vary"]
    assert '"X-Page-Language": "en"' in client.get("/dealerships/?lang=en").content.decode()
    assert client.get("/dealerships/", headers={"x-page-language": "en"})["Content-Language"] == "zh-hans"


def test_answers_still_vary_by_what_the_language_depends_on(client):
    assert "Accept-Language" in client.get("/dealerships/?lang=en")["Vary"]


def test_a_public_page_names_itself_and_its_other_languages(client):
    page = head(client, "/dealerships/?lang=en&utm_source=mail&brand=haval")
    assert canonical(page) == f"{SITE}/dealerships/?lang=en"
    alternates = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)"', page))
    assert alternates == {
        "zh-hans": f"{SITE}/dealerships/?lang=zh-hans",
        "en": f"{SITE}/dealerships/?lang=en",
        "de": f"{SITE}/dealerships/?lang=de",
        "pl": f"{SITE}/dealerships/?lang=pl",
        "x-default": f"{SITE}/dealerships/",
    }
    assert canonical(head(client, "/dealerships/?utm_source=mail")) == f"{SITE}/dealerships/"


def test_alternates_point_back_at_each_other(client):
    pages = [head(client, path) for path in ("/dealerships/", "/dealerships/?lang=en", "/dealerships/?lang=zh-hans")]
    assert len({tuple(re.findall(r'hreflang="[^"]+" href="[^"]+"', page)) for page in pages}) == 1
    assert len({canonical(page) for page in pages}) == 3


@pytest.mark.parametrize("path", ["/garage/", "/accounts/login/"])
def test_private_pages_are_not_to_be_found(client, path):
    client.force_login(make.make_buyer()) if path == "/garage/" else None
    page = head(client, path)
    assert '<meta name="robots" content="noindex">' in page
    assert "canonical" not in page
    assert "hreflang" not in page


def test_every_page_has_a_card_for_shared_links(client):
    page = head(client, "/dealerships/?lang=zh-hans")
    said = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', page))
    assert said["og:url"] == f"{SITE}/dealerships/?lang=zh-hans"
    assert said["og:locale"] == "zh_CN"
    assert said["og:image"] == said["twitter:image"] == f"{SITE}/share/site.png?lang=zh-hans"
    assert said["twitter:card"] == "summary_large_image"
    assert said["og:title"] and said["og:description"] == said["description"]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", ()),
        ("brand=haval", (("brand", "haval"),)),
        ("brand=haval&sort=price&page=7&utm_source=x&view=trims", (("brand", "haval"),)),
        ("seats=5&body=suv", (("body", "suv"),)),
        ("brand=haval&energy=bev", (("brand", "haval"),)),
        ("seats=5&price=0-100000", ()),
        ("brand=%3Cscript%3E", ()),
        ("brand=", ()),
        ("body=spaceship", ()),
    ],
)
def test_a_list_keeps_at_most_one_main_facet(query, kept):
    address = read_list_address(RequestFactory().get(f"/cars/?{query}"))
    assert address.is_indexed
    assert address.pairs == kept


@pytest.mark.parametrize("query", ["brand=a&body=suv&seats=5", "brand=a&brand=b&brand=c", "q=haval", "q=%E5%93%88"])
def test_endless_lists_are_not_to_be_found(query):
    assert not read_list_address(RequestFactory().get(f"/cars/?{query}")).is_indexed


def test_two_choices_may_still_be_found(rf):
    assert read_list_address(rf.get("/cars/?brand=a&body=suv&q=+")).is_indexed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/cars/?lang=en", "/cars/"),
        ("/cars/?q=%E5%93%88&lang=en&page=2", "/cars/?q=%E5%93%88&page=2"),
        ("https://a.example/x?a=&lang=zh#b", "https://a.example/x?a=#b"),
        ("/", "/"),
    ],
)
def test_an_address_without_its_language(before, after):
    assert without_language(before) == after
