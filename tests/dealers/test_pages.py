"""The buyer's pages, without JavaScript and with htmx."""

import uuid
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.urls import reverse

from dealers import checks, services
from dealers.booking import format_moment
from dealers.models import Appointment
from o2o_platform.journal.models import SYSTEM
from tests import factories
from tests.dealers.drives import book, make_place, slots_of

pytestmark = pytest.mark.django_db
BOOK = "/test-drives/new/"


@pytest.fixture
def place():
    dealership, trim = make_place()
    factories.make_member(dealership)
    return dealership, trim


@pytest.fixture
def query(place):
    dealership, trim = place
    return f"{BOOK}?trim={trim.code}&dealership={dealership.code}"


@pytest.fixture
def drive(place):
    return book(*place, slots_of(*place)[4])


def at(query, slot):
    return f"{query}&at={format_moment(slot.starts_at)}"


def test_dealerships_nearest_first(client, place):
    far = factories.make_dealership(latitude=31.2, longitude=121.5)
    client.cookies["city"] = quote("保定")
    places = client.get("/dealerships/").context["places"]
    assert [nearby.dealership for nearby, _open in places] == [place[0], far]
    assert places[0][0].distance_km < 5 < 700 < places[1][0].distance_km


def test_the_brand_narrows_the_list(client, place):
    factories.make_dealership()
    assert len(client.get("/dealerships/").context["places"]) == 2
    assert len(client.get("/dealerships/?brand=haval").context["places"]) == 1


def test_the_list_costs_the_same_for_many_dealerships(client, place, django_assert_max_num_queries):
    for _ in range(8):
        factories.make_dealership(brands=[place[1].vehicle_model.brand])
    with django_assert_max_num_queries(6):
        client.get("/dealerships/")


def test_the_list_is_paged_nearest_first(client, place):
    for number in range(30):
        factories.make_dealership(latitude=40 + number / 10, longitude=116, brands=[place[1].vehicle_model.brand])
    client.cookies["city"] = quote("保定")
    pages = [client.get(f"/dealerships/?brand=haval&page={number}") for number in (1, 2, 10**30, "x", "0")]
    assert [len(page.context["places"]) for page in pages] == [24, 7, 7, 24, 7]
    far = [nearby.distance_km for page in pages[:2] for nearby, _open in page.context["places"]]
    assert far == sorted(far)
    assert "brand=haval&amp;page=2" in pages[0].content.decode()


def test_a_dealership_shows_hours_stock_and_demo_cars(client, place):
    factories.make_unit(place[1], place[0])
    page = client.get(reverse("dealers:detail", args=[place[0].code])).content.decode()
    assert "09:00–18:00" in page
    assert place[1].code in page


@pytest.mark.parametrize(
    "path",
    [
        "/dealerships/nowhere/",
        f"{BOOK}?trim=none",
        f"{BOOK}?trim=99999999999999999999",
        f"{BOOK}?trim=%F0%9F%98%80",
        f"{BOOK}?dealership=none",
        "/test-drives/T00/",
    ],
)
def test_unknown_things_are_not_found(client, path, django_user_model):
    client.force_login(factories.make_buyer())
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "x", "2027-02-30", "2027-02-01T00:00"])
def test_absurd_days_are_bad_requests(client, query, day):
    assert client.get(f"{query}&day={day}").status_code == 400


@pytest.mark.parametrize("moment", ["0001-01-01T00:00Z", "99991231T2359Z", "x", "20270201T1000", "1" * 400])
def test_absurd_moments_are_bad_requests(client, query, moment):
    assert client.get(f"{query}&at={moment}").status_code == 400


def test_nul_is_refused(client, query, place):
    assert client.get(f"{query}&day=%00").status_code == 400
    buyer = factories.make_buyer()
    client.force_login(buyer)
    answer = client.post(at(query, slots_of(*place)[0]), {"note": "a\x00b", "key": uuid.uuid4()})
    assert answer.status_code == 400
    assert not buyer.appointments.exists()


def test_the_choice_of_dealership_names_the_car(client, place):
    sibling = factories.make_trim(place[1].vehicle_model)
    page = client.get(f"{BOOK}?trim={sibling.code}")
    assert [candidate.choice.match for candidate in page.context["candidates"]] == ["model"]


