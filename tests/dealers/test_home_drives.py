"""Test drives at the buyer's home: within the radius, and with the way there and back."""

import uuid
from datetime import timedelta

import pytest

from dealers.booking import format_moment
from dealers.exceptions import AddressMissing, NoHomeDrives, SlotTaken, TooFarFromHouse
from dealers.models import Appointment
from dealers.services import Home
from dealers.slots import free_slots
from tests import factories
from tests.dealers.drives import book, make_place, slots_of

pytestmark = pytest.mark.django_db
NEAR, FAR = Home("1 Lake Road", 38.95, 115.49), Home("1 Bund", 31.23, 121.47)


@pytest.fixture
def place():
    return make_place(home_drive_radius_km=20, home_drive_buffer_minutes=60)


def home_slots(place):
    dealership, trim = place
    day = slots_of(*place)[0].starts_at.date()
    return free_slots(dealership, trim.pk, day, 1, place="home")


def test_the_way_there_and_back_is_blocked(place):
    slot = home_slots(place)[1]
    drive = book(*place, slot, home=NEAR)
    assert (drive.place, drive.address, drive.latitude) == ("home", "1 Lake Road", 38.95)
    assert drive.blocked.lower == slot.starts_at - timedelta(minutes=60)
    assert drive.blocked.upper == slot.ends_at + timedelta(minutes=60 + 15)
    with pytest.raises(SlotTaken):
        book(*place, slot.starts_at + timedelta(minutes=90))


def test_nobody_leaves_before_the_house_opens_or_comes_back_after_it_closes(place):
    clocks = [f"{slot.starts_at:%H:%M}" for slot in home_slots(place)]
    assert (clocks[0], clocks[-1]) == ("10:30", "15:45")


def test_outside_the_radius_is_refused_in_words(place):
    with pytest.raises(TooFarFromHouse, match="20"):
        book(*place, home_slots(place)[0], home=FAR)
    with pytest.raises(TooFarFromHouse):
        book(*place, home_slots(place)[0], home=Home("x", float("nan"), 0.0))
    assert not Appointment.objects.exists()


def test_an_address_is_needed_and_not_every_house_comes(place):
    with pytest.raises(AddressMissing):
        book(*place, home_slots(place)[0], home=Home("  ", 38.9, 115.5))
    plain = make_place()
    with pytest.raises(NoHomeDrives):
        book(*plain, slots_of(*plain)[0], home=NEAR)


def url_of(place, slot) -> str:
    query = f"trim={place[1].code}&dealership={place[0].code}&place=home"
    return f"/test-drives/new/?{query}" + (f"&at={format_moment(slot.starts_at)}" if slot else "")


def form(**fields):
    return {"note": "", "key": uuid.uuid4(), "city": "baoding", "address": "1 Lake Road"} | fields


def test_the_page_offers_both_places_and_books_at_home(client, place):
    assert len(client.get(url_of(place, None)).context["places"]) == 2
    client.force_login(factories.make_buyer())
    url = url_of(place, home_slots(place)[1])
    assert b'name="address"' in client.get(url).content
    page = client.get(client.post(url, form()).url).content.decode()
    drive = Appointment.objects.get()
    assert drive.address == "1 Lake Road, 保定" or drive.address == "1 Lake Road, Baoding"
    assert (drive.latitude, drive.longitude) == (38.87, 115.46)
    assert "1 Lake Road" in page


def test_the_position_of_the_device_counts_instead_of_the_city(client, place):
    client.force_login(factories.make_buyer())
    url = url_of(place, home_slots(place)[1])
    answer = client.post(url, form(latitude="31.23", longitude="121.47"))
    assert answer.status_code == 409
    assert "20 公里" in answer.content.decode()
    assert b"1 Lake Road" in answer.content
    client.post(url, form(latitude="38.9", longitude="115.48"))
    assert Appointment.objects.get().latitude == 38.9


@pytest.mark.parametrize(
    "fields",
    [
        {"address": ""},
        {"address": "a\x00bcde"},
        {"city": "atlantis"},
        {"latitude": "nan", "longitude": "1"},
        {"latitude": "999", "longitude": "1"},
    ],
)
def test_bad_input_is_shown_and_books_nothing(client, place, fields):
    client.force_login(factories.make_buyer())
    assert client.post(url_of(place, home_slots(place)[1]), form(**fields)).status_code == 400
    assert not Appointment.objects.exists()


def test_a_house_that_stays_at_home_ignores_the_wish(client):
    plain = make_place()
    assert client.get(url_of(plain, slots_of(*plain)[0])).context["is_home"] is False
