"""What cannot be served in time is turned away before it costs anything; all other pages go on."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from o2o_platform.operations import shedding

EN = {"accept-language": "en"}


@pytest.fixture(autouse=True)
def calm() -> Iterator[None]:
    """Before and after each test nothing waits."""
    yield
    shedding.start(lambda: 0, threads=shedding.PLACES + 1)
    shedding.backlog.__init__()


def long_queue() -> None:
    """A hundred requests wait, of half a second each."""
    shedding.start(lambda: 100, threads=4)
    for _ in range(200):
        shedding.backlog.note(0.5)


@pytest.mark.parametrize("path", ["/reserve/?unit=1", "/queue/festival/", "/quotes/abc/reserve/"])
def test_with_a_long_queue_the_paths_of_a_rush_are_turned_away_without_a_query(client, path):
    # No database in this test: a query would fail.
    long_queue()
    answer = client.get(path, headers=EN)
    assert answer.status_code == 503
    assert 3 <= int(answer["Retry-After"]) <= 8
    assert answer["Refresh"] == answer["Retry-After"]
    assert "no-store" in answer["Cache-Control"]
    assert int(answer["Content-Length"]) == len(answer.content)
    assert "default-src" in answer["Content-Security-Policy"]
    assert "Very many people are here just now" in answer.content.decode()
    assert "sessionid" not in answer.cookies


def test_the_page_is_in_the_readers_language(client):
    long_queue()
    assert '<html lang="zh' in client.get("/reserve/").content.decode()
    assert '<html lang="en"' in client.get("/reserve/", headers=EN).content.decode()
    client.cookies["django_language"] = "en"
    assert '<html lang="en"' in client.get("/reserve/", headers={"accept-language": "zh-CN"}).content.decode()


def test_a_form_turned_away_says_that_sending_again_is_safe(client):
    long_queue()
    answer = client.post("/reserve/", {"unit": 1}, headers=EN)
    assert (answer.status_code, "Refresh" in answer) == (503, False)
    assert "sent twice, it is one order" in answer.content.decode()


def test_the_api_is_told_so_as_a_problem(client):
    long_queue()
    answer = client.post("/api/v1/orders/", "{}", content_type="application/json", headers=EN)
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert answer.json()["code"] == "busy"
    assert int(answer["Retry-After"]) >= 3


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/cars/", "/healthz", "/queue/festival/standing/", "/pay/X/", "/orders/X/"])
def test_everything_else_is_served_however_long_the_queue(client, path):
    long_queue()
    assert client.get(path, headers=EN).status_code != 503


class Slow:
    """Answers when it is let, and says when somebody came in."""

    def __init__(self) -> None:
        self.came_in, self.let_go = threading.Semaphore(0), threading.Event()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/reserve/":
            self.came_in.release()
            self.let_go.wait(timeout=30)
        return HttpResponse("served")


def test_slow_reservations_leave_a_thread_for_other_pages(monkeypatch):
    monkeypatch.setattr(shedding, "PATIENCE_S", 0.05)
    shedding.start(lambda: 0, threads=4)
    slow = Slow()
    middleware = shedding.SheddingMiddleware(slow)
    ask = RequestFactory().get
    with ThreadPoolExecutor(3) as pool:
        inside = [pool.submit(middleware, ask("/reserve/")) for _ in range(3)]
        for _ in inside:
            assert slow.came_in.acquire(timeout=30)
        # The fourth thread of the server is not kept by a fourth reservation: it turns it away and serves others.
        assert middleware(ask("/reserve/")).status_code == 503
        assert middleware(ask("/cars/")).content == b"served"
        slow.let_go.set()
        assert [each.result(timeout=30).status_code for each in inside] == [200, 200, 200]
    assert middleware(ask("/reserve/")).status_code == 200


def test_a_short_burst_waits_for_a_place_instead():
    shedding.start(lambda: 0, threads=2)
    middleware = shedding.SheddingMiddleware(lambda request: HttpResponse("served"))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: middleware(RequestFactory().get("/reserve/")).status_code, range(80)))
    assert set(answers) == {200}


def test_a_failing_page_gives_its_place_back():
    shedding.start(lambda: 0, threads=2)

    def fail(request: HttpRequest) -> HttpResponse:
        raise ValueError

    middleware = shedding.SheddingMiddleware(fail)
    for _ in range(3):
        with pytest.raises(ValueError):
            middleware(RequestFactory().get("/reserve/"))
