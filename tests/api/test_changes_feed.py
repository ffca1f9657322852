"""Systems that ask what changed: in an order that passes nothing by, whoever commits when."""

import base64
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from dealers.changes import FOLLOWABLE, KEPT
from dealers.models import DealerChange
from tests.api.dealer import BASE, system
from tests.factories import make_dealership

CHANGES = f"{BASE}/changes/"
pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 60


@pytest.fixture
def dealership():
    return make_dealership()


@pytest.fixture
def api(dealership):
    return system(dealership)


def tell(dealership, *names: str, topic: str = "order.reserved") -> None:
    for name in names:
        body = {"type": topic, "timestamp": timezone.now().isoformat(), "data": {"name": name}}
        DealerChange.objects.create(dealership=dealership, topic=topic, body=body, dedupe_key=name)


def read(api, after: str = "", **query) -> dict:
    answer = api.get(CHANGES, {"after": after} | query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def names(page: dict) -> list[str]:
    return [change["data"]["name"] for change in page["changes"]]


def follow(api, wanted: int, after: str = "", **query) -> tuple[list[str], str]:
    """Poll as a system does until so many came: transactions elsewhere in the cluster hold a page back."""
    found: list[str] = []
    until = time.monotonic() + PATIENCE_S
    while len(found) < wanted and time.monotonic() < until:
        page = read(api, after, **query)
        found, after = found + names(page), page["next"]
        if not page["changes"]:
            time.sleep(0.05)
    return found, after


def test_changes_come_in_order_and_once(api, dealership):
    tell(dealership, "a", "b", "c")
    found, cursor = follow(api, 3)
    assert found == ["a", "b", "c"]
    tell(dealership, "d")
    assert follow(api, 1, cursor)[0] == ["d"]


def test_a_page_says_whether_there_is_more(api, dealership):
    tell(dealership, "a", "b", "c")
    follow(api, 3)
    first = read(api, limit=2)
    assert (names(first), first["more"]) == (["a", "b"], True)
    second = read(api, first["next"], limit=2)
    assert (names(second), second["more"]) == (["c"], False)
    assert names(read(api, second["next"])) == []


def test_a_change_reads_like_the_webhook(api, dealership):
    tell(dealership, "a")
    follow(api, 1)
    (change,) = read(api)["changes"]
    assert change == {"id": DealerChange.objects.get().pk, **DealerChange.objects.get().body}


def commit_in_reverse(dealership, look) -> list:
    """The first of two transactions commits last; `look` is called before, between and after."""
    written, go_on = threading.Event(), threading.Event()

    def write_first_commit_last() -> None:
        try:
            with transaction.atomic():
                tell(dealership, "first")
                written.set()
                assert go_on.wait(30)
        finally:
            connection.close()

    slow = threading.Thread(target=write_first_commit_last)
    slow.start()
    assert written.wait(30)
    seen = [look()]
    tell(dealership, "second")
    seen.append(look())
    go_on.set()
    slow.join()
    return [*seen, look()]


def test_a_transaction_that_commits_late_is_not_passed_by(api, dealership):
    state = {"after": read(api)["next"], "found": []}

    def look() -> list[str]:
        page = read(api, state["after"])
        state["after"], state["found"] = page["next"], state["found"] + names(page)
        return names(page)

    before, between, _after = commit_in_reverse(dealership, look)
    assert (before, between) == ([], [])
    rest, _cursor = follow(api, 2 - len(state["found"]), state["after"])
    assert state["found"] + rest == ["first", "second"]


def test_control_a_reader_that_follows_ids_loses_it(dealership):
    state = {"after": 0, "found": []}

    def look() -> list[str]:
        rows = DealerChange.objects.filter(dealership=dealership, pk__gt=state["after"]).order_by("pk")
        for row in rows:
            state["after"] = row.pk
            state["found"].append(row.body["data"]["name"])
        return state["found"]

    commit_in_reverse(dealership, look)
    assert state["found"] == ["second"]
    assert DealerChange.objects.count() == 2


def test_many_writers_and_a_reader_who_never_stops(api, dealership):

    def write(part: int) -> None:
        try:
            for number in range(25):
                with transaction.atomic():
                    tell(dealership, f"{part}-{number}")
                    time.sleep(0.002 * (part % 3))
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=[part]) for part in range(8)]
    for writer in writers:
        writer.start()
    found, _cursor = follow(api, 200, limit=7)
    for writer in writers:
        writer.join()
    assert len(found) == 200
    assert len(set(found)) == 200


