"""Notes of changed trims are swept, but never before every list could follow them."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from catalog.models import Touch
from catalog.services.touches import LOOKS, sweep_touches
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 120


@pytest.fixture(autouse=True)
def _no_looks():
    cache.delete(LOOKS)
    yield
    cache.delete(LOOKS)


def outlive_what_runs() -> None:
    """Wait until every transaction of the server is younger than the touches: other workers' tests have theirs."""
    patience = time.monotonic() + PATIENCE_S
    with connection.cursor() as cursor:
        while time.monotonic() < patience:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            if not Touch.objects.filter(xid__gte=cursor.fetchone()[0]).exists():
                return
            time.sleep(0.05)
    pytest.fail("a transaction is never ended")


def test_touches_are_swept_an_hour_after_a_sweep_saw_them(time_machine):
    make.make_trim()
    assert Touch.objects.exists()
    outlive_what_runs()
    assert sweep_touches() == 0
    time_machine.move_to(timezone.now() + dt.timedelta(minutes=50))
    assert sweep_touches() == 0
    time_machine.move_to(timezone.now() + dt.timedelta(minutes=11))
    later = make.make_trim(code="later")
    assert sweep_touches() >= 1
    assert set(Touch.objects.values_list("trim_id", flat=True)) == {later.pk}


def test_an_old_touch_committed_just_now_stays(time_machine):
    """A transaction that ran for hours: its touch has an old time, and nobody could see it before."""
    trim = make.make_trim()
    slow = connection.copy()
    try:
        slow.set_autocommit(False)
        with slow.cursor() as cursor:
            cursor.execute("UPDATE catalog_trim SET seats = 6 WHERE id = %s", [trim.pk])
        sweep_touches()
        time_machine.move_to(timezone.now() + dt.timedelta(minutes=61))
        slow.commit()
        sweep_touches()
        assert Touch.objects.filter(trim_id=trim.pk).exists()
    finally:
        slow.close()


def test_a_lost_note_only_delays(time_machine):
    make.make_trim()
    outlive_what_runs()
    sweep_touches()
    cache.delete(LOOKS)
    time_machine.move_to(timezone.now() + dt.timedelta(minutes=61))
    assert sweep_touches() == 0
    time_machine.move_to(timezone.now() + dt.timedelta(minutes=61))
    assert sweep_touches() >= 1
