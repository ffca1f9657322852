"""The feed of changes for dealerships whose systems ask instead of being called."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from dealers.handoffs import BODY_LIMIT
from dealers.models import DealerChange
from dealers.services import forget_old_changes
from dealers.tasks import sweep_changes
from o2o_platform.outbox.models import Delivery

from .test_handoffs import ORDER_DATA, add_endpoint, dealership, hand_off

__all__ = ["add_endpoint", "dealership"]


def test_a_dealership_without_any_endpoint_is_told_in_the_feed(dealership):
    assert hand_off(dealership) == []
    change = DealerChange.objects.get()
    assert (change.dealership, change.topic, change.body["type"]) == (dealership, "order.reserved", "order.reserved")
    assert change.body["data"] == ORDER_DATA


def test_feed_and_webhook_say_the_same(dealership, add_endpoint):
    add_endpoint()
    hand_off(dealership)
    assert DealerChange.objects.get().body == json.loads(Delivery.objects.get().body)


def test_a_change_told_twice_is_one_row(dealership):
    hand_off(dealership)
    hand_off(dealership)
    hand_off(dealership, topic="order.paid")
    assert list(DealerChange.objects.order_by("pk").values_list("topic", flat=True)) == ["order.reserved", "order.paid"]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_told_to_nobody(dealership, add_endpoint):
    add_endpoint()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        hand_off(dealership)
        raise ZeroDivisionError
    assert (DealerChange.objects.count(), Delivery.objects.count()) == (0, 0)


def test_the_feed_forgets_after_thirty_days(dealership):
    hand_off(dealership)
    hand_off(dealership, topic="order.paid")
    DealerChange.objects.filter(topic="order.reserved").update(
        written_at=timezone.now() - timedelta(days=30, minutes=1)
    )
    assert (sweep_changes(), forget_old_changes()) == (1, 0)
    assert DealerChange.objects.get().topic == "order.paid"


def test_a_backlog_of_old_changes_goes_in_batches(dealership, django_assert_num_queries):
    for number in range(5):
        hand_off(dealership, topic=f"t{number}")
    DealerChange.objects.update(written_at=timezone.now() - timedelta(days=31))
    assert forget_old_changes(batch=2) == 5


@pytest.mark.parametrize("length", [3_000, 30_000, 300_000])
def test_what_is_too_long_is_cut_and_says_so(dealership, add_endpoint, length):
    add_endpoint()
    data = ORDER_DATA | {"notes": ["长" * length] * 100, "buyer": ORDER_DATA["buyer"] | {"name": "n" * length}}
    [delivery] = hand_off(dealership, data=data)
    message = json.loads(delivery.body)
    assert len(delivery.body.encode()) < BODY_LIMIT
    assert message["truncated"] is True
    assert message["data"]["order"] == ORDER_DATA["order"]
    assert message["data"]["buyer"]["name"].endswith("…")


def test_what_is_short_is_not_cut(dealership):
    hand_off(dealership, data=ORDER_DATA | {"note": "x" * 15_000})
    assert "truncated" not in DealerChange.objects.get().body
