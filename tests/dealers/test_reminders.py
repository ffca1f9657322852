"""Reminders are decided when they are sent."""

from datetime import timedelta

import pytest
import time_machine

from dealers import services
from dealers.services import send_reminders
from o2o_platform.journal.models import SYSTEM
from o2o_platform.outbox.models import Delivery
from tests import factories
from tests.dealers.drives import book, make_place, slots_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def confirmed():
    dealership, trim = make_place()
    factories.make_member(dealership)
    drive = book(dealership, trim, slots_of(dealership, trim, 5)[-1])
    return services.confirm(drive.pk, actor=SYSTEM)


def reminders(drive) -> list[str]:
    rows = Delivery.objects.about(drive).filter(topic="message.drive_reminder").order_by("pk")
    return list(rows.values_list("status", flat=True))


def test_one_a_day_before_and_one_two_hours_before(confirmed):
    moments = [timedelta(hours=25), timedelta(hours=24), timedelta(hours=23), timedelta(hours=2), timedelta(hours=1)]
    sent = [send_reminders(now=confirmed.starts_at - left) for left in moments]
    assert sent == [0, 1, 0, 1, 0]
    assert len(reminders(confirmed)) == 2


def test_one_confirmed_within_the_day_is_not_reminded_at_once():
    """The confirmation has just said it; two hours before, the buyer is reminded all the same."""
    dealership, trim = make_place()
    factories.make_member(dealership)
    drive = book(dealership, trim, slots_of(dealership, trim, 5)[-1])
    with time_machine.travel(drive.starts_at - timedelta(hours=20), tick=False):
        services.confirm(drive.pk, actor=SYSTEM)
        assert send_reminders() == 0
    assert send_reminders(now=drive.starts_at - timedelta(hours=1)) == 1


def test_a_cancelled_drive_reminds_nobody(confirmed):
    services.cancel(confirmed.pk, actor=SYSTEM)
    assert send_reminders(now=confirmed.starts_at - timedelta(hours=20)) == 0


def test_one_that_is_not_confirmed_reminds_nobody():
    dealership, trim = make_place()
    drive = book(dealership, trim, slots_of(dealership, trim)[0])
    assert send_reminders(now=drive.starts_at - timedelta(hours=20)) == 0


def test_a_reminder_still_waiting_when_the_drive_is_called_off_is_withdrawn(confirmed):
    send_reminders(now=confirmed.starts_at - timedelta(hours=20))
    services.cancel(confirmed.pk, actor=SYSTEM)
    assert reminders(confirmed) == ["cancelled"]


def test_a_moved_drive_is_reminded_of_its_new_time(confirmed):
    send_reminders(now=confirmed.starts_at - timedelta(hours=20))
    new = confirmed.starts_at - timedelta(days=1)
    services.reschedule(confirmed.pk, starts_at=new, actor=SYSTEM)
    assert send_reminders(now=new - timedelta(hours=20)) == 0
    services.confirm(confirmed.pk, actor=SYSTEM)
    assert send_reminders(now=new - timedelta(hours=20)) == 1
    assert reminders(confirmed) == ["cancelled", "pending"]


def test_the_sweep_costs_two_queries_when_nothing_is_due(django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        assert send_reminders() == 0
