"""Somebody stops messages while one is being written or sent: once they were told so, none is sent."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from o2o_platform.notifications import channels, services
from o2o_platform.notifications.models import DevelopmentMessage
from o2o_platform.notifications.preferences import choose
from o2o_platform.outbox.models import Delivery
from o2o_platform.outbox.services import claim_due, deliver_due
from tests.concurrency.racing import race
from tests.factories import make_buyer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("asleep")]
PEOPLE = 12


@pytest.fixture(autouse=True)
def adapters(settings):
    settings.EMAIL_ADAPTER = settings.SMS_ADAPTER = "development"


def write(user) -> None:
    services.notify(user, "sign_in_code", subject=user, context={"code": "1"}, dedupe_key=f"r{user.pk}")


def stop_while_it_is_written(monkeypatch, users) -> None:
    """Every message is written by somebody who looked before the person stopped, and commits after."""
    looked, stopped = threading.Barrier(2, timeout=30), threading.Barrier(2, timeout=30)

    def look_then_wait(user, kind) -> bool:
        looked.wait()
        stopped.wait()
        return True

    monkeypatch.setattr(services, "wants", look_then_wait)

    def write_all() -> None:
        for user in users:
            with transaction.atomic():
                write(user)
        connection.close()

    writer = threading.Thread(target=write_all)
    writer.start()
    for user in users:
        looked.wait()
        choose(user, "news", is_on=False)
        stopped.wait()
    writer.join(timeout=30)


def test_what_is_written_past_a_stop_is_not_sent(kind, monkeypatch):
    kind()
    users = [make_buyer() for _ in range(PEOPLE)]
    stop_while_it_is_written(monkeypatch, users)
    deliver_due()
    assert DevelopmentMessage.objects.count() == 0
    assert set(Delivery.objects.values_list("status", "last_error")) == {("cancelled", "stopped by the reader")}
    assert Delivery.objects.count() == PEOPLE


def test_control_without_the_look_before_sending_they_are_sent(kind, monkeypatch):
    kind()
    monkeypatch.setattr(channels, "screen", lambda deliveries: {})
    stop_while_it_is_written(monkeypatch, [make_buyer() for _ in range(PEOPLE)])
    deliver_due()
    assert DevelopmentMessage.objects.count() == PEOPLE


def test_stopping_and_sending_at_once_leaves_each_message_sent_or_cancelled(kind):
    kind()
    users = [make_buyer() for _ in range(PEOPLE)]
    for user in users:
        write(user)
    calls = [lambda user=user: choose(user, "news", is_on=False) for user in users]
    results = race([*calls, *[deliver_due] * 4], threads=8)
    assert not [result for result in results if isinstance(result, Exception)]
    deliver_due()
    statuses = list(Delivery.objects.values_list("status", flat=True))
    assert set(statuses) <= {"delivered", "cancelled"}
    assert statuses.count("delivered") <= DevelopmentMessage.objects.count() <= PEOPLE


def test_a_message_stopped_on_its_way_stays_cancelled(kind):
    """It was claimed before; its result does not bring the row back to life."""
    kind()
    user = make_buyer()
    write(user)
    [lease] = claim_due(1)
    choose(user, "news", is_on=False)
    assert Delivery.objects.get(pk=lease.delivery.pk).status == "cancelled"
    assert deliver_due() == 0


def test_two_switches_at_once_make_one_choice(kind):
    kind()
    user = make_buyer()
    results = race([lambda on=on: choose(user, "news", is_on=on) for on in (True, False) * 8], threads=16)
    assert not [result for result in results if isinstance(result, Exception)]
    assert user.notification_preferences.count() == 1