def test_days_switch_without_the_rest_of_the_page(client, query):
    whole = client.get(query).content
    part = client.get(query, headers={"HX-Request": "true", "HX-Target": "times"}).content
    assert b"<html" in whole
    assert b"<html" not in part
    assert b'id="times"' in part


def test_picking_a_time_costs_few_queries(client, query, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        client.get(query)


def test_sign_in_is_asked_for_last_and_keeps_the_choice(client, query, place):
    slot = slots_of(*place)[0]
    url = at(query, slot)
    page = client.get(url)
    assert page.status_code == 200
    answer = client.post(url, {})
    assert answer.status_code == 302
    assert quote(format_moment(slot.starts_at)) in answer.url
    assert answer.url.startswith(reverse("account_login"))


def test_booking_twice_with_one_form_books_once(client, query, place):
    buyer = factories.make_buyer()
    client.force_login(buyer)
    url, form = at(query, slots_of(*place)[0]), {"note": "child seat", "key": uuid.uuid4()}
    first = client.post(url, form)
    assert client.post(url, form).url == first.url
    assert buyer.appointments.get().note == "child seat"
    assert client.get(first.url).status_code == 200


def test_a_slot_taken_meanwhile_shows_what_is_left(client, query, place):
    slot = slots_of(*place)[0]
    book(*place, slot)
    client.force_login(factories.make_buyer())
    answer = client.post(at(query, slot), {"note": "", "key": uuid.uuid4()})
    assert answer.status_code == 409
    assert b'id="times"' in answer.content
    assert client.get(at(query, slot)).status_code == 409


def test_only_the_buyer_sees_a_test_drive(client, drive):
    paths = [reverse(f"dealers:{name}", args=[drive.reference]) for name in ("appointment", "calendar", "move")]
    for path in paths:
        assert client.get(path).status_code == 302
    client.force_login(factories.make_buyer())
    for path in paths:
        assert client.get(path).status_code == 404
    for name in ("accept", "cancel"):
        assert client.post(reverse(f"dealers:{name}", args=[drive.reference])).status_code == 404
    client.force_login(drive.buyer)
    for path in paths:
        assert client.get(path).status_code == 200


def test_changes_are_posts(client, drive):
    client.force_login(drive.buyer)
    for name in ("accept", "cancel"):
        assert client.get(reverse(f"dealers:{name}", args=[drive.reference])).status_code == 405


def test_the_buyer_moves_and_cancels(client, place, drive):
    client.force_login(drive.buyer)
    new = slots_of(*place)[-1]
    client.post(f"{reverse('dealers:move', args=[drive.reference])}?at={format_moment(new.starts_at)}")
    drive.refresh_from_db()
    assert drive.starts_at == new.starts_at
    client.post(reverse("dealers:cancel", args=[drive.reference]), {"reason": "Rain"})
    drive.refresh_from_db()
    assert drive.status == "cancelled"
    page = client.get(reverse("dealers:appointment", args=[drive.reference])).content.decode()
    assert "Rain" in page


def test_the_buyer_accepts_the_time_they_saw(client, drive):
    client.force_login(drive.buyer)
    services.propose(drive.pk, starts_at=drive.starts_at + timedelta(days=1), actor=SYSTEM)
    url = reverse("dealers:accept", args=[drive.reference])
    for stale in ("0", "", "9" * 30, "²"):
        client.post(url, {"sequence": stale})
    assert Appointment.objects.get(pk=drive.pk).status == "proposed"
    client.post(url, {"sequence": "1"})
    assert Appointment.objects.get(pk=drive.pk).status == "confirmed"


def test_the_garage_lists_test_drives(client, drive):
    client.force_login(drive.buyer)
    assert drive.reference in client.get(reverse("accounts:garage")).content.decode()


def test_integrity_holds_and_sees_a_change_without_an_event(drive):
    counts = [
        checks.count_shared_cars,
        checks.count_shared_advisors,
        checks.count_without_event,
        checks.count_wrong_last_event,
        checks.count_without_advisor,
    ]
    assert [count() for count in counts] == [0, 0, 0, 0, 0]
    Appointment.objects.filter(pk=drive.pk).update(status="confirmed")
    assert [count() for count in counts] == [0, 0, 0, 1, 1]
