"""Endpoints and deliveries at the desk: who changes them, trying one, pausing it, sending again."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation
from django.utils.translation import gettext

from dealers.models import Endpoint
from dealers.services.endpoints import new_secret
from o2o_platform.notifications.models import DevelopmentMessage
from o2o_platform.outbox.models import Delivery
from tests import factories
from tests.outbox import peers

from .conftest import make_house, parked_delivery, signed_in


@pytest.fixture
def house():
    return make_house()


@pytest.fixture
def manager(house):
    return signed_in(house.manager)


@pytest.fixture
def endpoint(house, settings):
    settings.OUTBOX_ALLOW_LOOPBACK = True
    return Endpoint.objects.create(
        dealership=house.place, kind="webhook", url="https://crm.example.com/in", secret=new_secret()
    )


def page_of(client, endpoint):
    return client.get(f"/admin/dealers/endpoint/{endpoint.pk}/change/").content.decode()


def do(client, endpoint, verb, **data):
    return client.post(f"/admin/dealers/endpoint/{endpoint.pk}/do/{verb}/", data, follow=True)


def try_with(client, endpoint, answer, **fields):
    with peers.serve(answer) as peer:
        Endpoint.objects.filter(pk=endpoint.pk).update(**{"url": peer.url} | fields)
        page = do(client, endpoint, "test").content.decode()
    return page, peer


def test_a_test_message_shows_what_was_sent_and_what_came_back(manager, endpoint):
    answer = peers.reply("200 OK", headers="X-Receiver: DMS 7\r\n", body=b"thank <you>")
    page, peer = try_with(manager, endpoint, answer)
    head = peer.requests[0].partition(b"\r\n\r\n")[0].decode()
    signature = next(line for line in head.split("\r\n") if line.startswith("webhook-signature: "))
    assert signature.removeprefix("webhook-signature: ") in page
    assert "The test message arrived" in page
    assert all(shown in page for shown in (peer.url, "&quot;type&quot;:&quot;test&quot;", "X-Receiver", "DMS 7", " ms"))
    assert "thank &lt;you&gt;" in page
    assert endpoint.secret not in page


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (peers.reply("401 Unauthorized", body=b"bad signature"), ["did not take it", "401", "bad signature"]),
        (peers.reply("302 Found", headers="Location: /x\r\n"), ["redirects are not followed"]),
        (peers.hang_up, ["nobody answered", "RemoteDisconnected"]),
    ],
)
def test_a_failed_test_says_why(manager, endpoint, answer, words):
    page, _peer = try_with(manager, endpoint, answer)
    assert all(word in page for word in words)


def test_a_test_to_an_inside_address_says_that_it_is_refused(manager, endpoint, settings):
    settings.OUTBOX_ALLOW_LOOPBACK = False
    page, peer = try_with(manager, endpoint, peers.reply("200 OK"))
    assert "not public" in page
    assert peer.connections == 0


def test_a_410_in_a_test_turns_nothing_off(manager, endpoint):
    try_with(manager, endpoint, peers.reply("410 Gone"))
    endpoint.refresh_from_db()
    assert endpoint.is_enabled


def test_a_test_that_arrives_ends_a_rest(manager, endpoint):
    resting = {"failures": 8, "open_until": timezone.now() + timedelta(minutes=8)}
    try_with(manager, endpoint, peers.reply("500 Oops"), **resting)
    endpoint.refresh_from_db()
    assert endpoint.failures == 8
    try_with(manager, endpoint, peers.reply("200 OK"), **resting)
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.open_until) == (0, None)


def test_a_lead_is_tried_by_mail_too(house, manager, settings):
    settings.EMAIL_ADAPTER = "development"
    page = do(manager, house.rows["dealers.endpoint"], "test").content.decode()
    with translation.override("zh-hans"):
        assert gettext("Test message: nothing to do") in page
    assert "&lt;?adf version=&quot;1.0&quot;?&gt;" in page
    assert DevelopmentMessage.objects.get().to == house.rows["dealers.endpoint"].email


def test_paused_and_resumed(manager, endpoint):
    do(manager, endpoint, "pause")
    assert "Paused" in page_of(manager, endpoint)
    assert "paused already" in do(manager, endpoint, "pause").content.decode()
    do(manager, endpoint, "resume")
    endpoint.refresh_from_db()
    assert endpoint.paused_at is None


def test_a_rest_is_shown(manager, endpoint):
    Endpoint.objects.update(failures=7, open_until=timezone.now() + timedelta(minutes=4))
    page = page_of(manager, endpoint)
    assert "Rests after failures" in page
    assert "7 failures in a row" in page
    assert "Rests after failures" in manager.get("/admin/dealers/endpoint/").content.decode()


def test_the_page_of_an_endpoint_lists_its_attempts(house, manager, endpoint):
    order = house.rows["orders.order"]
    Delivery.objects.filter(recipient=house.place.recipient).delete()
    delivery = parked_delivery(house.place, order)
    page = page_of(manager, endpoint)
    assert f"/admin/outbox/delivery/{delivery.pk}/change/" in page
    assert ">500<" in page


def since(endpoint, **ago):
    moment = timezone.now() - timedelta(**ago)
    return moment.astimezone(endpoint.dealership.zone).strftime("%Y-%m-%dT%H:%M")


def test_sending_again_since_asks_with_the_number_first(house, manager, endpoint):
    Delivery.objects.filter(recipient=house.place.recipient).delete()
    delivery = parked_delivery(house.place, house.rows["orders.order"])
    asked = do(manager, endpoint, "replay", since=since(endpoint, hours=1)).content.decode()
    delivery.refresh_from_db()
    assert "1 message" in asked
    assert delivery.status == "parked"
    done = do(manager, endpoint, "replay", since=since(endpoint, hours=1), confirmed="1").content.decode()
    delivery.refresh_from_db()
    assert "is sent again" in done
    assert delivery.status == "pending"
    nothing = do(manager, endpoint, "replay", since=since(endpoint, hours=1), delivered_too="1").content.decode()
    assert "nothing to send again" in nothing


@pytest.mark.parametrize("moment", ["", "yesterday", "0001-01-01T00:00", "9999-12-31T23:59", "2\x00"])
def test_a_time_that_makes_no_sense_is_refused_kindly(manager, endpoint, moment):
    assert do(manager, endpoint, "replay", since=moment).status_code == (400 if "\x00" in moment else 422)


def test_only_the_asking_is_not_in_the_history(manager, endpoint):
    do(manager, endpoint, "replay", since=since(endpoint, hours=1))
    history = f"/admin/dealers/endpoint/{endpoint.pk}/history/"
    assert "Send again since" not in manager.get(history).content.decode()
    do(manager, endpoint, "pause")
    assert "Pause" in manager.get(history).content.decode()


@pytest.mark.parametrize(
    "url",
    ["http://crm.example.com/", "https://u:p@crm.example.com/", "https://127.0.0.1/", "https://[::1]/", "ftp://a.b/"],
)
def test_addresses_that_are_never_called_are_refused_in_the_form(house, manager, settings, url):
    settings.OUTBOX_ALLOW_LOOPBACK = False
    data = {"dealership": house.place.pk, "kind": "webhook", "url": url, "is_enabled": "on"}
    assert manager.post("/admin/dealers/endpoint/add/", data).status_code == 200
    assert not Endpoint.objects.filter(kind="webhook").exists()


def test_a_new_address_starts_afresh(manager, endpoint):
    Endpoint.objects.update(failures=9, open_until=timezone.now() + timedelta(minutes=9), disabled_reason="gone")
    data = {"url": "https://new.example.com/in", "is_enabled": "on"}
    manager.post(f"/admin/dealers/endpoint/{endpoint.pk}/change/", data)
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.open_until, endpoint.disabled_reason) == (0, None, "")


@pytest.mark.parametrize("role", ["read_only", "advisor", "finance"])
def test_who_is_no_manager_changes_nothing(house, endpoint, role):
    client = signed_in(factories.make_member(house.place, role=role))
    for verb in ("test", "pause", "resume", "replay", "rotate", "end-previous"):
        assert do(client, endpoint, verb).status_code in (403, 404), verb
    client.post(f"/admin/dealers/endpoint/{endpoint.pk}/change/", {"url": "https://evil.example.com/"})
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.paused_at) == ("https://crm.example.com/in", None)


def test_readers_see_endpoints_and_deliveries(house, endpoint):
    client = signed_in(factories.make_member(house.place, role="read_only"))
    page = page_of(client, endpoint)
    assert endpoint.url in page
    assert endpoint.secret not in page
    delivery = house.rows["outbox.delivery"]
    page = client.get(f"/admin/outbox/delivery/{delivery.pk}/change/").content.decode()
    assert delivery.message_id in page
    assert "Send again" not in page


def test_a_delivery_shows_its_attempts_and_what_is_sent(house, manager):
    delivery = house.rows["outbox.delivery"]
    Delivery.objects.filter(pk=delivery.pk).update(body='{"type": "order.reserved", "data": {"a": "<b>"}}')
    page = manager.get(f"/admin/outbox/delivery/{delivery.pk}/change/").content.decode()
    assert ">500<" in page
    assert "&quot;a&quot;: &quot;&lt;b&gt;&quot;" in page
