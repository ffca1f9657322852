"""Receivers that misbehave, over real sockets and the real transport, from the row to what is written of it."""

import socket
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.utils import timezone

from dealers.channels import enqueue_handoff
from dealers.models import Endpoint
from o2o_platform.outbox import services
from o2o_platform.outbox.models import Delivery, DeliveryAttempt
from o2o_platform.outbox.services import sending
from tests.factories import make_dealership

from . import peers
from .test_handoffs import ORDER_DATA, SECRET, add_endpoint, dealership, hand_off, make_due

__all__ = ["add_endpoint", "dealership"]

DEADLINE_S = 0.5
# Far more than a busy machine needs, and far less than the receivers here would take.
BOUND_S = 10
OK = peers.reply("200 OK")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """The total time of a call, shorter than in earnest."""
    monkeypatch.setattr(sending, "DEADLINE_S", DEADLINE_S)


def wait_of(delivery):
    delivery.refresh_from_db()
    return (delivery.next_attempt_at - timezone.now()).total_seconds()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (peers.reply("500 Oops"), "HTTP 500"),
        (peers.hang, "no complete answer in 0.5 s"),
        (peers.drip, "no complete answer in 0.5 s"),
        (peers.drip_body, "no complete answer in 0.5 s"),
        (peers.hang_up, "RemoteDisconnected"),
        (peers.reply("302 Found", headers="Location: http://169.254.169.254/\r\n"), "HTTP 302: redirects"),
        (peers.reply("308 Permanent Redirect", headers="Location: http://10.0.0.1/\r\n"), "HTTP 308: redirects"),
    ],
)
def test_it_is_tried_again_in_five_seconds_and_the_reason_is_kept(dealership, add_endpoint, answer, error):
    with peers.serve(answer) as peer:
        add_endpoint(peer.url)
        [delivery] = hand_off(dealership)
        began = time.monotonic()
        assert services.deliver_due() == 1
        assert time.monotonic() - began < BOUND_S
    assert 6 - BOUND_S < wait_of(delivery) <= 6
    assert (delivery.status, delivery.attempts_made) == ("pending", 1)
    assert delivery.last_error.startswith(error)
    attempt = DeliveryAttempt.objects.get()
    assert not attempt.succeeded
    assert attempt.duration_ms < BOUND_S * 1000


def test_a_tls_handshake_that_drips_ends_at_the_deadline(dealership, add_endpoint):
    with peers.serve(peers.drip_tls, reads=False) as peer:
        add_endpoint(peer.url.replace("http:", "https:"))
        [delivery] = hand_off(dealership)
        began = time.monotonic()
        services.deliver_due()
        assert time.monotonic() - began < BOUND_S
    assert 6 - BOUND_S < wait_of(delivery) <= 6
    assert delivery.last_error == "no complete answer in 0.5 s"


def test_of_a_gigabyte_64_kb_are_read_and_the_message_arrived(dealership, add_endpoint):
    with peers.serve(peers.flood) as peer:
        add_endpoint(peer.url)
        [delivery] = hand_off(dealership)
        services.deliver_due()
    delivery.refresh_from_db()
    assert delivery.status == "delivered"
    assert len(DeliveryAttempt.objects.get().response_excerpt) == 500


def test_after_a_lost_answer_it_comes_again_under_its_id_and_is_kept_once(dealership, add_endpoint):
    inbox = peers.Inbox(answers_lost=2)
    with peers.serve(inbox) as peer:
        add_endpoint(peer.url)
        [delivery] = hand_off(dealership)
        for _ in range(3):
            make_due()
            services.deliver_due()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts_made) == ("delivered", 3)
    assert inbox.seen == [delivery.message_id] * 3
    assert list(inbox.kept.values()) == [delivery.body.encode()]


def test_a_redirect_to_an_inside_address_reaches_nobody(dealership, add_endpoint):
    with peers.serve(OK) as inside:
        elsewhere = peers.reply("307 Temporary Redirect", headers=f"Location: {inside.url}\r\n")
        with peers.serve(elsewhere) as peer:
            add_endpoint(peer.url)
            hand_off(dealership)
            services.deliver_due()
    assert (len(peer.requests), inside.connections) == (1, 0)
    assert Delivery.objects.get().status == "pending"


