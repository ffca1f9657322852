"""A campaign behind a waiting room: who may order, who is led there, and what a pass is worth."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Campaign
from o2o_platform.waiting.exceptions import NotYourTurn
from o2o_platform.waiting.models import Gate, Place
from o2o_platform.waiting.services import find_pass
from orders import exceptions
from orders.models import Order
from orders.services import gating
from tests.factories import make_buyer, make_order, make_terms, make_unit
from tests.orders.pages import fill_reserve
from tests.orders.quotes import claimed_quote, order_quote
from tests.rush.builders import let_in, make_rush

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh")]
EN = {"accept-language": "en"}


@pytest.fixture
def unit():
    return make_unit()


@pytest.fixture
def gate(unit) -> Gate:
    return make_rush(unit).gate


@pytest.fixture
def buyer(client):
    buyer = make_buyer()
    client.force_login(buyer)
    return buyer


def room_of(unit) -> str:
    return f"/queue/festival/?next=%2Freserve%2F%3Funit%3D{unit.pk}"


def test_without_a_pass_nothing_is_ordered(unit, gate):
    buyer = make_buyer()
    with pytest.raises(NotYourTurn):
        make_order(unit, buyer)
    assert not Order.objects.exists()
    unit.refresh_from_db()
    assert unit.availability == "available"


def test_leaving_the_campaign_out_is_no_way_round_the_room(unit, gate):
    with pytest.raises(NotYourTurn):
        make_order(unit, make_buyer(), campaign_id=None)


def test_a_pass_is_used_up_by_the_order(unit, gate):
    buyer = make_buyer()
    let_in(gate, buyer)
    make_order(unit, buyer, idempotency_key="first")
    assert find_pass(gate.pk, person_id=buyer.pk) is None
    with pytest.raises(NotYourTurn):
        make_order(make_unit(trim=unit.trim), buyer)
    # The same request again is the same order, with or without a pass.
    assert make_order(unit, buyer, idempotency_key="first") == Order.objects.get()


def test_a_refused_order_leaves_the_pass(unit, gate):
    buyer, other = make_buyer(), make_buyer()
    let_in(gate, buyer, other)
    make_order(unit, other)
    with pytest.raises(exceptions.OutOfStock):
        make_order(unit, buyer)
    assert find_pass(gate.pk, person_id=buyer.pk)


def test_a_pass_that_ran_out_is_none(unit, gate):
    buyer = make_buyer()
    let_in(gate, buyer)
    Place.objects.update(pass_until=timezone.now())
    with pytest.raises(NotYourTurn):
        make_order(unit, buyer)


def test_a_showrooms_quote_needs_no_pass(unit, gate):
    buyer = make_buyer()
    assert order_quote(claimed_quote(buyer, unit), buyer).channel == "offline_to_online"


@pytest.mark.parametrize("state", ["over", "planned", "unpublished", "closed", "other trim"])
def test_cars_nobody_waits_for_need_no_pass(unit, gate, state):
    now = timezone.now()
    changes = {
        "over": {"starts_at": now - timedelta(hours=2), "ends_at": now},
        "planned": {"starts_at": now + timedelta(minutes=5)},
        "unpublished": {"is_published": False},
    }
    Campaign.objects.update(**changes.get(state, {}))
    if state == "closed":
        Gate.objects.update(closes_at=now)
    gating.forget_gates()
    assert make_order(make_unit() if state == "other trim" else unit, make_buyer())


def test_the_page_leads_to_the_room_and_back(client, buyer, unit, gate):
    answer = client.get("/reserve/", {"unit": unit.pk})
    assert (answer.status_code, answer.url) == (303, room_of(unit))
    assert client.get(answer.url, headers=EN).status_code == 200
    let_in(gate, buyer)
    assert client.get(room_of(unit)).url == f"/reserve/?unit={unit.pk}"
    page = client.get("/reserve/", {"unit": unit.pk}, headers=EN).content.decode()
    assert "It is your turn until" in page


def test_by_trim_it_leads_there_too(client, buyer, unit, gate):
    choice = {"trim": unit.trim.code, "colour": unit.colour.code, "dealership": unit.dealership.code}
    assert client.get("/reserve/", choice).url.startswith("/queue/festival/?next=%2Freserve%2F%3Ftrim%3D")
    assert client.get("/reserve/", {"trim": "nothing"}).status_code == 404
    assert client.get("/reserve/", {"unit": "9" * 30}).status_code == 404


def test_strangers_sign_in_before_they_wait(client, unit, gate):
    answer = client.get("/reserve/", {"unit": unit.pk})
    assert answer.url == room_of(unit)
    assert client.get(answer.url).url.startswith("/accounts/login/?next=/queue/festival/%3Fnext%3D")


def test_a_submit_after_the_turn_leads_to_the_room_and_keeps_the_choice(client, buyer, unit, gate):
    let_in(gate, buyer)
    filled = fill_reserve(client, {"unit": unit.pk})
    Place.objects.update(pass_until=timezone.now())
    answer = client.post("/reserve/", filled)
    assert (answer.status_code, answer.url) == (303, room_of(unit))
    assert not Order.objects.exists()


def test_with_a_pass_one_orders_and_then_finds_the_order(client, buyer, unit, gate):
    let_in(gate, buyer)
    filled = fill_reserve(client, {"unit": unit.pk})
    order_page = client.post("/reserve/", filled)
    order = Order.objects.get()
    assert order_page.url == f"/pay/{order.reference}/"
    assert client.post("/reserve/", filled).url == f"/pay/{order.reference}/"
    assert client.get("/reserve/", {"unit": unit.pk}).url == f"/orders/{order.reference}/"


def test_the_api_says_that_it_is_not_ones_turn(unit, gate):
    buyer = make_buyer()
    api = APIClient(headers={"Accept-Language": "en"})
    api.force_authenticate(buyer)
    body = {"unit": unit.pk, "buyer_name": "Li Lei", "terms_version": make_terms().version}
    sent = {"data": body, "format": "json", "headers": {"Idempotency-Key": "one"}}
    refused = api.post("/api/v1/orders/", **sent)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_your_turn")
    let_in(gate, buyer)
    assert api.post("/api/v1/orders/", **sent).status_code == 201
    assert api.post("/api/v1/orders/", **sent).status_code == 201
    assert Order.objects.count() == 1


def test_pages_without_gates_ask_no_more_than_before(client, buyer, unit, django_assert_max_num_queries):
    gating.forget_gates()
    with django_assert_max_num_queries(13):
        client.get("/reserve/", {"unit": unit.pk})
