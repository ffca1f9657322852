"""Tasks of a dealership: due on Today, given to its own people, done once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import DeskTask
from tests import factories

from .conftest import signed_in


@pytest.fixture
def place():
    return factories.make_dealership()


@pytest.fixture
def advisor(place):
    return factories.make_member(place)


def make_task(place, author, **fields) -> DeskTask:
    values = {"text": "Call back", "due_at": timezone.now() + timedelta(hours=2)} | fields
    return DeskTask.objects.create(dealership=place, author=author, **values)


def shown(client) -> list[DeskTask]:
    sections = client.get("/admin/").context["sections"]
    return [row.subject for section in sections if section.name == "tasks" for row in section.rows]


def test_what_is_due_soon_stands_on_today_the_latest_first(place, advisor):
    soon, late = make_task(place, advisor), make_task(place, advisor, due_at=timezone.now() - timedelta(days=1))
    make_task(place, advisor, due_at=timezone.now() + timedelta(days=3))
    make_task(place, advisor, done_at=timezone.now())
    make_task(factories.make_dealership(), advisor)
    client = signed_in(advisor)
    assert shown(client) == [late, soon]
    assert "Overdue" in client.get("/admin/").content.decode()


def test_a_task_is_done_once_and_says_by_whom(place, advisor):
    task, other = make_task(place, advisor), factories.make_member(place)
    address = f"/admin/orders/desktask/{task.pk}/do/done/"
    assert signed_in(other).post(address).status_code == 303
    again = signed_in(advisor).post(address, follow=True)
    assert "done already" in again.content.decode()
    task.refresh_from_db()
    assert task.done_by == other
    signed_in(advisor).post(f"/admin/orders/desktask/{task.pk}/do/reopen/")
    assert DeskTask.objects.open().get() == task


def test_a_task_is_given_to_ones_own_people_alone(place, advisor):
    task, colleague = make_task(place, advisor), factories.make_member(place)
    stranger = factories.make_member(factories.make_dealership())
    group = factories.make_group_member(place)
    client, address = signed_in(advisor), f"/admin/orders/desktask/{task.pk}/do/give/"
    due = {"due_at": f"{timezone.now().astimezone(place.zone):%Y-%m-%dT18:00}"}
    assert client.post(address, due | {"assignee": stranger.pk}).status_code == 422
    for person in (colleague, group):
        assert client.post(address, due | {"assignee": person.pk}).status_code == 303
        task.refresh_from_db()
        assert task.assignee == person
    client.post(address, due | {"assignee": ""})
    task.refresh_from_db()
    assert task.assignee is None


def test_tasks_without_a_buyer_are_added_from_their_list(place, advisor):
    client = signed_in(advisor)
    stranger = factories.make_member(factories.make_dealership())
    data = {"dealership": place.pk, "text": "Order flowers", "due_at_0": "2026-12-24", "due_at_1": "09:00"}
    assert client.post("/admin/orders/desktask/add/", data | {"assignee": stranger.pk}).status_code == 200
    assert client.post("/admin/orders/desktask/add/", data | {"assignee": advisor.pk}).status_code == 302
    task = DeskTask.objects.get()
    assert (task.author, task.due_at.astimezone(place.zone).hour) == (advisor, 9)
    assert client.get(f"/admin/orders/desktask/{task.pk}/change/").status_code == 200
    assert client.get("/admin/orders/desktask/", {"state": "mine", "q": "flowers"}).context["cl"].queryset.get() == task


def test_a_reader_does_nothing_with_tasks(place, advisor):
    task = make_task(place, advisor)
    client = signed_in(factories.make_member(place, role="read_only"))
    assert shown(client) == [task]
    assert client.post(f"/admin/orders/desktask/{task.pk}/do/done/").status_code == 403
    assert client.get("/admin/orders/desktask/add/").status_code == 403


@pytest.mark.parametrize("due", ["", "x", "9999-12-31T23:59", "0001-01-01T00:00", "2026-12-01T10:00\x00"])
def test_times_that_are_none_are_refused(place, advisor, due):
    order_buyer = factories.make_buyer()
    drive = factories.make_trade_in(place, buyer=order_buyer)
    data = {"text": "x", "due_at": due}
    response = signed_in(advisor).post(f"/admin/orders/tradein/{drive.pk}/do/task/", data)
    assert response.status_code in (400, 422)
    assert not DeskTask.objects.exists()