def test_a_name_that_changes_after_the_check_reaches_nobody(dealership, add_endpoint, settings, monkeypatch):
    answers = ["93.184.216.34", "127.0.0.1"]

    def getaddrinfo(host, port, *args, **kwargs):
        address = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with peers.serve(OK) as peer:
        add_endpoint(f"http://dealer.example:{peer.port}/hooks")
        [delivery] = hand_off(dealership)
        settings.OUTBOX_ALLOW_LOOPBACK = False
        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        # What a check before the call would have seen.
        assert socket.getaddrinfo("dealer.example", 80)[0][4][0] == "93.184.216.34"
        services.deliver_due()
    delivery.refresh_from_db()
    assert (peer.connections, delivery.status) == (0, "pending")
    assert "not public" in delivery.last_error


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_waited_for_by_the_message_and_the_others(dealership, add_endpoint, as_date):
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    header = f"Retry-After: {later if as_date else 600}\r\n"
    with peers.serve(peers.reply("503 Busy", headers=header)) as peer:
        endpoint = add_endpoint(peer.url)
        deliveries = [hand_off(dealership, topic=f"t{number}")[0] for number in range(3)]
        services.deliver_due()
        hand_off(dealership, topic="newer")
        assert services.deliver_due() == 0
        assert len(peer.requests) == 1
    endpoint.refresh_from_db()
    assert 590 < (endpoint.open_until - timezone.now()).total_seconds() <= 600
    assert all(580 < wait_of(delivery) < 800 for delivery in deliveries)
    assert sum(Delivery.objects.values_list("attempts_made", flat=True)) == 1


def test_what_is_too_large_is_parked_with_the_reason_and_not_sent(dealership, add_endpoint):
    with peers.serve(OK) as peer:
        endpoint = add_endpoint(peer.url)
        data = ORDER_DATA | {"extra": {f"key{number}": "x" * 100 for number in range(1_000)}}
        [large] = hand_off(dealership, data=data, topic="large")
        hand_off(dealership)
        services.deliver_due()
    large.refresh_from_db()
    endpoint.refresh_from_db()
    assert (large.status, large.last_error) == ("parked", "the message is 20 kB or larger: not sent")
    assert (len(peer.requests), endpoint.failures) == (1, 0)


def several(stack, answer, *, count, messages, **fields):
    """Dealerships with one endpoint each and so many messages; returns their peers."""
    found = []
    for _ in range(count):
        peer = stack.enter_context(peers.serve(answer))
        place = make_dealership()
        Endpoint.objects.create(dealership=place, kind="webhook", url=peer.url, secret=SECRET, **fields)
        for number in range(messages):
            enqueue_handoff(
                dealership=place,
                topic="order.reserved",
                subject=place,
                payload=ORDER_DATA,
                dedupe_key=f"{place.pk}:{number}",
            )
        found.append(peer)
    return found


def seconds_to_all(healthy_peers, count, *, then_end=()):
    """From now until each of these has got `count` messages; a delivery run goes on beside.

    Then the receivers of `then_end` hang up, as the run would take as long as they do.
    """
    began, done = time.monotonic(), []

    def watch():
        peers.wait_until(lambda: all(len(peer.requests) >= count for peer in healthy_peers))
        done.append(time.monotonic() - began)
        for peer in then_end:
            peer.closing.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    services.deliver_due()
    watcher.join()
    return done[0]


def test_a_dripping_dealer_does_not_slow_the_others(settings, db, monkeypatch):
    settings.OUTBOX_ALLOW_LOOPBACK = True
    monkeypatch.setattr(sending, "DEADLINE_S", BOUND_S)
    with ExitStack() as stack:
        [dripping] = several(stack, peers.drip, count=1, messages=60)
        healthy = several(stack, OK, count=20, messages=5)
        took = seconds_to_all(healthy, 5, then_end=[dripping])
    assert took < BOUND_S, "they did not wait for the dripping one's deadline"
    assert len(dripping.requests) == 1
    assert Delivery.objects.filter(status="delivered").count() == 100
    assert Delivery.objects.filter(status="pending", attempts_made=0).count() == 59


def test_a_vendors_outage_takes_a_few_threads_only(settings, db, monkeypatch):
    """Forty dealerships on one hanging system that failed before, and one that works: it is not behind them."""
    settings.OUTBOX_ALLOW_LOOPBACK = True
    monkeypatch.setattr(sending, "DEADLINE_S", BOUND_S)
    with ExitStack() as stack:
        hanging = several(stack, peers.hang, count=40, messages=1, failures=2)
        healthy = several(stack, OK, count=3, messages=5)
        assert seconds_to_all(healthy, 5, then_end=hanging) < BOUND_S


def test_control_without_threads_of_their_own_the_working_one_waits(settings, db, monkeypatch):
    settings.OUTBOX_ALLOW_LOOPBACK = True
    monkeypatch.setattr(sending, "DEADLINE_S", 2.0)
    monkeypatch.setattr("dealers.channels.WebhookChannel.is_doubtful", lambda self, target: False)
    with ExitStack() as stack:
        several(stack, peers.hang, count=40, messages=1, failures=2)
        healthy = several(stack, OK, count=3, messages=5)
        assert seconds_to_all(healthy, 5) > 1.9
