"""The private calendar feed of an advisor."""

import re

import pytest
from django.core.cache import cache
from icalendar import Calendar

from dealers import services
from dealers.models import Appointment, Membership
from dealers.services.feeds import make_feed_token, revoke_feed
from o2o_platform.journal.models import SYSTEM
from tests import factories
from tests.dealers.drives import book, make_place, slots_of
from tests.desk.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make_place(cars=2, home_drive_radius_km=50)


@pytest.fixture
def membership(place) -> Membership:
    return factories.make_member(place[0], language="en").memberships.get()


def events(client, token):
    answer = client.get(f"/calendar/{token}.ics")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    calendar = Calendar.from_ical(answer.content)
    assert calendar["METHOD"] == "PUBLISH"
    return calendar.walk("VEVENT")


def test_it_holds_the_advisors_drives_there_and_the_cancelled_ones(client, place, membership):
    token = make_feed_token(membership.pk)
    slots = slots_of(*place)
    mine = services.confirm(book(*place, slots[0]).pk, actor=SYSTEM, advisor=membership.user)
    off = services.confirm(book(*place, slots[4]).pk, actor=SYSTEM, advisor=membership.user)
    services.cancel(off.pk, actor=SYSTEM)
    other = factories.make_member(place[0])
    services.confirm(book(*place, slots[8]).pk, actor=SYSTEM, advisor=other)
    found = events(client, token)
    assert [(event["STATUS"], event["SEQUENCE"]) for event in found] == [("CONFIRMED", 0), ("CANCELLED", 1)]
    assert found[0].decoded("DTSTART") == mine.starts_at
    assert found[0]["DTSTART"].params["TZID"] == "Asia/Shanghai"


def test_of_the_buyer_it_says_the_name_and_the_end_of_the_phone(client, place, membership):
    buyer = factories.make_buyer(name="Wang Fang", email="wang@example.com")
    home = services.Home("7 Secret Lane", 38.9, 115.5)
    drive = book(*place, slots_of(*place)[3], buyer, home=home, note="call my wife")
    services.confirm(drive.pk, actor=SYSTEM, advisor=membership.user)
    body = client.get(f"/calendar/{make_feed_token(membership.pk)}.ics").content.decode().replace("\r\n ", "")
    assert f"Wang Fang …{str(buyer.phone)[-4:]}" in body
    for secret in (str(buyer.phone), "wang@example.com", "Secret Lane", "call my wife"):
        assert secret not in body


def test_replaced_revoked_and_unknown_addresses_are_not_found(client, membership):
    old = make_feed_token(membership.pk)
    new = make_feed_token(membership.pk)
    assert len(new) == 43
    assert client.get(f"/calendar/{old}.ics").status_code == 404
    assert events(client, new) == []
    assert revoke_feed(membership.pk)
    assert not revoke_feed(membership.pk)
    for token in (new, "x" * 43, "short"):
        assert client.get(f"/calendar/{token}.ics").status_code == 404
    stored = Membership.objects.get(pk=membership.pk).calendar_digest
    assert stored is None


def test_only_a_digest_is_kept(membership):
    token = make_feed_token(membership.pk)
    stored = Membership.objects.get(pk=membership.pk).calendar_digest
    assert re.fullmatch("[0-9a-f]{64}", stored)
    assert token not in stored


@pytest.mark.parametrize("change", ["membership", "role", "person", "house"])
def test_it_ends_with_the_membership(client, membership, change):
    token = make_feed_token(membership.pk)
    row, field, value = {
        "membership": (membership, "is_active", False),
        "role": (membership, "role", "finance"),
        "person": (membership.user, "is_active", False),
        "house": (membership.dealership, "is_active", False),
    }[change]
    type(row).objects.filter(pk=row.pk).update(**{field: value})
    assert client.get(f"/calendar/{token}.ics").status_code == 404


def test_guessing_is_slowed_down(client, membership):
    cache.clear()
    answers = [client.get(f"/calendar/{'x' * 43}.ics").status_code for _ in range(62)]
    assert answers[0] == 404
    assert answers[-1] == 429
    cache.clear()


def test_the_advisor_makes_and_ends_the_address_at_the_desk(client, membership):
    advisor = signed_in(membership.user)
    url = "/admin/dealers/appointment/calendar/"
    assert url in advisor.get("/admin/dealers/appointment/").content.decode()
    page = advisor.post(url, {"membership": membership.pk, "make": ""}).content.decode()
    token = re.search(r"/calendar/([\w-]{43})\.ics", page).group(1)
    assert events(client, token) == []
    assert token not in advisor.get(url).content.decode()
    advisor.post(url, {"membership": membership.pk, "revoke": ""})
    assert client.get(f"/calendar/{token}.ics").status_code == 404


def test_nobody_makes_an_address_for_another(membership):
    manager = signed_in(factories.make_member(membership.dealership, role="manager"))
    answer = manager.post("/admin/dealers/appointment/calendar/", {"membership": membership.pk, "make": ""})
    assert answer.status_code == 404
    assert Membership.objects.get(pk=membership.pk).calendar_digest is None


def test_a_no_show_is_not_called_off_in_a_calendar(place, membership, time_machine):
    from dealers.calendar import calendar_file

    drive = services.confirm(book(*place, slots_of(*place)[0]).pk, actor=SYSTEM, advisor=membership.user)
    time_machine.move_to(drive.ends_at)
    services.mark_no_show(drive.pk, actor=SYSTEM)
    calendar = Calendar.from_ical(calendar_file(Appointment.objects.get(pk=drive.pk)))
    assert calendar["METHOD"] == "REQUEST"
