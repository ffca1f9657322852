import json

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import translation
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from o2o_platform.interface import problems
from o2o_platform.interface.pagination import Page
from o2o_platform.journal.services import WrongState
from o2o_platform.markets.models import City
from tests.factories import make_city


class OutOfCoffee(Exception):
    """A domain exception of this test."""


class OutOfBeans(OutOfCoffee):
    """One that inherits its answer."""


class Line(serializers.Serializer):
    amount = serializers.DecimalField(max_digits=5, decimal_places=2)


class Basket(serializers.Serializer):
    name = serializers.CharField(max_length=5)
    lines = Line(many=True)

    def validate_name(self, name: str) -> str:
        return name


def answer(error: Exception, method: str = "get", language: str = "en"):
    class View(APIView):
        authentication_classes = permission_classes = throttle_classes = ()

        def get(self, request):
            raise error

    request = getattr(APIRequestFactory(), method)("/api/v1/cars/")
    with translation.override(language):
        response = View.as_view()(request)
        response.render()
    return response


def body_of(response) -> dict:
    assert response.headers["Content-Type"] == "application/problem+json"
    return json.loads(response.content)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "forbidden"),
        (exceptions.NotFound(), 404, "not_found"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.NotAuthenticated(), 403, "not_authenticated"),
        (exceptions.UnsupportedMediaType("text/x"), 415, "unsupported_media_type"),
    ],
)
def test_errors_become_problems(error, status, code):
    response = answer(error)
    body = body_of(response)
    assert response.status_code == body["status"] == status
    assert body["code"] == code
    assert body["type"].endswith(f"/api/problems/{code.replace('_', '-')}")
    assert body["title"]
    assert body["instance"] == "/api/v1/cars/"


def test_invalid_values_carry_pointers():
    basket = Basket(data={"name": "too long", "lines": [{"amount": "1.00"}, {"amount": "x"}], "a/b": 1})
    assert not basket.is_valid()
    body = body_of(answer(exceptions.ValidationError(basket.errors)))
    assert body["status"] == 400
    assert {error["pointer"] for error in body["errors"]} == {"/name", "/lines/1/amount"}
    assert all(error["detail"] for error in body["errors"])


def test_errors_of_the_whole_have_an_empty_pointer():
    body = body_of(answer(exceptions.ValidationError({"non_field_errors": ["Not together."], "a/b": ["No."]})))
    assert body["errors"] == [{"pointer": "", "detail": "Not together."}, {"pointer": "/a~1b", "detail": "No."}]
    plain = body_of(answer(exceptions.ValidationError("No.")))
    assert plain["errors"] == [{"pointer": "", "detail": "No."}]


def test_throttling_says_when_to_come_back():
    response = answer(exceptions.Throttled(wait=17))
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "17"
    assert body_of(response)["code"] == "throttled"


def test_a_wrong_method_names_the_right_ones():
    response = answer(Http404(), method="delete")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert body_of(response)["code"] == "method_not_allowed"


def test_domain_exceptions_are_told_as_registered(monkeypatch):
    monkeypatch.setattr(problems, "_registry", {})
    problems.register(OutOfCoffee, 409, "out_of_coffee")
    for error in (OutOfCoffee("No more today."), OutOfBeans("No more today.")):
        body = body_of(answer(error))
        assert (body["status"], body["code"], body["detail"]) == (409, "out_of_coffee", "No more today.")


def test_a_wrong_state_is_a_conflict():
    body = body_of(answer(WrongState(City(), "open")))
    assert (body["status"], body["code"]) == (409, "wrong_state")
    assert body["detail"]


def test_an_unknown_exception_stays_a_crash():
    with pytest.raises(ZeroDivisionError):
        answer(ZeroDivisionError())


@pytest.mark.django_db
def test_lists_are_paged_by_cursor():
    for number in range(105):
        make_city(f"city-{number}")

    class View(APIView):
        authentication_classes = permission_classes = throttle_classes = ()

        def get(self, request):
            page = Page()
            rows = page.paginate_queryset(City.objects.all(), request, view=self)
            return page.get_paginated_response([row.pk for row in rows])

    def get(path: str) -> Response:
        return View.as_view()(APIRequestFactory().get(path)).data

    first = get("/")
    assert len(first["results"]) == 20
    assert first["results"] == sorted(first["results"], reverse=True)
    second = get(first["next"])
    assert not set(first["results"]) & set(second["results"])
    assert len(get("/?page_size=1000")["results"]) == 100
