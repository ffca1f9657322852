"""Two workers at the same saved searches write one message; without the guard they write two."""

import threading
import uuid
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.listing import forget_cars
from catalog.models import SavedCar, SavedSearch
from catalog.places import Place
from catalog.services import alerts, saving
from catalog.services.terms import refresh_terms
from o2o_platform.outbox.models import Delivery
from tests.concurrency.racing import race
from tests.factories import make_buyer, make_market, make_offer, make_trim

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 4


@pytest.fixture(autouse=True)
def asleep(monkeypatch):
    monkeypatch.setattr("o2o_platform.outbox.services.queue.wake_worker", lambda: None)


@pytest.fixture
def news():
    """A search and a car somebody saved, and a price that fell since."""
    trim = make_trim()
    offer = make_offer(trim, list_price=Decimal(100_000))
    refresh_terms()
    forget_cars()
    user = make_buyer()
    criteria = saving.read_criteria(SavedSearch(market=make_market(), query="?"))
    search, _is_new = saving.save_search(user, criteria=criteria)
    saving.save_car(user, trim_code=trim.code, place=Place(make_market(), None, ()))
    offer.list_price = Decimal(90_000)
    offer.save()
    forget_cars()
    yield search
    forget_cars()


def together(monkeypatch, name):
    """Let the workers meet right after `name` was called, where a race would show."""
    meeting, original = threading.Barrier(WORKERS), getattr(alerts, name)

    def meet(*args, **options):
        result = original(*args, **options)
        meeting.wait(timeout=120)
        return result

    monkeypatch.setattr(alerts, name, meet)


def unguarded(monkeypatch):
    """Rows read without a lock, and keys that do not know what was told before."""
    monkeypatch.setattr(
        alerts, "lock_search", lambda pk: SavedSearch.objects.select_related("user", "market").get(pk=pk)
    )
    monkeypatch.setattr(
        alerts,
        "lock_cars",
        lambda user: list(SavedCar.objects.select_related("user", "market", "trim").filter(user=user)),
    )
    monkeypatch.setattr(alerts, "message_key", lambda kind, saved: uuid.uuid4().hex)


def messages(topic):
    return Delivery.objects.filter(topic=f"message.{topic}").count()


def test_workers_share_what_is_due(news):
    now = timezone.now()
    claims = race([lambda: alerts.claim_due(SavedSearch, now)] * WORKERS, threads=WORKERS)
    assert sorted(map(len, claims)) == [0] * (WORKERS - 1) + [1]


def test_workers_checking_at_once_write_one_message_of_each_kind(news):
    now = timezone.now()
    race([lambda: (alerts.check_saved_searches(now), alerts.check_saved_cars(now))] * WORKERS, threads=WORKERS)
    assert (messages("saved_search"), messages("saved_cars")) == (1, 1)


def test_workers_at_the_same_search_write_one_message(news, monkeypatch):
    together(monkeypatch, "matching_trims")
    told = race([lambda: alerts.tell_of_search(news.pk, timezone.now())] * WORKERS, threads=WORKERS)
    assert sorted(told) == [False] * (WORKERS - 1) + [True]
    assert messages("saved_search") == 1


def test_control_without_the_guard_each_writes_its_own(news, monkeypatch):
    unguarded(monkeypatch)
    together(monkeypatch, "lock_search")
    race([lambda: alerts.tell_of_search(news.pk, timezone.now())] * WORKERS, threads=WORKERS)
    assert messages("saved_search") > 1


def test_workers_at_the_same_persons_cars_write_one_message(news):
    race([lambda: alerts.tell_of_cars(news.user_id, timezone.now())] * WORKERS, threads=WORKERS)
    assert messages("saved_cars") == 1


def test_control_without_the_guard_each_tells_of_the_cars(news, monkeypatch):
    unguarded(monkeypatch)
    together(monkeypatch, "lock_cars")
    race([lambda: alerts.tell_of_cars(news.user_id, timezone.now())] * WORKERS, threads=WORKERS)
    assert messages("saved_cars") > 1


def test_the_limit_of_saved_searches_holds_for_two_at_once(news, monkeypatch):
    monkeypatch.setattr(saving, "MOST_SEARCHES", 2)
    market = make_market()
    searches = [SavedSearch(market=market, query=f"?q={words}") for words in "abcd"]
    calls = [lambda s=s: saving.save_search(news.user, criteria=saving.read_criteria(s)) for s in searches]
    race(calls, threads=WORKERS)
    assert news.user.saved_searches.count() == 2
