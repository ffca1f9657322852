import threading
import time

import pytest
from django.core.management import call_command
from django.db import connection

from o2o_platform.outbox import services
from o2o_platform.outbox.channels import Outcome
from o2o_platform.outbox.models import Delivery, DeliveryAttempt
from o2o_platform.outbox.services import sending
from o2o_platform.outbox.tasks import deliver_due


def statuses():
    return sorted(Delivery.objects.values_list("recipient", "status"))


def test_what_is_due_is_sent_and_recorded(write, channel):
    delivery = write()
    assert services.deliver_due() == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts_made) == ("delivered", 1)
    assert delivery.delivered_at
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.succeeded, attempt.status_code, attempt.delivery) == (True, 200, delivery)
    assert services.deliver_due() == 0


def test_a_failure_waits_for_its_next_attempt(write, channel):
    channel.outcome = lambda delivery: Outcome(ok=False, status_code=503, excerpt="busy")
    delivery = write()
    services.deliver_due()
    assert services.deliver_due() == 0
    delivery.refresh_from_db()
    wait = (delivery.next_attempt_at - DeliveryAttempt.objects.get().started_at).total_seconds()
    assert 4.5 < wait < 60
    assert (delivery.status, delivery.last_error) == ("pending", "HTTP 503")


def test_retry_after_is_honoured(write, channel):
    channel.outcome = lambda delivery: Outcome(ok=False, status_code=429, retry_after=600)
    delivery = write()
    services.deliver_due()
    delivery.refresh_from_db()
    assert (delivery.next_attempt_at - delivery.created_at).total_seconds() > 595


def test_a_recipient_that_wants_no_more_is_disabled_and_the_delivery_parked(write, channel):
    channel.outcome = lambda delivery: Outcome(ok=False, status_code=410, error="gone", disable=True)
    write()
    services.deliver_due()
    assert channel.disabled == [("dealership:1", "gone")]
    assert statuses() == [("dealership:1", "parked")]


def test_a_bug_met_by_one_row_is_recorded_logged_and_keeps_nobody_else(write, channel, caplog):
    def outcome(delivery):
        if delivery.body == "poison":
            raise KeyError("colour")
        return Outcome(ok=True)

    channel.outcome = outcome
    for number in range(20):
        write(recipient=f"dealership:{number}", body="poison" if number == 3 else "{}")
    assert services.deliver_due() == 20
    assert Delivery.objects.filter(status="delivered").count() == 19
    poisoned = Delivery.objects.get(status="pending")
    assert poisoned.last_error == "KeyError: 'colour'"
    assert f"Delivery {poisoned.pk} could not be sent" in caplog.text


def test_a_channel_nobody_registered_concerns_its_own_rows_only(write, channel, caplog):
    write(channel="pigeon")
    write()
    assert services.deliver_due() == 2
    assert Delivery.objects.get(channel="pigeon").last_error.startswith("UnknownChannel")
    assert Delivery.objects.get(channel="scripted").status == "delivered"


def test_a_slow_recipient_does_not_delay_the_others(write, channel):
    release = threading.Event()
    arrived: set[str] = set()
    overtaken: list[bool] = []

    def outcome(delivery):
        if delivery.recipient == "dealership:slow":
            # It answers when all others have been told.
            overtaken.append(release.wait(60))
            return Outcome(ok=False, error="too slow", is_down=True)
        arrived.add(delivery.recipient)
        if len(arrived) == 50:
            release.set()
        return Outcome(ok=True)

    channel.outcome = outcome
    for _ in range(60):
        write(recipient="dealership:slow")
    for number in range(50):
        write(recipient=f"dealership:{number}")
    services.deliver_due()
    assert len(arrived) == 50
    assert overtaken == [True]
    assert channel.most_at_once["dealership:slow"] == 1


