"""Test drives through the dealership's own system."""

from datetime import timedelta

import pytest
import time_machine

from dealers.models import Appointment
from tests.api.dealer import BASE, system
from tests.dealers.drives import SHANGHAI_MORNING, book, make_place, slots_of
from tests.factories import make_dealership, make_member

DRIVES = f"{BASE}/appointments/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(SHANGHAI_MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def place():
    dealership, trim = make_place(cars=2)
    return dealership, trim, make_member(dealership, name="Wang Fang")


@pytest.fixture
def drive(place):
    dealership, trim, _advisor = place
    return book(dealership, trim, slots_of(dealership, trim)[0])


@pytest.fixture
def api(place):
    return system(place[0], scopes=["appointments"])


def act(api, drive, verb, body=None, **headers):
    return api.post(f"{DRIVES}{drive.reference}/{verb}/", body or {}, format="json", headers=headers)


def test_the_list_says_who_comes_and_when(api, drive):
    (row,) = api.get(DRIVES).json()["results"]
    assert (row["reference"], row["status"], row["advisor"]) == (drive.reference, "requested", None)
    assert row["buyer"] == {"name": drive.buyer.name, "phone": str(drive.buyer.phone), "email": ""}
    assert row["starts_at"].endswith("+08:00")
    assert api.get(f"{DRIVES}{drive.reference}/").json() == row


def test_the_list_is_filtered(api, drive):
    def found(**query) -> int:
        return len(api.get(DRIVES, query).json()["results"])

    assert found(status="requested") == 1
    assert found(status="done") == 0
    assert found(starts_from=drive.starts_at.isoformat()) == 1
    assert found(starts_before=drive.starts_at.isoformat()) == 0
    assert found(updated_since="2020-01-01T00:00:00Z") == 1
    assert found(updated_since="2099-01-01T00:00:00Z") == 0
    assert api.get(DRIVES, {"starts_from": "9" * 30}).status_code == 400


def test_confirming_names_an_advisor_or_takes_who_is_free(api, drive, place):
    (advisor,) = api.get(f"{BASE}/advisors/").json()
    assert advisor == {"id": place[2].pk, "name": "Wang Fang"}
    answer = act(api, drive, "confirm", {"advisor": advisor["id"]})
    assert (answer.status_code, answer.json()["status"], answer.json()["advisor"]) == (200, "confirmed", advisor)
    assert act(api, drive, "confirm").json()["code"] == "wrong_state"


@pytest.mark.parametrize("advisor", [0, -1, 2**63, "x", [], 99_999_999])
def test_a_stranger_can_not_be_named_as_advisor(api, drive, advisor):
    answer = act(api, drive, "confirm", {"advisor": advisor})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/advisor")


def test_another_dealerships_advisor_can_not_be_named(api, drive):
    stranger = make_member(make_dealership())
    assert act(api, drive, "confirm", {"advisor": stranger.pk}).status_code == 400


def test_declining_needs_a_reason(api, drive):
    assert act(api, drive, "decline", {"reason": " "}).status_code == 400
    assert act(api, drive, "decline", {"reason": "The car is at the workshop"}).json()["status"] == "declined"


def test_another_time_is_proposed(api, drive, place):
    later = slots_of(*place[:2])[3].starts_at
    answer = act(api, drive, "propose", {"starts_at": later.isoformat(), "reason": "A better car then"})
    assert (answer.status_code, answer.json()["status"]) == (200, "proposed")
    closed = (drive.starts_at + timedelta(hours=14)).isoformat()
    refused = act(api, drive, "propose", {"starts_at": closed})
    assert (refused.status_code, refused.json()["code"]) == (409, "drive_refused")
    assert act(api, drive, "propose", {"starts_at": "9999-12-31T23:59:59-23:59"}).status_code in (400, 409)


def test_the_day_itself(api, drive, morning):
    act(api, drive, "confirm")
    assert act(api, drive, "check-in", {"licence_checked": True}).status_code == 409
    morning.move_to(drive.starts_at)
    assert act(api, drive, "check-in", {"licence_checked": False}).status_code == 409
    assert act(api, drive, "check-in").status_code == 400
    checked_in = act(api, drive, "check-in", {"licence_checked": True}).json()
    assert (checked_in["status"], bool(checked_in["licence_checked_at"])) == ("checked_in", True)
    done = act(api, drive, "done", {"outcome": "quoted", "note": "Wants a tow bar"})
    assert (done.json()["status"], done.json()["outcome"]) == ("done", "quoted")


def test_who_does_not_come_is_a_no_show(api, drive, morning):
    act(api, drive, "confirm")
    assert act(api, drive, "no-show").status_code == 409
    morning.move_to(drive.starts_at + timedelta(minutes=30))
    assert act(api, drive, "no-show").json()["status"] == "no_show"


def test_after_two_missed_drives_a_manager_has_to_agree(api, drive):
    Appointment.objects.update(needs_approval=True)
    refused = act(api, drive, "confirm")
    assert (refused.status_code, refused.json()["code"]) == (409, "drive_refused")
    assert act(api, drive, "confirm", {"is_approved": True}).json()["status"] == "confirmed"


def test_a_key_sent_again_is_done_once(api, drive):
    first = act(api, drive, "confirm", **{"Idempotency-Key": "c-1"})
    assert act(api, drive, "confirm", **{"Idempotency-Key": "c-1"}).json() == first.json()
    assert drive.events.filter(name="confirmed").count() == 1


def test_another_dealership_neither_sees_nor_touches_it(drive):
    stranger = system(make_dealership())
    assert stranger.get(DRIVES).json()["results"] == []
    for verb, body in [
        ("confirm", {}),
        ("decline", {"reason": "no"}),
        ("propose", {"starts_at": "2027-05-13T10:00:00+08:00"}),
        ("check-in", {"licence_checked": True}),
        ("done", {}),
        ("no-show", {}),
    ]:
        assert act(stranger, drive, verb, body).status_code == 404
    drive.refresh_from_db()
    assert drive.status == "requested"


@pytest.mark.parametrize("many", [2, 9])
def test_the_list_takes_the_same_queries_whatever_its_length(place, api, many, django_assert_num_queries):
    for slot in slots_of(*place[:2], days=10)[: many * 3 : 3]:
        book(*place[:2], slot)
    with django_assert_num_queries(2):
        assert len(api.get(DRIVES).json()["results"]) == many
