"""The published schema is complete, and no request it allows, or almost allows, is a server error."""

import os

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error

from dealers.models import DealerKey
from tests.factories import make_buyer, make_terms, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(monkeypatch):
    """The application behind its WSGI door; the test's transaction keeps the connection open."""
    for signal in (request_started, request_finished):
        monkeypatch.setattr(signal, "receivers", [])
        signal.sender_receivers_cache.clear()
    return schemathesis.openapi.from_wsgi("/api/schema/?format=json", get_wsgi_application())


@pytest.fixture
def caller() -> dict[str, dict[str, str]]:
    """A signed-in buyer's cookies and a dealer system's key, so that requests get past the door."""
    unit = make_unit()
    make_terms()
    client = Client()
    client.force_login(make_buyer())
    token = "a" * 32
    cookies = {name: morsel.value for name, morsel in client.cookies.items()} | {"csrftoken": token}
    _key, text = DealerKey.objects.create_key(name="DMS", dealership=unit.dealership)
    return {"cookies": cookies, "headers": {"X-CSRFToken": token, "Authorization": f"Api-Key {text}"}}


def call(operation, caller: dict[str, dict[str, str]]) -> None:
    """25 requests to one operation, the same in every run."""

    @settings(max_examples=25, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def send(case) -> None:
        statuses.add(case.call_and_validate(checks=[not_a_server_error], **caller).status_code)

    statuses: set[int] = set()
    send()
    assert statuses - {401, 403, 429}, operation.label


def test_no_request_is_a_server_error(published, caller):
    operations = [result.ok() for result in published.get_all_operations()]
    assert len(operations) >= 20
    for operation in operations:
        call(operation, caller)


def test_every_path_of_v1_is_described():
    paths = Client().get("/api/schema/?format=json").json()["paths"]
    assert {
        "/api/v1/vehicles/",
        "/api/v1/stock/",
        "/api/v1/dealerships/{code}/slots/",
        "/api/v1/orders/",
        "/api/v1/orders/{reference}/deposit/",
        "/api/v1/appointments/",
        "/api/v1/dealer/orders/{reference}/acknowledge/",
        "/api/v1/dealer/orders/{reference}/payments/",
        "/api/v1/dealer/stock/",
        "/api/v1/dealer/stock/{vin}/",
        "/api/v1/dealer/appointments/{reference}/check-in/",
        "/api/v1/dealer/sales/",
        "/api/v1/dealer/changes/",
    } <= set(paths)


def test_the_schema_is_made_without_a_warning():
    call_command("spectacular", api_version="v1", validate=True, fail_on_warn=True, file=os.devnull)


def test_the_docs_ask_nothing_from_elsewhere():
    page = Client().get("/api/docs/").content.decode()
    assert "https://" not in page
    assert "http://" not in page


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "DELETE"])
def test_the_docs_answer_other_methods_with_405(method):
    assert Client().generic(method, "/api/docs/").status_code == 405
