"""The platform under test: the demonstration in the test database, a server, and a worker beside it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from pytest import MonkeyPatch
from pytest_django.live_server_helper import LiveServer

from dealers.tasks import send_reminders
from o2o_platform.celery import app
from o2o_platform.outbox.services import queue
from o2o_platform.outbox.tasks import deliver_due
from payments.tasks import submit_refunds

ROUND_S = 0.2


class Worker(threading.Thread):
    """What Celery's worker and beat do, in a thread: each round sends what is due."""

    def __init__(self) -> None:
        super().__init__(name="browser-tests-worker", daemon=True)
        self.rung = threading.Event()
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            self.rung.wait(ROUND_S)
            self.rung.clear()
            for task in (deliver_due, submit_refunds, send_reminders):
                task()
        connections.close_all()

    def stop(self) -> None:
        self.stopping.set()
        self.rung.set()
        self.join(timeout=30)


@contextmanager
def running_site() -> Iterator[str]:
    """Seed, serve and work; gives the address. Leaves an empty database behind."""
    cache.clear()
    call_command("seed_demo", verbosity=0)
    connection.close()
    server = LiveServer("127.0.0.1")
    worker = Worker()
    is_eager = app.conf.task_always_eager
    with MonkeyPatch.context() as patched, override_settings(SITE_URL=server.url):
        patched.setattr(queue, "wake_worker", worker.rung.set)
        app.conf.task_always_eager = True
        worker.start()
        try:
            yield server.url
        finally:
            worker.stop()
            server.stop()
            app.conf.task_always_eager = is_eager
            call_command("flush", verbosity=0, interactive=False)
            cache.clear()
