"""A car not offered in the buyer's city: refused, asked for once, a lead when the city opens."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from catalog.models import CityRelease
from dealers.models import DealerChange, Endpoint
from o2o_platform.journal.models import Actor
from o2o_platform.outbox.models import Delivery
from orders import exceptions
from orders.models import InterestRequest, Order
from orders.services import sell_offline, tell_interested
from orders.services.interest import ask_interest
from tests.factories import make_buyer, make_city, make_dealership, make_member, make_order, make_terms, make_unit
from tests.orders.pages import fill_reserve

pytestmark = pytest.mark.django_db
OPEN = DateRange(dt.date(2020, 1, 1), None)


@pytest.fixture(autouse=True)
def terms():
    cache.clear()
    return make_terms()


@pytest.fixture
def baoding():
    return make_city()


@pytest.fixture
def beijing():
    return make_city("beijing", name="Beijing", name_local="北京", latitude=39.9, longitude=116.4)


@pytest.fixture
def unit(baoding):
    """A car offered in Baoding only."""
    unit = make_unit()
    CityRelease.objects.create(market=unit.market, trim=unit.trim, city=baoding, validity=OPEN)
    return unit


@pytest.fixture
def buyer(client):
    buyer = make_buyer(email="li@example.com")
    client.force_login(buyer)
    client.cookies["django_language"] = "en"
    return buyer


def open_city(unit, city, validity=OPEN):
    return CityRelease.objects.create(market=unit.market, trim=unit.trim, city=city, validity=validity)


def test_it_is_ordered_from_its_city_and_the_order_keeps_it(unit, baoding):
    order = make_order(unit, city_id=baoding.pk)
    order.refresh_from_db()
    assert order.city == baoding


def test_another_city_is_refused_and_nothing_is_written(unit, beijing):
    with pytest.raises(exceptions.NotOfferedHere, match=r"Baoding|保定") as refused:
        make_order(unit, city_id=beijing.pk)
    assert len(refused.value.cities) == 1
    assert not Order.objects.exists()


def test_without_a_city_it_is_asked_for(unit):
    with pytest.raises(exceptions.CityNeeded):
        make_order(unit)


def test_a_key_sent_again_finds_its_order_though_the_city_has_closed(unit, baoding):
    buyer = make_buyer()
    first = make_order(unit, buyer, city_id=baoding.pk, idempotency_key="key-0000000000000001")
    CityRelease.objects.update(validity=DateRange(dt.date(2020, 1, 1), dt.date(2020, 2, 1)))
    assert make_order(unit, buyer, city_id=baoding.pk, idempotency_key="key-0000000000000001") == first


def test_the_showroom_sells_whatever_the_city(unit):
    CityRelease.objects.update(city=make_city("beijing", name="Beijing", name_local="北京"))
    member = make_member(unit.dealership)
    order = sell_offline(
        unit_id=unit.pk,
        dealership_id=unit.dealership_id,
        buyer=make_buyer(),
        buyer_name="Walk-in",
        actor=Actor.dealer(member),
    )
    assert order.status == "accepted"


def test_the_reserve_page_names_the_cities_and_offers_to_tell(client, buyer, unit, beijing):
    client.cookies["city"] = "beijing"
    page = client.get("/reserve/", {"unit": unit.pk}).content.decode()
    assert "Offered in Baoding only" in page
    assert "Tell me when it opens" in page
    client.cookies["city"] = "baoding"
    assert "Reserve and pay" in client.get("/reserve/", {"unit": unit.pk}).content.decode()


def test_a_form_kept_open_is_refused_after_moving(client, buyer, unit, beijing):
    client.cookies["city"] = "baoding"
    form = fill_reserve(client, {"unit": unit.pk})
    client.cookies["city"] = "beijing"
    answer = client.post("/reserve/", form)
    assert answer.status_code == 409
    assert "Offered in Baoding only" in answer.content.decode()
    assert not Order.objects.exists()


def test_the_page_asks_for_the_city_first(client, buyer, unit, baoding):
    page = client.get("/interest/", {"trim": unit.trim.code}).content.decode()
    assert 'name="city"' in page
    assert client.post("/interest/", {"trim": unit.trim.code}).status_code == 422


def test_the_pages_of_the_car_say_where(client, unit, beijing):
    client.cookies["django_language"] = "en"
    client.cookies["city"] = "beijing"
    model = unit.trim.vehicle_model
    for address in (f"/cars/{model.slug}/", f"/cars/{model.slug}/{unit.trim.code}/"):
        assert "Offered in Baoding only" in client.get(address).content.decode(), address


def test_where_it_cannot_be_ordered_the_next_step_is_to_hear_when_it_can(client, unit, beijing):
    client.cookies["django_language"] = "en"
    path = f"/cars/{unit.trim.vehicle_model.slug}/{unit.trim.code}/"
    ask, reserve = f'class="button" href="/interest/?trim={unit.trim.code}"', 'class="button" href="/reserve/'
    for city, is_elsewhere in (("beijing", True), ("", True), ("baoding", False)):
        client.cookies["city"] = city
        page = client.get(path).content.decode()
        assert (ask in page, reserve in page) == (is_elsewhere, not is_elsewhere), city


def test_asking_twice_is_one_request_shown_in_the_garage_and_withdrawn(client, buyer, unit, beijing):
    client.cookies["city"] = "beijing"
    for _ in range(2):
        assert client.post("/interest/", {"trim": unit.trim.code}).status_code == 303
    interest = InterestRequest.objects.get()
    assert (interest.buyer, interest.trim, interest.city) == (buyer, unit.trim, beijing)
    assert "Waiting for your city" in client.get("/garage/").content.decode()
    assert client.post(f"/interest/{interest.pk}/withdraw/").status_code == 303
    assert not InterestRequest.objects.exists()


def test_signed_out_asking_leads_to_signing_in(client, unit, beijing):
    client.cookies["city"] = "beijing"
    answer = client.post("/interest/", {"trim": unit.trim.code})
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/?next=/interest/")


@pytest.mark.parametrize("trim", ["", "no-such-car", "x" * 500])
def test_an_unknown_car_is_not_found(client, buyer, trim):
    assert client.get("/interest/", {"trim": trim}).status_code == 404
    assert client.post("/interest/", {"trim": trim}).status_code == 404


def test_what_is_offered_is_not_waited_for(client, buyer, unit, baoding):
    with pytest.raises(exceptions.AlreadyOffered):
        ask_interest(buyer=buyer, trim=unit.trim, city=baoding)
    client.cookies["city"] = "baoding"
    assert client.post("/interest/", {"trim": unit.trim.code}).status_code == 409


def test_one_person_waits_for_a_bounded_number(buyer, unit, beijing, monkeypatch):
    monkeypatch.setattr("orders.services.interest.MOST_OPEN", 1)
    other = make_city("tianjin", name="Tianjin", name_local="天津")
    ask_interest(buyer=buyer, trim=unit.trim, city=beijing)
    with pytest.raises(exceptions.TooManyInterests):
        ask_interest(buyer=buyer, trim=unit.trim, city=other)


def test_when_the_city_opens_buyer_and_nearest_dealership_are_told_once(buyer, unit, beijing):
    brand = unit.trim.vehicle_model.brand
    far = make_dealership(code="far", city=beijing, brands=[brand], latitude=40.4, longitude=116.4)
    near = make_dealership(code="near", city=beijing, brands=[brand], latitude=39.91, longitude=116.4)
    make_dealership(code="closed", city=beijing, brands=[brand], latitude=39.9, longitude=116.4, is_active=False)
    Endpoint.objects.create(dealership=near, kind="adf_email", email="crm@example.com")
    interest = ask_interest(buyer=buyer, trim=unit.trim, city=beijing)
    assert tell_interested() == 0
    open_city(unit, beijing)
    assert tell_interested() == 1
    assert tell_interested() == 0
    interest.refresh_from_db()
    assert interest.dealership == near
    assert interest.told_at is not None
    change = DealerChange.objects.get(topic="interest.opened")
    assert change.dealership == near != far
    assert change.body["data"]["interest"]["reference"] == f"I-{interest.pk:08d}"
    lead = Delivery.objects.get(topic="interest.opened")
    assert "<adf>" in lead.body
    assert 'interest=\\"buy\\"' in lead.body
    told = Delivery.objects.filter(topic="message.interest_opened")
    assert {row.channel for row in told} == {"email", "sms"}


def test_a_city_that_opens_later_is_not_told_early(buyer, unit, beijing):
    ask_interest(buyer=buyer, trim=unit.trim, city=beijing)
    open_city(unit, beijing, DateRange(timezone.now().date() + dt.timedelta(days=3), None))
    assert tell_interested() == 0


def test_a_city_without_a_dealership_tells_the_buyer_alone(buyer, unit, beijing):
    ask_interest(buyer=buyer, trim=unit.trim, city=beijing)
    CityRelease.objects.all().delete()
    assert tell_interested() == 1
    assert not DealerChange.objects.exists()
    assert Delivery.objects.filter(topic="message.interest_opened").exists()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_message_reads_in_both_languages(unit, beijing, language):
    buyer = make_buyer(email="wang@example.com", language=language)
    ask_interest(buyer=buyer, trim=unit.trim, city=beijing)
    open_city(unit, beijing)
    tell_interested()
    body = Delivery.objects.get(topic="message.interest_opened", channel="email").body
    assert ("北京" if language == "zh-hans" else "Beijing") in body


def test_the_api_names_what_is_missing(client, buyer, unit, beijing):
    body = {"unit": unit.pk, "buyer_name": "Li", "terms_version": "2026-1", "expected_total": None}
    body["terms_version"] = make_terms().version
    sent = {"content_type": "application/json", "headers": {"accept-language": "en"}}
    answers = [
        client.post("/api/v1/orders/", body | more, **sent | {"headers": {"Idempotency-Key": f"key-{number:016d}"}})
        for number, more in enumerate([{}, {"city": "beijing"}, {"city": "nowhere"}, {"city": "baoding"}])
    ]
    assert [answer.status_code for answer in answers] == [409, 409, 404, 201]
    assert [answer.json()["code"] for answer in answers[:2]] == ["city_needed", "not_offered_here"]
