"""Trims that go public by themselves, once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from catalog.models import SearchTerm, Trim
from catalog.services.publishing import AlreadyPast, publish_due, publish_trims, publish_trims_at, take_off_trims
from catalog.tasks import publish_due as task
from o2o_platform.journal.models import SYSTEM, Actor, Event
from tests import factories


@pytest.fixture(autouse=True)
def _database(db):
    """Every test writes rows."""


@pytest.fixture
def clock(time_machine):
    """Time that moves only when told to."""
    time_machine.move_to(timezone.now(), tick=False)
    return time_machine


def hidden(**fields) -> Trim:
    return factories.make_trim(is_published=False, **fields)


def soon(minutes: int) -> dt.datetime:
    return timezone.now() + dt.timedelta(minutes=minutes)


def test_a_trim_goes_public_at_its_moment_and_not_before(clock):
    trim, other, never = hidden(), hidden(), hidden()
    publish_trims_at([trim.pk], at=soon(5), actor=SYSTEM)
    publish_trims_at([other.pk], at=soon(60), actor=SYSTEM)
    assert publish_due() == 0
    clock.shift(dt.timedelta(minutes=6))
    assert publish_due() == 1
    trim.refresh_from_db()
    assert (trim.is_published, trim.publish_at) == (True, None)
    assert set(Trim.objects.filter(is_published=False)) == {other, never}


def test_publishing_again_changes_nothing(clock):
    trim = hidden()
    publish_trims_at([trim.pk], at=soon(5), actor=SYSTEM)
    clock.shift(dt.timedelta(minutes=6))
    assert [task(), task(), publish_trims([trim.pk], actor=SYSTEM)] == [1, 0, 0]
    assert Event.objects.of(trim).filter(name="published").count() == 1
    assert trim.history.filter(history_change_reason="Published at the time set").count() == 1


def test_a_trim_taken_off_stays_off(clock):
    trim = hidden()
    publish_trims_at([trim.pk], at=soon(5), actor=SYSTEM)
    assert take_off_trims([trim.pk], actor=SYSTEM) == 1
    clock.shift(dt.timedelta(minutes=6))
    assert publish_due() == 0
    assert take_off_trims([trim.pk], actor=SYSTEM) == 0


def test_the_past_is_no_moment_to_publish_at():
    trim = hidden()
    with pytest.raises(AlreadyPast):
        publish_trims_at([trim.pk], at=timezone.now(), actor=SYSTEM)
    trim.refresh_from_db()
    assert trim.publish_at is None


def test_who_published_is_kept_and_its_words_are_found():
    staff, trim = factories.make_staff(), hidden(name="Luxury")
    publish_trims([trim.pk], actor=Actor.staff(staff), reason="season")
    version = trim.history.first()
    assert (version.history_user, version.history_change_reason, version.is_published) == (staff, "season", True)
    assert Event.objects.of(trim).get().actor_label == str(staff)
    assert SearchTerm.objects.filter(vehicle_model=trim.vehicle_model).exists()


def test_many_are_published_in_batches(monkeypatch, clock):
    monkeypatch.setattr("catalog.services.publishing.AT_ONCE", 2)
    trims = [hidden() for _number in range(5)]
    publish_trims_at([trim.pk for trim in trims], at=soon(1), actor=SYSTEM)
    clock.shift(dt.timedelta(minutes=2))
    assert publish_due() == 5