def test_another_dealerships_changes_are_not_there(api, dealership):
    tell(make_dealership(), "theirs")
    tell(dealership, "ours")
    assert follow(api, 1)[0] == ["ours"]


def test_topics_are_chosen_and_others_passed(api, dealership):
    tell(dealership, "a", topic="order.paid")
    tell(dealership, "b", topic="order.delivered")
    tell(dealership, "c", topic="appointment.requested")
    assert follow(api, 2, topics="order.paid, appointment.requested")[0] == ["a", "c"]
    assert follow(api, 3)[0] == ["a", "b", "c"]


@pytest.mark.parametrize(("scope", "expected"), [("orders", ["a"]), ("appointments", ["b"])])
def test_a_key_reads_what_its_scopes_cover(dealership, scope, expected):
    tell(dealership, "a", topic="order.paid")
    tell(dealership, "b", topic="appointment.requested")
    follow(system(dealership), 2)
    assert names(read(system(dealership, scopes=[scope]))) == expected


def test_without_a_scope_of_the_feed_it_is_403(dealership):
    assert system(dealership, scopes=["stock", "sales", "payments"]).get(CHANGES).status_code == 403


def test_the_newest_cursor_begins_after_all_there_is(api, dealership):
    tell(dealership, "old")
    _found, seen = follow(api, 1)
    latest = read(api, "latest")
    assert latest["changes"] == []
    tell(dealership, "new")
    assert follow(api, 1, latest["next"])[0] == ["new"]
    assert follow(api, 1, seen)[0] == ["new"]


def cursor_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def test_a_cursor_older_than_what_is_kept_is_gone(api, dealership):
    old = int((timezone.now() - FOLLOWABLE - timedelta(seconds=5)).timestamp())
    answer = api.get(CHANGES, {"after": cursor_of(f"5.0.{old}")})
    assert (answer.status_code, answer.json()["code"]) == (410, "cursor_too_old")
    assert "new cursor" in answer.json()["detail"]
    assert FOLLOWABLE < KEPT


def test_a_cursor_of_another_databases_history_is_gone(api):
    assert api.get(CHANGES, {"after": cursor_of(f"{2**62}.0.{int(time.time())}")}).status_code == 410


def test_a_start_can_be_followed_although_its_first_rows_are_old(api, dealership):
    tell(dealership, "a", "b", "c")
    follow(api, 3)
    DealerChange.objects.update(written_at=timezone.now() - timedelta(days=27))
    page = read(api, limit=1)
    assert names(read(api, page["next"])) == ["b", "c"]
    DealerChange.objects.update(written_at=timezone.now() - timedelta(days=29))
    assert read(api, limit=1)["changes"] == []


@pytest.mark.parametrize(
    "text",
    ["x", "=", "é", cursor_of("1.2"), cursor_of("-1.0.0"), cursor_of(f"{10**40}.0.0"), cursor_of("1.2." + "9" * 40)],
)
def test_what_is_no_cursor_is_a_bad_request(api, text):
    answer = api.get(CHANGES, {"after": text})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/after")


@pytest.mark.parametrize("limit", [0, 501, "x", 10**30])
def test_the_limit_is_checked(api, limit):
    assert api.get(CHANGES, {"limit": limit}).status_code == 400


@pytest.mark.parametrize("many", [1, 40])
def test_a_page_takes_the_same_queries_whatever_its_length(api, dealership, many, django_assert_num_queries):
    tell(dealership, *[f"n{number}" for number in range(many)])
    follow(api, many)
    with django_assert_num_queries(3):
        assert len(read(api)["changes"]) == many
