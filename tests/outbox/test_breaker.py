"""An endpoint that fails rests, across runs and workers; what waits for it costs no attempts."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from dealers import breaker
from dealers.channels import WebhookChannel
from dealers.models import Endpoint
from o2o_platform.outbox import services
from o2o_platform.outbox.channels import Outcome
from o2o_platform.outbox.models import Delivery

from . import peers
from .test_handoffs import add_endpoint, dealership, hand_off, make_due

__all__ = ["add_endpoint", "dealership"]

DOWN = Outcome(ok=False, error="hung up", is_down=True)
BROKEN = Outcome(ok=False, status_code=500)
FINE = Outcome(ok=True, status_code=200)
REFUSED = Outcome(ok=False, status_code=422)


def now_and(**ago):
    return timezone.now() + timedelta(**ago)


def minutes_left(endpoint):
    endpoint.refresh_from_db()
    return endpoint.open_until and round((endpoint.open_until - timezone.now()).total_seconds() / 60)


def settle(endpoint, *outcomes, is_probe=False):
    endpoint.refresh_from_db()
    endpoint.is_probed = is_probe
    breaker.settle([(endpoint, outcome) for outcome in outcomes])
    endpoint.refresh_from_db()


def let_rest_end(endpoint):
    Endpoint.objects.filter(pk=endpoint.pk).update(open_until=now_and(seconds=-1))


def send_all_due():
    make_due()
    return services.deliver_due()


def test_five_failures_in_a_row_open_it_for_a_minute(add_endpoint):
    endpoint = add_endpoint()
    settle(endpoint, *[BROKEN] * 4)
    assert (endpoint.failures, endpoint.open_until) == (4, None)
    settle(endpoint, DOWN)
    assert (endpoint.failures, minutes_left(endpoint)) == (5, 1)


def test_a_success_in_between_starts_the_count_again(add_endpoint):
    endpoint = add_endpoint()
    settle(endpoint, *[BROKEN] * 4, FINE, *[BROKEN] * 4)
    assert (endpoint.failures, endpoint.open_until) == (4, None)


def test_messages_it_cannot_take_do_not_open_it(add_endpoint):
    endpoint = add_endpoint()
    settle(endpoint, *[BROKEN] * 4, REFUSED, *[REFUSED] * 20)
    assert (endpoint.failures, endpoint.open_until) == (0, None)


def test_the_rest_doubles_to_half_an_hour(add_endpoint):
    endpoint = add_endpoint()
    settle(endpoint, *[BROKEN] * 5)
    rests = [minutes_left(endpoint)]
    for _ in range(7):
        let_rest_end(endpoint)
        settle(endpoint, BROKEN, is_probe=True)
        rests.append(minutes_left(endpoint))
    assert rests == [1, 2, 4, 8, 16, 30, 30, 30]


def test_what_was_on_its_way_when_it_opened_does_not_lengthen_the_rest(add_endpoint):
    endpoint = add_endpoint()
    settle(endpoint, *[BROKEN] * 5)
    settle(endpoint, *[BROKEN] * 3)
    assert (endpoint.failures, minutes_left(endpoint)) == (5, 1)


def test_a_success_closes_it(add_endpoint):
    endpoint = add_endpoint()
    settle(endpoint, *[BROKEN] * 9)
    settle(endpoint, FINE)
    assert (endpoint.failures, endpoint.open_until) == (0, None)


def test_retry_after_holds_the_others_for_an_hour_at_most(add_endpoint):
    endpoint = add_endpoint()
    settle(endpoint, Outcome(ok=False, status_code=429, retry_after=600))
    assert minutes_left(endpoint) == 10
    let_rest_end(endpoint)
    settle(endpoint, Outcome(ok=False, status_code=503, retry_after=1e9), is_probe=True)
    assert minutes_left(endpoint) == 60


def test_the_usual_success_costs_no_query(add_endpoint, django_assert_num_queries):
    endpoint = add_endpoint()
    with django_assert_num_queries(0):
        breaker.settle([(endpoint, FINE)] * 100)


def test_a_dead_receiver_is_called_five_times_and_then_left_alone(dealership, add_endpoint):
    with peers.serve(peers.reply("500 Oops")) as peer:
        endpoint = add_endpoint(peer.url)
        for number in range(40):
            hand_off(dealership, topic=f"t{number}")
        services.deliver_due()
        assert len(peer.requests) == 5
        assert (minutes_left(endpoint), endpoint.failures) == (1, 5)
        for _ in range(5):
            assert send_all_due() == 0
        assert len(peer.requests) == 5
    assert Delivery.objects.filter(attempts_made=0, status="pending").count() == 35
    assert not Delivery.objects.due().exists()


def test_one_probe_finds_out_and_a_success_lets_everything_go(dealership, add_endpoint):
    with peers.serve(peers.reply("500 Oops")) as peer:
        endpoint = add_endpoint(peer.url)
        for number in range(30):
            hand_off(dealership, topic=f"t{number}")
        services.deliver_due()
        let_rest_end(endpoint)
        assert send_all_due() == 1
        assert (len(peer.requests), minutes_left(endpoint)) == (6, 2)
    with peers.serve(peers.reply("200 OK")) as peer:
        Endpoint.objects.update(url=peer.url)
        let_rest_end(endpoint)
        assert send_all_due() == 1
        assert (minutes_left(endpoint), endpoint.failures) == (None, 0)
        assert send_all_due() == 29
    assert set(Delivery.objects.values_list("status", flat=True)) == {"delivered"}
    assert sum(Delivery.objects.values_list("attempts_made", flat=True)) == 30 + 6


def test_a_message_nobody_can_take_is_not_the_probe_when_there_is_a_fresh_one(dealership, add_endpoint):
    endpoint = add_endpoint()
    [poison] = hand_off(dealership, topic="poison")
    [fresh] = hand_off(dealership, topic="fresh")
    Delivery.objects.filter(pk=poison.pk).update(attempts_made=4)
    Endpoint.objects.update(failures=5, open_until=now_and(seconds=-1))
    rows = list(Delivery.objects.order_by("pk"))
    channel = WebhookChannel()
    assert set(channel.admit(rows, channel.targets(rows))) == {poison.pk}
    assert fresh in rows
    assert minutes_left(endpoint) == 0


def test_a_probe_whose_worker_died_is_another_workers_soon(dealership, add_endpoint):
    endpoint = add_endpoint()
    rows = hand_off(dealership)
    Endpoint.objects.update(failures=5, open_until=now_and(seconds=-1))
    channel = WebhookChannel()
    assert channel.admit(rows, channel.targets(rows)) == {}
    assert set(channel.admit(rows, channel.targets(rows))) == {rows[0].pk}
    let_rest_end(endpoint)
    assert channel.admit(rows, channel.targets(rows)) == {}


def probe_from_threads(count: int) -> int:
    """How many of `count` workers at once may send to a rested endpoint."""
    rows = list(Delivery.objects.all())
    start, won = threading.Barrier(count), []

    def work():
        channel = WebhookChannel()
        targets = channel.targets(rows)
        start.wait()
        won.append(len(rows) - len(channel.admit(rows, targets)))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(won)


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_sends_the_probe(dealership, add_endpoint):
    add_endpoint(failures=5, open_until=now_and(seconds=-1))
    hand_off(dealership)
    assert probe_from_threads(8) == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_conditional_update_all_of_them_send(dealership, add_endpoint, monkeypatch):
    add_endpoint(failures=5, open_until=now_and(seconds=-1))
    hand_off(dealership)
    monkeypatch.setattr(breaker, "_win_probe", lambda endpoint: True)
    assert probe_from_threads(8) == 8


@pytest.mark.django_db(transaction=True)
def test_failures_counted_by_workers_at_once_all_count(add_endpoint):
    endpoint = add_endpoint()
    start = threading.Barrier(4)

    def work():
        start.wait()
        breaker.settle([(endpoint, BROKEN)])
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    endpoint.refresh_from_db()
    assert endpoint.failures == 4


def test_a_backlog_of_a_resting_endpoint_is_put_back_with_few_statements(
    dealership, add_endpoint, django_assert_max_num_queries
):
    add_endpoint(failures=5, open_until=now_and(minutes=9))
    for number in range(600):
        hand_off(dealership, topic=f"t{number}")
    with django_assert_max_num_queries(30):
        assert services.deliver_due() == 0
    waits = [row.next_attempt_at - timezone.now() for row in Delivery.objects.all()]
    assert timedelta(minutes=8) < min(waits) <= max(waits) < timedelta(minutes=10)
    assert set(Delivery.objects.values_list("attempts_made", flat=True)) == {0}
