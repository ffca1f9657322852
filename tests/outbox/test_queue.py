import pytest
from django.db import transaction

from o2o_platform.outbox import services
from o2o_platform.outbox.models import Delivery

PENDING, DELIVERED, PARKED, CANCELLED = "pending", "delivered", "parked", "cancelled"


def test_a_delivery_is_due_at_once(write):
    delivery = write()
    assert delivery in Delivery.objects.due()
    assert (delivery.status, delivery.attempts_made, delivery.subject_type) == (PENDING, 0, "accounts.user")
    assert delivery.message_id.startswith("msg_")


def test_one_insert_writes_it(write, django_assert_num_queries):
    with django_assert_num_queries(1):
        write()


def test_the_same_key_again_returns_the_row_there_is(write):
    first = write(dedupe_key="once", body="first")
    again = write(dedupe_key="once", body="second")
    assert (again.pk, again.uid, again.body) == (first.pk, first.uid, "first")
    assert Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_duplicate_leaves_the_transaction_usable(write):
    write(dedupe_key="once")
    with transaction.atomic():
        write(dedupe_key="once")
        write(dedupe_key="other")
    assert Delivery.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_tells_nobody(write, asleep):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write()
        raise ZeroDivisionError
    assert (Delivery.objects.count(), asleep) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_woken_once_per_transaction(write, asleep):
    with transaction.atomic():
        write()
        with transaction.atomic():
            write()
        write()
        assert asleep == []
    assert asleep == ["woken"]


@pytest.mark.parametrize("status", [DELIVERED, PARKED, CANCELLED])
def test_replay_starts_over_with_the_same_id_and_body(write, status):
    delivery = write(body="frozen")
    delivered_at = delivery.created_at if status == DELIVERED else None
    Delivery.objects.filter(pk=delivery.pk).update(
        status=status, attempts_made=10, delivered_at=delivered_at, last_error="HTTP 500"
    )
    assert services.replay(delivery)
    again = Delivery.objects.due().get()
    assert (again.uid, again.body, again.attempts_made, again.last_error) == (delivery.uid, "frozen", 0, "")


def test_what_is_waiting_is_not_replayed(write):
    assert not services.replay(write())


def test_a_cancelled_delivery_is_not_sent(write, channel):
    delivery = write()
    assert services.cancel(delivery)
    assert services.deliver_due() == 0
    assert channel.sent == []
    assert not services.cancel(delivery)


def test_acknowledging_by_either_id_is_noted_once(write):
    first, second = write(), write()
    assert services.acknowledge(first.message_id)
    assert services.acknowledge(second.uid)
    assert not services.acknowledge(first.uid)
    assert not services.acknowledge("msg_nonsense")
    assert Delivery.objects.filter(acknowledged_at=None).count() == 0


def test_a_recipient_acknowledges_what_it_was_told_about_a_subject(write, subject):
    write()
    write(recipient="dealership:2")
    assert services.acknowledge_about(subject, recipient="dealership:1") == 1
    assert Delivery.objects.get(recipient="dealership:2").acknowledged_at is None
