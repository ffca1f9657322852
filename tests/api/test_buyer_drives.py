"""Test drives by the buyer's API: at the dealership, and at home."""

import datetime as dt

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from dealers.models import Appointment, DealerChange
from tests.dealers.drives import make_place
from tests.factories import make_buyer

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make_place(home_drive_radius_km=20, home_drive_buffer_minutes=60)


@pytest.fixture
def api() -> APIClient:
    client = APIClient(headers={"Accept-Language": "en"})
    client.force_authenticate(make_buyer())
    return client


def first_slot(api: APIClient, house, **query: str) -> str:
    dealership, trim = house
    day = timezone.now().astimezone(dealership.zone).date() + dt.timedelta(days=1)
    slots = api.get(
        f"/api/v1/dealerships/{dealership.code}/slots/", {"trim": trim.code, "day_from": day, "days": 1, **query}
    )
    return slots.json()[0]["starts_at"]


def ask(api: APIClient, place, starts_at: str, **more):
    dealership, trim = place
    body = {"dealership": dealership.code, "trim": trim.code, "starts_at": starts_at, **more}
    return api.post("/api/v1/appointments/", body, format="json", headers={"Idempotency-Key": "drive-1"})


def near(place) -> dict:
    return {"address": "7 Willow Lane", "latitude": place[0].latitude, "longitude": place[0].longitude}


def test_a_drive_at_home_and_its_dealership_knows_where(api, place):
    starts_at = first_slot(api, place, place="home")
    assert starts_at > first_slot(api, place)
    answer = ask(api, place, starts_at, home=near(place))
    assert (answer.status_code, answer.json()["place"]) == (201, "home")
    told = DealerChange.objects.get().body["data"]["appointment"]
    assert (told["place"], told["address"]) == ("home", "7 Willow Lane")


def test_too_far_away_is_refused_in_words(api, place):
    starts_at = first_slot(api, place, place="home")
    answer = ask(api, place, starts_at, home=near(place) | {"latitude": place[0].latitude + 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "drive_refused")
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("home", [{}, {"address": "x"}, {"address": "x", "latitude": 91, "longitude": 0}, "home", []])
def test_half_a_home_is_a_400(api, place, home):
    answer = ask(api, place, first_slot(api, place), home=home)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
