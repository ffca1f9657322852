"""Waiting through API v1 for a car that is not offered in one's city yet."""

import datetime as dt

import pytest
from rest_framework.test import APIClient

from catalog.models import CityRelease
from orders import limits
from orders.models import InterestRequest
from tests.factories import make_buyer, make_city, make_market, make_trim, make_unit

pytestmark = pytest.mark.django_db
PATH = "/api/v1/interests/"
ALWAYS = (dt.date(2010, 1, 1), None)


@pytest.fixture
def trim():
    """Offered in Shanghai alone."""
    trim = make_unit().trim
    shanghai = make_city("shanghai")
    CityRelease.objects.create(market=shanghai.market, trim=trim, city=shanghai, validity=ALWAYS)
    return trim


def ask(api: APIClient, trim, city: str = "baoding"):
    make_city()
    return api.post(PATH, {"trim": trim.code, "city": city}, format="json")


def test_asked_listed_and_withdrawn(api, trim):
    answer = ask(api, trim)
    told = answer.json()
    assert (answer.status_code, told["trim"], told["city"], told["told_at"]) == (201, trim.code, "baoding", None)
    assert ask(api, trim).json() == told
    assert api.get(PATH).json()["results"] == [told]
    assert api.delete(f"{PATH}{told['id']}/").status_code == 204
    assert api.delete(f"{PATH}{told['id']}/").status_code == 404
    assert not InterestRequest.objects.exists()


def test_what_is_offered_already_is_ordered_not_waited_for(api, trim):
    answer = ask(api, trim, "shanghai")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_offered")


def test_one_person_waits_for_so_many_cars(api, trim, monkeypatch):
    monkeypatch.setattr("orders.services.interest.MOST_OPEN", 0)
    answer = ask(api, trim)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_interests")


@pytest.mark.parametrize("body", [{"trim": "none", "city": "baoding"}, {"city": "none"}, {"city": "berlin"}])
def test_a_car_or_city_that_is_not_there_is_not_found(api, trim, body):
    """Berlin's market is not open."""
    make_city("berlin", market=make_market("DE"))
    assert api.post(PATH, {"trim": trim.code} | body, format="json").status_code == 404


def test_an_unpublished_car_is_not_found(api, trim):
    trim.is_published = False
    trim.save()
    assert ask(api, trim).status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"trim": "a\x00", "city": "b"}, {"trim": [], "city": {}}, [], "x", {"city": "a b"}]
)
def test_what_can_not_be_read_is_refused(api, body):
    assert api.post(PATH, body, format="json").status_code == 400


def test_asked_too_often_is_429_counted_with_the_page(api, buyer, trim, monkeypatch):
    monkeypatch.setattr(limits, "INTERESTS", ("interest-test", 2, 3600))
    assert limits.is_within(limits.INTERESTS, buyer.pk)
    assert ask(api, trim).status_code == 201
    refused = ask(api, trim)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert api.get(PATH).status_code == 200


def test_others_see_nothing_of_it(api, trim):
    number = ask(api, trim).json()["id"]
    other = APIClient()
    assert other.get(PATH).status_code == 403
    assert ask(other, trim).status_code == 403
    other.force_authenticate(make_buyer())
    assert other.get(PATH).json()["results"] == []
    assert other.delete(f"{PATH}{number}/").status_code == 404
    assert InterestRequest.objects.count() == 1


def test_the_list_takes_a_few_queries_whatever_its_length(api, buyer, django_assert_max_num_queries):
    for _ in range(12):
        InterestRequest.objects.create(buyer=buyer, trim=make_trim(), city=make_city())
    with django_assert_max_num_queries(3):
        assert len(api.get(PATH).json()["results"]) == 12
