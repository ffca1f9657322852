"""Visitors are counted without being known, and never at the cost of a page."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
import redis
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import StockUnit
from catalog.places import forget_places
from orders.models import FunnelDay
from orders.reports import counting
from tests import factories

pytestmark = pytest.mark.django_db
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
_addresses = itertools.count(1)


@pytest.fixture(autouse=True)
def books(monkeypatch):
    """Nothing counted yet; a busy machine is no reason to rest."""
    monkeypatch.setattr(counting, "TIMEOUT_S", 10)
    open_anew = counting._redis.cache_clear
    open_anew()
    factories.make_city()
    forget_places()
    client = redis.Redis.from_url(settings.CACHES["default"]["LOCATION"])
    prefix = settings.CACHES["default"]["KEY_PREFIX"]
    for key in client.scan_iter(f"{prefix}:funnel:*"):
        client.delete(key)
    counting.counter.forget()
    yield client
    open_anew()
    forget_places()
    counting.counter.forget()


@pytest.fixture
def trim():
    factories.make_terms()
    return factories.make_unit().trim


def visitor(**headers: str) -> Client:
    client = Client(headers={"accept-language": "en", "user-agent": BROWSER} | headers)
    client.defaults["REMOTE_ADDR"] = f"198.51.100.{next(_addresses) % 250}"
    return client


def counted() -> dict[str, int]:
    counting.flush_funnel()
    return dict(FunnelDay.objects.values_list("step", "visitors"))


def page_of(trim) -> str:
    return f"/cars/{trim.vehicle_model.slug}/{trim.code}/"


def test_a_visitor_counts_once_a_day_at_every_step_reached(trim):
    for _ in range(3):
        one = visitor()
        assert [one.get("/").status_code, one.get("/cars/").status_code] == [200, 200]
    two = visitor()
    two.get(page_of(trim), {"colour": "white"})
    three = visitor()
    assert three.get("/reserve/", {"unit": StockUnit.objects.get(trim=trim).pk}).status_code == 200
    assert counted() == {"visit": 5, "configure": 2, "reserve": 1}


def test_looking_at_a_trim_is_not_configuring_it(trim):
    assert visitor().get(page_of(trim)).status_code == 200
    assert counted() == {"visit": 1}


def test_each_day_of_the_market_counts_anew():
    one = visitor()
    with time_machine.travel("2014-11-22T15:59:00Z", tick=False):
        one.get("/")
    with time_machine.travel("2014-11-22T16:01:00Z", tick=False):
        one.get("/")
        counting.flush_funnel()
    days = FunnelDay.objects.values_list("day", "visitors").order_by("day")
    assert [(f"{day}", visitors) for day, visitors in days] == [("2014-11-22", 1), ("2014-11-23", 1)]


@pytest.mark.parametrize(
    "headers",
    [
        {"dnt": "1"},
        {"sec-gpc": "1"},
        {"sec-purpose": "prefetch"},
        {"user-agent": ""},
        {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"user-agent": "curl/8.5"},
        {"user-agent": "Mozilla/5.0 HeadlessChrome/120"},
    ],
)
def test_who_asks_not_to_be_and_programs_are_not_counted(headers):
    assert visitor(**headers).get("/").status_code == 200
    assert counted() == {}


def test_what_is_no_page_for_buyers_is_not_counted():
    one = visitor()
    for path in ("/cars/none/", "/admin/login/", "/healthz", "/api/v1/vehicles/"):
        one.get(path)
    one.head("/")
    assert counted() == {}


def test_a_page_costs_one_command_and_the_next_one_none(monkeypatch, books):
    sent = []
    send = redis.connection.AbstractConnection.send_packed_command
    monkeypatch.setattr(
        redis.connection.AbstractConnection,
        "send_packed_command",
        lambda self, command, **rest: sent.append(b"".join(command)) or send(self, command, **rest),
    )
    one = visitor()
    one.get("/")
    one.get("/cars/")
    assert len([each for each in sent if b"PFADD" in each]) == 1


def test_counting_asks_the_database_nothing(monkeypatch):
    one = visitor()
    one.get("/cars/")
    with CaptureQueriesContext(connection) as counting_queries:
        one.get("/cars/")
    monkeypatch.setattr(counting, "step_of", lambda request, response: None)
    with CaptureQueriesContext(connection) as queries:
        one.get("/cars/")
    assert len(counting_queries) == len(queries)


def test_without_redis_pages_are_shown_and_it_is_asked_once_in_a_while(monkeypatch):
    asked = []

    class Away:
        def pfadd(self, *_):
            asked.append(1)
            raise redis.ConnectionError

        def pipeline(self, **_):
            raise redis.ConnectionError

    monkeypatch.setattr(counting, "_redis", lambda location: Away())
    for _ in range(3):
        assert visitor().get("/").status_code == 200
    assert (len(asked), counting.flush_funnel()) == (1, 0)


def test_what_redis_lost_stays_counted(books):
    for _ in range(3):
        visitor().get("/")
    assert counted() == {"visit": 3}
    for key in books.scan_iter("*:funnel:*"):
        assert 0 < books.ttl(key) <= counting.KEPT_S
        books.delete(key)
    visitor().get("/")
    assert counted() == {"visit": 3}


def test_nobody_is_known_again_the_next_day():
    one = counting.digest(date(2014, 11, 22), "198.51.100.1", BROWSER)
    assert one == counting.digest(date(2014, 11, 22), "198.51.100.1", BROWSER)
    assert one != counting.digest(date(2014, 11, 23), "198.51.100.1", BROWSER)
    assert len(one) == 16


def test_sketches_are_about_one_percent_exact(books):
    market = factories.make_market()
    day = counting.timezone.now().astimezone(market.zone).date()
    key = counting._key(market.pk, day, counting.Step.VISIT)
    books.pfadd(key, *(counting.digest(day, f"10.0.{number >> 8}.{number & 255}", BROWSER) for number in range(20_000)))
    assert abs(counted()["visit"] - 20_000) < 600
