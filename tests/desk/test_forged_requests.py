"""Whatever a request to the admin claims, the answer is a page or a refusal, never a failure."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse

from tests import factories

from .conftest import make_house, signed_in

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label_lower)
QUERIES = (
    "p=99999999999",
    "p=-1",
    "p=x",
    "o=99",
    "o=-1.2.x",
    "o=.",
    "foo__bar=1",
    "status__exact=x",
    "id__in=1,x",
    "pk=x",
    "id=99999999999999999999999",
    "dealership__id__exact=x",
    "dealership__id__exact=99999999999999999999999",
    "dealership__isnull=maybe",
    "market__code__exact=%F0%9F%9A%97",
    "is_active__exact=2",
    "e=1",
    "q=%00",
    "q=%22'%5C%25_",
    "q=" + "x" * 3000,
    "_to_field=password",
    "_popup=1&_to_field=foo",
    "all=",
    "_facets=1",
)
KEYS = ("x", "0", "-1", "99999999999999999999999", "1_2F", "%C3%A9", "_", "1.5")
TYPES = ("application/json", "text/plain", "multipart/form-data", "application/octet-stream", "")


def address(model, page: str, *args: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


ROLES = ("advisor", "manager", "platform")


def share(client, number: int, items: tuple) -> list:
    """A third of the items, another for each role and model: all pairs are asked once, by one of the three."""
    return [item for index, item in enumerate(items) if (index + number + ROLES.index(client.role)) % 3 == 0]


@pytest.fixture(params=ROLES)
def client(request):
    house = make_house()
    person = factories.make_staff("platform") if request.param == "platform" else getattr(house, request.param)
    client = signed_in(person)
    client.raise_request_exception = True
    client.house, client.role = house, request.param
    return client


def test_lists(client):
    for number, model in enumerate(MODELS):
        for query in share(client, number, QUERIES):
            answer = client.get(f"{address(model, 'changelist')}?{query}")
            assert answer.status_code < 500, (model, query)


def test_keys(client):
    for number, model in enumerate(MODELS):
        for key in share(client, number, KEYS):
            for page in ("change", "delete", "history"):
                for send in (client.get, client.post):
                    assert send(address(model, page, key)).status_code < 500, (model, page, key)


def test_verbs(client):
    junk = {"reason_code": "zz", "reason": "x" * 5000, "code": "9" * 50, "amount": "NaN", "next": "//elsewhere"}
    for model, keeper in admin.site._registry.items():
        names = [verb.name for verb in getattr(keeper, "all_verbs", list)()]
        if not names:
            continue
        row = client.house.rows.get(model._meta.label_lower) or model._default_manager.first()
        own = str(row.pk) if row else "1"
        for name in (*names, "nothing"):
            for key in (*KEYS, own):
                target = address(model, "changelist") + f"{key}/do/{name}/"
                assert client.get(target, {"next": "javascript:x"}).status_code < 500, target
                if key != own or name != "test":
                    assert client.post(target, junk).status_code < 500, target


def test_bodies(client):
    for number, model in enumerate(MODELS):
        target = address(model, "changelist")
        for kind in share(client, number, TYPES):
            for body in (b"", b"{", b"\xff\xfe", b"action=delete_selected&_selected_action=x"):
                for url in (target, target + "add/"):
                    assert client.generic("POST", url, body, content_type=kind).status_code < 500, (url, kind, body)
        for data in (
            {"action": "nothing", "_selected_action": ["x", "0"]},
            {"action": "delete_selected", "_selected_action": ["x", "99999999999999999999"], "post": "yes"},
            {"action": "delete_selected", "index": "x"},
            {"form-TOTAL_FORMS": "x", "_save": "1"},
        ):
            assert client.post(target, data).status_code < 500, (target, data)


def test_autocomplete_of_anything(client):
    for model in MODELS:
        for field in (*model._meta.get_fields(include_hidden=True), "nothing"):
            name = getattr(field, "name", field)
            query = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": name}
            for more in ({}, {"term": "x", "page": "2"}, {"page": "x"}, {"page": "99999999999999999999"}):
                assert client.get(reverse("admin:autocomplete"), query | more).status_code < 500, (query, more)
    assert client.get(reverse("admin:autocomplete")).status_code == 403


def test_a_reverse_relation_has_no_choices():
    client = signed_in(factories.make_staff("platform"))
    query = {"app_label": "dealers", "model_name": "dealership", "field_name": "orders"}
    assert client.get(reverse("admin:autocomplete"), query).status_code == 403


@pytest.mark.parametrize(
    ("label", "column"),
    [
        ("orders_order", "handover_code"),
        ("orders_order", "idempotency_key"),
        ("dealers_endpoint", "secret"),
        ("dealers_dealerkey", "hashed_key"),
        ("accounts_user", "password"),
    ],
)
def test_what_is_not_shown_can_not_be_guessed_by_a_filter(client, label, column):
    for lookup in (column, f"{column}__startswith", f"{column}__gt"):
        answer = client.get(reverse(f"admin:{label}_changelist"), {lookup: "1"})
        assert answer.status_code in (302, 400, 403)
