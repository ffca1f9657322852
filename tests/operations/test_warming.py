import threading

import pytest
from django.db import OperationalError

from o2o_platform.operations import probes, warming


@pytest.fixture
def readers(monkeypatch):
    monkeypatch.setattr(probes, "database_answers", lambda: True)
    monkeypatch.setattr(probes, "broker_answers", lambda: True)
    held = []
    monkeypatch.setattr(warming, "_readers", held)
    return held


def test_a_worker_is_ready_once_it_has_read_ahead(client, readers):
    may_end = threading.Event()
    readers.append(may_end.wait)
    thread = warming.start()
    response = client.get("/readyz")
    assert (response.status_code, response.json()["memory"]) == (503, "down")
    may_end.set()
    thread.join(5)
    assert client.get("/readyz").status_code == 200


def test_a_database_that_does_not_answer_leaves_the_reading_to_the_first_request(client, readers):
    def fail():
        raise OperationalError("no route")

    readers.append(fail)
    warming.start().join(5)
    assert client.get("/readyz").status_code == 200