def test_rows_due_while_a_slow_recipient_keeps_the_run_going_are_sent_too(write, channel, monkeypatch):
    monkeypatch.setattr(sending, "LOOK_EVERY_S", 0.02)
    release = threading.Event()
    looks = []
    claim = sending.claim_due

    def claim_and_write_one_more(limit, *, without=()):
        looks.append(1)
        if len(looks) == 3:
            write(recipient="dealership:late")
        return claim(limit, without=without)

    def outcome(delivery):
        if delivery.recipient == "dealership:slow":
            assert release.wait(60)
        else:
            release.set()
        return Outcome(ok=True)

    monkeypatch.setattr(sending, "claim_due", claim_and_write_one_more)
    channel.outcome = outcome
    write(recipient="dealership:slow")
    assert services.deliver_due() == 2


def test_a_recipient_that_is_down_is_tried_once_and_the_rest_put_back_uncounted(write, channel):
    channel.outcome = lambda delivery: Outcome(ok=False, error="refused", is_down=True)
    for _ in range(30):
        write()
    assert services.deliver_due() == 1
    assert sorted(Delivery.objects.values_list("attempts_made", flat=True)) == [0] * 29 + [1]
    assert services.deliver_due() == 0


def test_no_more_than_a_few_at_once_for_one_recipient(write, channel):
    def outcome(delivery):
        time.sleep(0.01)
        return Outcome(ok=True)

    channel.outcome = outcome
    for _ in range(40):
        write()
    services.deliver_due()
    assert 1 < channel.most_at_once["dealership:1"] <= sending.PER_RECIPIENT


def test_the_limit_holds(write, channel):
    for _ in range(10):
        write()
    assert services.deliver_due(4) == 4
    assert services.deliver_due() == 6


def test_a_second_call_in_the_same_process_leaves_the_work_to_the_first(write, channel):
    inner: list[int] = []

    def outcome(delivery):
        thread = threading.Thread(target=lambda: inner.append(services.deliver_due()))
        thread.start()
        thread.join(60)
        return Outcome(ok=True)

    channel.outcome = outcome
    write()
    assert services.deliver_due() == 1
    assert inner == [0]


def test_a_lease_about_to_end_is_not_used(write, channel, monkeypatch):
    monkeypatch.setattr(sending, "MARGIN_S", 55.0)
    monkeypatch.setattr(sending, "LONGEST_RUN_S", 0.2)
    delivery = write()
    assert services.deliver_due() == 0
    delivery.refresh_from_db()
    assert (channel.sent, delivery.attempts_made) == ([], 0)


@pytest.mark.parametrize("count", [400])
def test_a_backlog_goes_out_with_few_queries(write, channel, count, django_assert_max_num_queries):
    for number in range(count):
        write(recipient=f"dealership:{number % 8}")
    with django_assert_max_num_queries(count // 4):
        assert services.deliver_due() == count
    assert len(set(channel.sent)) == count


def test_the_command_sends_and_says_how_many(write, channel, capsys):
    write()
    call_command("deliver_handoffs")
    assert "1" in capsys.readouterr().out


def test_the_task_has_its_agreed_name(write, channel):
    write()
    assert (deliver_due.name, deliver_due()) == ("outbox.deliver_due", 1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_delivery_once(write, channel):
    for number in range(300):
        write(recipient=f"dealership:{number % 10}")
    start = threading.Barrier(2)
    attempts: list[int] = []

    def work():
        start.wait()
        attempts.append(sending.Run(sending.RUN_LIMIT).send_all())
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(attempts) == 300
    assert sorted(delivery.pk for delivery in channel.sent) == sorted(Delivery.objects.values_list("pk", flat=True))
    assert set(Delivery.objects.values_list("status", "attempts_made")) == {("delivered", 1)}


@pytest.mark.django_db(transaction=True)
def test_the_network_is_never_called_inside_a_transaction(write, channel):
    seen = []
    channel.runs_inline = True

    def outcome(delivery):
        seen.append(connection.in_atomic_block)
        return Outcome(ok=True)

    channel.outcome = outcome
    write()
    services.deliver_due()
    assert seen == [False]
