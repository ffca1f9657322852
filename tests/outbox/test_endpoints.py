"""What people do to an endpoint: rotation of secrets, pause and resume, replay since, and who hears of trouble."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from dealers import tasks
from dealers.channels import read_answer, valid_secrets
from dealers.models import DealerGroup, Endpoint, GroupMembership
from dealers.services import alert_managers, alerting, endpoints
from o2o_platform.outbox import http, services
from o2o_platform.outbox.models import FORGOTTEN, Delivery
from tests.factories import make_dealership, make_member, make_staff

from . import peers
from .test_handoffs import OLD_SECRET, SECRET, add_endpoint, dealership, hand_off, make_due, parse

__all__ = ["add_endpoint", "dealership"]


def statuses():
    return list(Delivery.objects.order_by("pk").values_list("status", flat=True))


def send_and_parse(dealership, peer, topic):
    hand_off(dealership, topic=topic)
    services.deliver_due()
    return parse(peer.requests[-1])


def test_for_a_day_after_rotation_either_secret_verifies_and_then_no_more(dealership, add_endpoint):
    with peers.serve(peers.reply("200 OK")) as peer:
        endpoint = add_endpoint(peer.url)
        secret = endpoints.rotate_secret(endpoint)
        endpoint.refresh_from_db()
        day = endpoint.previous_until - timezone.now()
        assert timedelta(hours=23, minutes=59) < day <= timedelta(hours=24)
        headers, body = send_and_parse(dealership, peer, "during")
        Webhook(SECRET).verify(body, headers)
        Webhook(secret).verify(body, headers)
        Endpoint.objects.update(previous_until=timezone.now() - timedelta(seconds=1))
        headers, body = send_and_parse(dealership, peer, "after")
    Webhook(secret).verify(body, headers)
    assert len(headers["webhook-signature"].split()) == 1
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, headers)


def test_an_ended_secret_is_forgotten(add_endpoint):
    endpoint = add_endpoint(previous_secret=OLD_SECRET, previous_until=timezone.now() + timedelta(minutes=1))
    assert tasks.drop_ended_secrets() == 0
    Endpoint.objects.update(previous_until=timezone.now() - timedelta(seconds=1))
    assert tasks.drop_ended_secrets() == 1
    endpoint.refresh_from_db()
    assert (endpoint.previous_secret, endpoint.previous_until) == ("", None)


def test_rotating_twice_ends_the_first_secret(add_endpoint):
    endpoint = add_endpoint()
    second = endpoints.rotate_secret(endpoint)
    third = endpoints.rotate_secret(endpoint)
    endpoint.refresh_from_db()
    assert valid_secrets(endpoint, datetime.now(UTC)) == [third, second]


def test_paused_messages_wait_and_nothing_counts(dealership, add_endpoint):
    with peers.serve(peers.reply("200 OK")) as peer:
        endpoint = add_endpoint(peer.url)
        assert endpoints.pause(endpoint)
        assert not endpoints.pause(endpoint)
        for number in range(12):
            hand_off(dealership, topic=f"t{number}")
        for _ in range(15):
            make_due()
            assert services.deliver_due() == 0
        assert peer.requests == []
        assert set(Delivery.objects.values_list("status", "attempts_made")) == {("pending", 0)}
        assert endpoints.resume(endpoint) == 12
        assert services.deliver_due() == 12
    assert set(statuses()) == {"delivered"}


def test_resuming_ends_a_rest_and_lets_what_waited_long_go_now(dealership, add_endpoint):
    with peers.serve(peers.reply("200 OK")) as peer:
        endpoint = add_endpoint(peer.url, failures=9, open_until=timezone.now() + timedelta(minutes=20))
        hand_off(dealership)
        Delivery.objects.update(next_attempt_at=timezone.now() + timedelta(hours=9), attempts_made=7)
        assert endpoints.resume(endpoint) == 1
        assert services.deliver_due() == 1
    assert statuses() == ["delivered"]


def test_resuming_leaves_alone_what_a_worker_is_sending(dealership, add_endpoint):
    endpoint = add_endpoint()
    hand_off(dealership)
    [lease] = services.claim_due(1)
    assert endpoints.resume(endpoint) == 0
    assert Delivery.objects.get().next_attempt_at == lease.delivery.next_attempt_at


def park_all(**fields):
    Delivery.objects.update(status="parked", attempts_made=10, next_attempt_at=timezone.now(), **fields)


def test_what_was_given_up_since_a_time_is_sent_again_under_its_id(dealership, add_endpoint):
    with peers.serve(peers.reply("200 OK")) as peer:
        endpoint = add_endpoint(peer.url)
        for number in range(6):
            hand_off(dealership, topic=f"t{number}")
        ids = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
        park_all()
        now = timezone.now()
        Delivery.objects.filter(pk__in=ids[:2]).update(created_at=now - timedelta(hours=5))
        Delivery.objects.filter(pk=ids[5]).update(status="delivered", delivered_at=now)
        since = now - timedelta(hours=1)
        assert endpoints.missed_since(endpoint, since, delivered_too=False) == 3
        assert endpoints.missed_since(endpoint, since, delivered_too=True) == 4
        assert endpoints.replay_since(endpoint, since, delivered_too=False) == 3
        assert services.deliver_due() == 3
        sent = {parse(request)[0]["webhook-id"] for request in peer.requests}
    assert sent == {delivery.message_id for delivery in Delivery.objects.filter(pk__in=ids[2:5])}
    assert statuses() == ["parked"] * 2 + ["delivered"] * 4


def test_a_replay_is_bounded_and_goes_in_batches(dealership, add_endpoint, monkeypatch):
    monkeypatch.setattr(endpoints, "REPLAY_MOST", 7)
    monkeypatch.setattr(endpoints, "REPLAY_BATCH", 3)
    endpoint = add_endpoint()
    for number in range(10):
        hand_off(dealership, topic=f"t{number}")
    park_all()
    long_ago = timezone.now() - timedelta(days=1)
    assert endpoints.missed_since(endpoint, long_ago, delivered_too=False) == 8
    assert endpoints.replay_since(endpoint, long_ago, delivered_too=False) == 7
    assert statuses() == ["pending"] * 7 + ["parked"] * 3


def test_neither_another_dealerships_nor_emptied_messages_are_replayed(dealership, add_endpoint):
    endpoint = add_endpoint()
    other = make_dealership()
    Endpoint.objects.create(dealership=other, kind="webhook", url="http://127.0.0.1:9/", secret=SECRET)
    hand_off(dealership)
    hand_off(other, topic="theirs")
    hand_off(dealership, topic="emptied")
    park_all()
    Delivery.objects.filter(topic="emptied").update(body=FORGOTTEN)
    assert endpoints.replay_since(endpoint, timezone.now() - timedelta(days=1), delivered_too=True) == 1
    assert statuses() == ["pending", "parked", "parked"]


@pytest.fixture
def people(dealership):
    """Who is to hear of trouble, and who is not."""
    group = DealerGroup.objects.create(code="g", name="G")
    dealership.group = group
    dealership.save()
    head = make_member(make_dealership(), role="manager")
    GroupMembership.objects.create(user=head, group=group, role="manager")
    told = {make_member(dealership, role="manager").pk, head.pk, make_staff("platform").pk}
    make_member(dealership)
    make_member(make_dealership(), role="manager")
    make_staff("read_only")
    return told


def told_people():
    rows = Delivery.objects.filter(topic="message.deliveries_given_up", channel="email")
    return sorted(int(row.recipient.removeprefix("user:")) for row in rows)


def test_exhausted_messages_reach_managers_and_platform_staff_once_a_day(dealership, add_endpoint, people):
    with peers.serve(peers.reply("500 Oops")) as peer:
        endpoint = add_endpoint(peer.url)
        [last] = hand_off(dealership)
        Delivery.objects.update(attempts_made=9)
        services.deliver_due()
    last.refresh_from_db()
    assert (last.status, last.attempts_made) == ("parked", 10)
    assert tasks.alert_managers() == 1
    assert told_people() == sorted(people)
    hand_off(dealership, topic="another")
    Delivery.objects.filter(topic="another").update(status="parked", next_attempt_at=timezone.now())
    assert alert_managers() == 0
    assert told_people() == sorted(people)
    Endpoint.objects.update(alerted_at=timezone.now() - timedelta(hours=25))
    Delivery.objects.filter(topic="another").update(next_attempt_at=timezone.now() - timedelta(hours=20))
    assert alert_managers() == 1
    assert endpoint.pk == Endpoint.objects.get().pk


def test_an_endpoint_that_rests_its_longest_is_told_of(dealership, add_endpoint, people):
    add_endpoint(failures=10, open_until=timezone.now() + timedelta(minutes=30))
    assert (alert_managers(), alert_managers()) == (1, 0)
    assert told_people() == sorted(people)


def test_nobody_is_told_of_old_news_or_of_a_paused_endpoint(dealership, add_endpoint, people):
    add_endpoint(failures=10, paused_at=timezone.now())
    hand_off(dealership)
    Delivery.objects.filter(channel="webhook").update(
        status="parked", next_attempt_at=timezone.now() - timedelta(days=4)
    )
    assert alert_managers() == 0
    assert told_people() == []


def alert_from_threads(count: int) -> int:
    """How often the endpoint was told of by so many workers at once."""
    start, told = threading.Barrier(count), []

    def work():
        start.wait()
        told.append(alert_managers())
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(told)


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_tells_the_managers(dealership, add_endpoint, people):
    add_endpoint(failures=10, open_until=timezone.now() + timedelta(minutes=30))
    assert alert_from_threads(6) == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_days_pause_each_of_them_does(dealership, add_endpoint, people, monkeypatch):
    monkeypatch.setattr(alerting, "EVERY", timedelta())
    add_endpoint(failures=10, open_until=timezone.now() + timedelta(minutes=30))
    assert alert_from_threads(6) > 1


@given(value=st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ [+-]?\d{0,9}"))
def test_no_retry_after_is_a_failure(value):
    asked = read_answer(http.Response(503, {"Retry-After": value}, b"")).retry_after
    assert asked is None or asked >= 0
