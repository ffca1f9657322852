"""A worker that can't be heard any more ends; one without a broker, or with a slow answer now and then, goes on."""

import pytest
from redis.exceptions import ConnectionError as BrokerGone

from o2o_platform.operations import watchdog


class Ended(Exception):
    pass


class FakeApp:
    """Answers pings from a list; when the list is used up the test is over."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.control = self

    def ping(self, *, destination: list[str], timeout: float) -> object:
        if not self.answers:
            raise StopIteration
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    def end(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr(watchdog.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(watchdog.os, "_exit", end)


def test_three_silences_in_a_row_end_it():
    with pytest.raises(Ended):
        watchdog.watch(FakeApp([], [], []), "w@host")


def test_an_answer_in_between_starts_the_count_anew():
    with pytest.raises(StopIteration):
        watchdog.watch(FakeApp([], [], [{"w@host": "pong"}], [], []), "w@host")


def test_without_a_broker_nothing_is_held_against_it():
    with pytest.raises(StopIteration):
        watchdog.watch(FakeApp(*[BrokerGone("gone")] * 10), "w@host")
