"""Waiting rooms at the desk: platform staff watch the line and change how fast it moves; dealerships see none of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from o2o_platform.waiting import services
from o2o_platform.waiting.models import Gate, Place
from tests.factories import make_buyer, make_dealership, make_member, make_staff

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}
LIST = "/admin/waiting/gate/"


@pytest.fixture
def gate() -> Gate:
    """Two inside, one gone, three in line."""
    gate = Gate.objects.create(name="festival", opens_at=timezone.now() - timedelta(minutes=1), capacity=2)
    people = [make_buyer().pk for _ in range(6)]
    for person in people:
        services.join(gate, person_id=person)
    services.call_next(gate.pk)
    first = Place.objects.filter(called_at__isnull=False).first()
    services.use_pass(gate.pk, person_id=first.person_id)
    services.call_next(gate.pk)
    return gate


@pytest.fixture
def staff(client):
    client.force_login(make_staff())


def test_the_list_shows_how_it_stands(client, staff, gate):
    page = client.get(LIST, headers=EN)
    row = page.context["cl"].queryset.get()
    assert (row.people_in_line, row.people_inside, row.people_gone) == (3, 2, 1)
    assert "open" in page.content.decode()


def test_a_line_nobody_tends_is_marked(client, staff, gate):
    Gate.objects.update(opens_at=timezone.now() - timedelta(hours=1), looked_at=timezone.now() - timedelta(minutes=5))
    assert "is the worker running?" in client.get(LIST, headers=EN).content.decode()


def test_how_many_go_in_can_be_changed_while_people_wait_and_the_opening_not(client, staff, gate):
    page = f"{LIST}{gate.pk}/change/"
    assert client.get(page, headers=EN).status_code == 200
    changed = {
        "capacity": 5,
        "pass_minutes": 3,
        "closes_at_0": "",
        "closes_at_1": "",
        "name": "other",
        "reason": "rush",
    }
    assert client.post(page, changed, headers=EN).status_code == 302
    gate.refresh_from_db()
    assert (gate.capacity, gate.pass_minutes, gate.name) == (5, 3, "festival")
    assert services.call_next(gate.pk) == 3


def test_the_form_for_a_new_one_opens(client, staff):
    assert client.get(f"{LIST}add/", headers=EN).status_code == 200


def test_dealerships_see_none_of_it(client, gate):
    client.force_login(make_member(make_dealership(), role="manager"))
    assert client.get(LIST, headers=EN).status_code == 403
