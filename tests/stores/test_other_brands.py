"""In a shop of one brand nothing of another is shown, booked, kept or claimed; the marketplace has it all."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from catalog.models import SavedCar, SavedSearch
from dealers.models import Appointment, WaitingEntry
from orders.models import Quote
from tests.desk.conftest import make_drive
from tests.factories import make_buyer, make_demo_car, make_order, make_trade_in, make_unit
from tests.orders.quotes import claimed_quote, make_quote
from tests.stores.shops import make_car, make_store

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def ours():
    return make_car("Haval", "H2")


@pytest.fixture
def theirs():
    return make_car("Geely", "Emgrand")


@pytest.fixture
def store(ours):
    return make_store(ours)


@pytest.fixture
def buyer(client):
    buyer = make_buyer()
    client.force_login(buyer)
    return buyer


def status(client, path: str) -> tuple[int, int]:
    """On the marketplace and in the shop."""
    return tuple(client.get(f"{start}{path}", headers=ENGLISH).status_code for start in ("", "/stores/haval"))


@pytest.mark.parametrize("kind", ["drive", "waiting", "trade-in", "quote"])
def test_what_a_buyer_has_of_another_brand_stays_on_the_marketplace(client, store, ours, theirs, buyer, kind):
    for unit in (ours, theirs):
        path, words = KINDS[kind](unit, buyer)
        in_shop = 200 if unit is ours else 404
        assert status(client, path) == (200, in_shop)
        garages = [client.get(f"{start}/garage/", headers=ENGLISH).content.decode() for start in ("", "/stores/haval")]
        assert [words in page for page in garages] == [True, unit is ours], words


def _drive(unit, buyer) -> tuple[str, str]:
    starts_at = timezone.now().replace(microsecond=0) + dt.timedelta(days=3 + unit.pk % 5)
    drive = make_drive(unit.dealership, starts_at=starts_at, status="confirmed", trim=unit.trim, buyer=buyer)
    return f"/test-drives/{drive.reference}/", f"/test-drives/{drive.reference}/"


def _waiting(unit, buyer) -> tuple[str, str]:
    day = timezone.localdate() + dt.timedelta(days=4)
    entry = WaitingEntry.objects.create(dealership=unit.dealership, buyer=buyer, trim=unit.trim, day=day)
    return f"/test-drives/waiting/{entry.pk}/", f"/test-drives/waiting/{entry.pk}/"


def _trade_in(unit, buyer) -> tuple[str, str]:
    trade_in = make_trade_in(unit.dealership, buyer)
    return f"/trade-in/{trade_in.reference}/", f"/trade-in/{trade_in.reference}/"


def _quote(unit, buyer) -> tuple[str, str]:
    quote = claimed_quote(buyer, unit)
    return f"/quotes/{quote.token}/", f"/quotes/{quote.token}/"


KINDS = {"drive": _drive, "waiting": _waiting, "trade-in": _trade_in, "quote": _quote}


def test_saved_cars_and_searches_in_a_shop_are_the_brands(client, store, ours, theirs, buyer):
    for unit in (ours, theirs):
        SavedCar.objects.create(user=buyer, trim=unit.trim, market=unit.market)
    for query in ("?brand=geely", "?brand=haval", "?body=suv"):
        SavedSearch.objects.create(user=buyer, market=ours.market, query=query)
    marketplace, shop = (client.get(f"{at}/garage/", headers=ENGLISH) for at in ("", "/stores/haval"))
    assert len(_section(marketplace, "saved-cars")["cars"]) == 2
    assert [kept.saved.trim for kept in _section(shop, "saved-cars")["cars"]] == [ours.trim]
    assert len(_section(marketplace, "saved-searches")["searches"]) == 3
    assert {kept.saved.query for kept in _section(shop, "saved-searches")["searches"]} == {"?brand=haval", "?body=suv"}


def _section(answer, name: str) -> dict:
    return next(section["context"] for section in answer.context["sections"] if section["name"] == name)


def test_another_brands_car_is_neither_kept_nor_forgotten_in_a_shop(client, store, theirs, buyer):
    answer = client.post("/stores/haval/saved/cars/", {"trim": theirs.trim.code}, headers=ENGLISH, follow=True)
    assert "no longer on offer" in answer.content.decode()
    assert not SavedCar.objects.exists()
    kept = SavedCar.objects.create(user=buyer, trim=theirs.trim, market=theirs.market)
    assert client.post(f"/stores/haval/saved/cars/{kept.pk}/", {"do": "delete"}).status_code == 404
    assert client.post(f"/saved/cars/{kept.pk}/", {"do": "delete"}).status_code == 302


def test_another_brands_car_is_not_driven_compared_or_shared_in_a_shop(client, store, ours, theirs, buyer):
    for unit in (ours, theirs):
        make_demo_car(unit.dealership, unit.trim)
        found = 200 if unit is ours else 404
        assert status(client, f"/test-drives/new/?trim={unit.trim.code}") == (200, found)
        assert status(client, f"/test-drives/new/?dealership={unit.dealership.code}") == (200, found)
        assert status(client, f"/dealerships/{unit.dealership.code}/") == (200, found)
        form = {"trim": unit.trim.code}
        assert client.post("/stores/haval/c/", form).status_code == (302 if unit is ours else 404)
        made = client.post("/c/", form).url
        assert status(client, made) == (200, found)
    page = client.get(f"/stores/haval/compare/?trim={ours.trim.code}&trim={theirs.trim.code}", headers=ENGLISH)
    assert [car.trim for car in page.context["page"].cars] == [ours.trim]


def test_a_house_of_two_brands_shows_a_shop_the_cars_of_one(client, store, ours, theirs):
    ours.dealership.brands.add(theirs.trim.vehicle_model.brand)
    make_unit(theirs.trim, ours.dealership)
    for unit in (ours, theirs):
        make_demo_car(ours.dealership, unit.trim)
    path = f"/dealerships/{ours.dealership.code}/"
    marketplace, shop = (client.get(f"{start}{path}", headers=ENGLISH).context for start in ("", "/stores/haval"))
    assert (marketplace["units"], shop["units"]) == (2, 1)
    assert (len(marketplace["cars"]), [trim for trim, _url in shop["cars"]]) == (2, [ours.trim])


def test_booking_and_claiming_by_a_form_are_refused_too(client, store, theirs, buyer):
    make_demo_car(theirs.dealership, theirs.trim)
    place = theirs.dealership.code
    query = f"?trim={theirs.trim.code}&dealership={place}&at=20991031T0145Z"
    assert client.post(f"/stores/haval/test-drives/new/{query}", {"key": uuid.uuid4()}).status_code == 404
    waiting = {"trim": theirs.trim.code, "dealership": place, "day": "2099-10-31"}
    assert client.post("/stores/haval/test-drives/waiting/", waiting).status_code == 404
    quote = make_quote(theirs)
    for verb in ("claim", "reserve"):
        assert client.post(f"/stores/haval/quotes/{quote.token}/{verb}/", {}).status_code == 404
    answer = client.post("/stores/haval/quotes/", {"code": quote.claim_code}, headers=ENGLISH)
    assert (answer.status_code, "No offer has this code now" in answer.content.decode()) == (422, True)
    assert client.post("/quotes/", {"code": quote.claim_code}).url == f"/quotes/{quote.token}/"
    assert client.post("/stores/haval/reserve/", {"unit": theirs.pk}).status_code == 404
    assert not Appointment.objects.exists()
    assert Quote.objects.get().buyer is None


def test_another_brands_order_is_not_paid_or_changed_in_a_shop(client, store, theirs, buyer):
    order = make_order(theirs, buyer)
    for path in ("pay/{}/", "orders/{}/cancel/", "orders/{}/state/", "orders/{}/test-drive/"):
        assert client.get(f"/stores/haval/{path.format(order.reference)}").status_code == 404, path
