import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from o2o_platform.operations import errors

pytestmark = pytest.mark.django_db


def test_a_missing_page_is_a_designed_one(client):
    response = client.get("/no/such/page/", headers={"accept-language": "en"})
    assert response.status_code == 404
    assert '<html lang="en"' in response.content.decode()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (lambda request: errors.bad_request(request, ValueError()), 400),
        (lambda request: errors.permission_denied(request, PermissionDenied()), 403),
        (errors.too_many_requests, 429),
        (errors.server_error, 500),
        (errors.csrf_failure, 403),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans", "de", "pl"])
def test_each_error_has_its_page(answer, status, language):
    from django.utils import translation

    with translation.override(language):
        response = answer(RequestFactory().get("/garage/"))
    assert response.status_code == status
    assert b"<title>" in response.content


def test_a_form_without_its_token_is_explained():
    client = Client(enforce_csrf_checks=True)
    response = client.post("/accounts/login/", {"login": "13800138000"})
    assert response.status_code == 403
    assert b"<title>" in response.content


@pytest.mark.parametrize(("path", "status"), [("/api/v1/nothing/", 404), ("/api/nothing", 404)])
def test_errors_under_the_api_are_problems(client, path, status):
    response = client.get(path, headers={"accept-language": "en"})
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["title"] == "Not found"
    assert response.json()["instance"] == path


def test_signing_in_without_the_cache_is_a_503(client, settings):
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/1"}}
    response = client.post("/accounts/login/", {"login": "13800138000"})
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "30"
    assert b"<title>" in response.content


def test_a_crash_under_the_api_is_a_problem():
    response = errors.server_error(RequestFactory().get("/api/v1/cars/"))
    assert response.status_code == 500
    assert response.headers["Content-Type"] == "application/problem+json"
