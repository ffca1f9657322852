import threading
import time

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError

from o2o_platform.outbox.models import Delivery
from o2o_platform.outbox.services import queue
from o2o_platform.outbox.services.alarm import Alarm

from .peers import wait_until

APPLY = "o2o_platform.outbox.tasks.deliver_due.apply_async"


@pytest.mark.parametrize("error", [OperationalError, RedisConnectionError, ConnectionRefusedError, TimeoutError])
def test_a_broker_that_is_down_costs_a_log_line(monkeypatch, caplog, error):
    def refuse(**options):
        raise error("no broker")

    monkeypatch.setattr(APPLY, refuse)
    assert not Alarm().publish()
    assert "No worker was woken" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_hangs_keeps_nobody_waiting(write, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(APPLY, lambda **options: release.wait(60))
    monkeypatch.setattr(queue, "wake_worker", Alarm().ring)
    began = time.monotonic()
    for _ in range(20):
        with transaction.atomic():
            write()
    assert time.monotonic() - began < 30
    assert Delivery.objects.count() == 20
    release.set()


def test_what_rings_during_one_publication_becomes_one_more(monkeypatch):
    calls, inside, release = [], threading.Event(), threading.Event()

    def publish(**options):
        calls.append(options)
        inside.set()
        assert release.wait(60)

    monkeypatch.setattr(APPLY, publish)
    alarm = Alarm()
    alarm.ring()
    assert inside.wait(60)
    for _ in range(50):
        alarm.ring()
    release.set()
    assert wait_until(lambda: len(calls) == 2)
    time.sleep(0.05)
    assert len(calls) == 2
    assert calls[0]["expires"]


def test_it_goes_on_after_a_failure(monkeypatch):
    calls = []

    def fail_once(**options):
        calls.append(options)
        if len(calls) == 1:
            raise OperationalError("no broker")

    monkeypatch.setattr(APPLY, fail_once)
    alarm = Alarm(pause_s=0.01)
    alarm.ring()
    assert wait_until(lambda: len(calls) == 1)
    alarm.ring()
    assert wait_until(lambda: len(calls) == 2)
