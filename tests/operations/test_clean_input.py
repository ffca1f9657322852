"""Junk ends as a 4xx or as the page itself, never as a 500."""

import pytest
from django.urls import reverse

from tests.factories import make_buyer

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/login/"
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/%00", 400),
        ("/cars/a%00b/", 400),
        (SIGN_IN + "?next=%00", 400),
        (SIGN_IN + "?next=" + "a" * 8_200, 414),
        (SIGN_IN + "?next=%ED%A0%80", 200),
        (SIGN_IN + "?next=%FF%FE", 200),
        ("/static/a%00b.css", 400),
    ],
)
def test_paths_and_queries(client, path, status):
    assert client.get(path).status_code == status


def test_the_refusal_is_in_the_readers_language(client):
    english = client.get("/%00", headers={"accept-language": "en"}).content.decode()
    chinese = client.get("/%00", headers={"accept-language": "zh-CN"}).content.decode()
    assert '<html lang="en"' in english
    assert '<html lang="zh-hans"' in chinese


def test_the_api_is_refused_with_a_problem(client):
    response = client.get("/api/v1/cars/?q=%00")
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"login=%00", FORM),
        (b"login=a\x00b", FORM),
        (b'{"name": "a\\u0000b"}', "application/json"),
        (b'{"name": "\\ud800"}', "application/json"),
        (b'{"name": "a\x00"}', "application/json"),
    ],
)
def test_bodies_with_what_cannot_be_stored(client, body, content_type):
    assert client.post(SIGN_IN, body, content_type=content_type).status_code == 400


def test_multipart_forms_with_nul(client):
    assert client.post(SIGN_IN, {"login": "a\x00b"}).status_code == 400


@pytest.mark.parametrize(
    "body", [b'{"name": "\\ud83d\\ude97"}', b'{"name": "\\\\u0000"}', b'{"name": "\\u"}', b"[" * 9_000]
)
def test_bodies_that_only_look_odd_pass_on(client, body):
    assert client.post(SIGN_IN, body, content_type="application/json").status_code == 200


def test_a_body_that_is_too_long_is_refused(client):
    assert client.post(SIGN_IN, b"a" * 3_000_000, content_type=FORM).status_code == 400


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "django_language", "messages", "city", "other"])
@pytest.mark.parametrize("value", ['"\\000x"', "é中文", "\x01", '"' + "a" * 5_000 + '"', '"\\ud800"', "%00"])
def test_bad_cookies_do_not_lock_anybody_out(client, name, value):
    # Servers hand the bytes of a header on as Latin-1.
    raw = f"{name}={value}".encode().decode("latin-1")
    response = client.get(SIGN_IN, HTTP_COOKIE=raw)
    assert response.status_code == 200


@pytest.mark.parametrize("host", ["a b", "evil.example", "[::1", "a\x00b", "x" * 300, "127.0.0.1:port", ""])
def test_host_headers(client, host):
    assert client.get(SIGN_IN, headers={"host": host, "accept-language": "en"}).status_code in (200, 400)


@pytest.mark.parametrize(
    "header", ["accept-language", "referer", "user-agent", "x-forwarded-for", "accept", "hx-current-url"]
)
@pytest.mark.parametrize("value", ["\x00", "ü" * 100, "a" * 20_000, ",;q=\udcff", "[" * 50])
def test_other_headers(client, header, value):
    assert client.get(SIGN_IN, headers={header: value}).status_code < 500


@pytest.mark.parametrize("language", ["\x00", "xx", "a" * 600, "../../etc"])
def test_the_language_switch(client, language):
    client.force_login(make_buyer())
    response = client.post(reverse("set_language"), {"language": language}, content_type=FORM)
    assert response.status_code < 500
