import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from o2o_platform.outbox import services
from o2o_platform.outbox.channels import Outcome
from o2o_platform.outbox.models import Delivery
from o2o_platform.outbox.services import leases
from o2o_platform.outbox.services.leases import SCHEDULE_S, Result, claim_due, record_results, retry_wait


def let_lease_run_out(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def result_of(lease, outcome):
    return Result(lease.delivery, outcome, timezone.now())


def test_a_claimed_delivery_is_nobody_elses(write):
    write()
    assert len(claim_due(10)) == 1
    assert claim_due(10) == []


def test_a_claim_is_one_statement(write, django_assert_max_num_queries):
    for _ in range(5):
        write()
    with django_assert_max_num_queries(3):  # with its savepoint in tests
        assert len(claim_due(3)) == 3


def test_the_oldest_come_first(write):
    late, early = write(), write()
    Delivery.objects.filter(pk=early.pk).update(next_attempt_at=timezone.now() - timedelta(hours=1))
    assert [lease.delivery.pk for lease in claim_due(1)] == [early.pk]
    assert [lease.delivery.pk for lease in claim_due(1)] == [late.pk]


def test_lanes_can_be_left_out(write):
    write(recipient="dealership:1")
    write(recipient="dealership:2")
    claimed = claim_due(10, without=["scripted dealership:1"])
    assert [lease.delivery.recipient for lease in claimed] == ["dealership:2"]


def test_a_worker_killed_while_sending_leaves_a_row_that_comes_due_again(write, channel):
    delivery = write()
    claim_due(10)  # … and the worker dies here: nothing is recorded
    assert services.deliver_due() == 0
    let_lease_run_out(delivery)
    assert services.deliver_due() == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts_made) == ("delivered", 2)


def test_a_stale_worker_cannot_overwrite_the_next_one(write):
    delivery = write()
    [stale] = claim_due(1)
    let_lease_run_out(delivery)
    [current] = claim_due(1)
    assert record_results([result_of(stale, Outcome(ok=False, error="too late"))]) == set()
    delivery.refresh_from_db()
    assert (delivery.last_error, delivery.attempts_made, delivery.status) == ("", 2, "pending")
    assert record_results([result_of(current, Outcome(ok=True))]) == {delivery.pk}


def test_a_stale_worker_cannot_overwrite_after_a_replay(write):
    delivery = write()
    [stale] = claim_due(1)
    Delivery.objects.filter(pk=delivery.pk).update(status="parked")
    services.replay(delivery)
    [_current] = claim_due(1)
    assert record_results([result_of(stale, Outcome(ok=False, park=True))]) == set()


def test_a_cancelled_delivery_stays_cancelled_when_its_attempt_returns(write):
    delivery = write()
    [lease] = claim_due(1)
    services.cancel(delivery)
    assert record_results([result_of(lease, Outcome(ok=True))]) == set()
    delivery.refresh_from_db()
    assert delivery.status == "cancelled"


def test_recording_is_a_few_statements_however_many(write, django_assert_max_num_queries):
    for _ in range(30):
        write()
    results = [result_of(lease, Outcome(ok=True, status_code=200)) for lease in claim_due(30)]
    with django_assert_max_num_queries(4):
        record_results(results)
    assert Delivery.objects.filter(status="delivered").count() == 30


def test_what_cannot_be_stored_as_it_is_does_not_undo_the_batch(write):
    write()
    write()
    first, second = claim_due(2)
    poison = Outcome(ok=False, status_code=500, error="\x00bad\udcff" + "e" * 900, excerpt="\x00" * 900)
    assert len(record_results([result_of(first, poison), result_of(second, Outcome(ok=True))])) == 2


def test_after_the_last_attempt_it_is_parked(write):
    delivery = write()
    for made in range(len(SCHEDULE_S)):
        [lease] = claim_due(1)
        record_results([result_of(lease, Outcome(ok=False, status_code=500))])
        delivery.refresh_from_db()
        assert delivery.status == ("parked" if made == len(SCHEDULE_S) - 1 else "pending")
        let_lease_run_out(delivery)
    assert (delivery.attempts_made, delivery.attempts.count(), delivery.last_error) == (10, 10, "HTTP 500")


@given(made=st.integers(1, len(SCHEDULE_S) - 1), asked=st.none() | st.floats(0, 10**7))
def test_the_wait_is_the_schedule_with_jitter_or_what_was_asked(made, asked):
    wait = retry_wait(made, retry_after=asked)
    assert SCHEDULE_S[made] <= wait <= max(SCHEDULE_S[made] * 1.2, min(asked or 0, 86_400))
    assert wait >= min(asked or 0, 86_400)


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_never_claim_the_same_row(write):
    for _ in range(200):
        write()
    claimed: list[int] = []
    start = threading.Barrier(4)

    def work():
        start.wait()
        while mine := claim_due(7):
            claimed.extend(lease.delivery.pk for lease in mine)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(claimed) == len(set(claimed)) == 200


@pytest.mark.django_db(transaction=True)
def test_control_without_skip_locked_and_lease_workers_claim_the_same_row(write, monkeypatch):
    careless = "SELECT d.* FROM outbox_delivery AS d WHERE status = 'pending' ORDER BY id LIMIT %(limit)s"
    monkeypatch.setattr(leases, "CLAIM", careless)
    write()
    assert claim_due(1)[0].delivery == claim_due(1)[0].delivery


@pytest.mark.django_db(transaction=True)
def test_nothing_is_claimed_inside_somebody_elses_transaction(write):
    write()
    with transaction.atomic(), pytest.raises(RuntimeError):
        claim_due(1)
