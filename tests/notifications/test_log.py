"""The log at the desk: whom, what and when, never the words or the whole address."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from o2o_platform.notifications.addresses import masked
from o2o_platform.notifications.services import notify
from o2o_platform.outbox.models import Delivery, DeliveryAttempt
from tests.factories import make_buyer, make_dealership, make_member, make_order, make_staff, make_unit

LIST = reverse("admin:notifications_sentmessage_changelist")
pytestmark = pytest.mark.usefixtures("db", "asleep")


def signed_in(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def told(place, **buyer) -> Delivery:
    """A message to a buyer about an order at a dealership."""
    order = make_order(make_unit(dealership=place), buyer=make_buyer(**buyer))
    context = {"order": order, "url": "https://cars.example/o/"}
    return notify(order.buyer, "order_ready", subject=order, context=context, dedupe_key=f"r{order.pk}")[0]


@pytest.mark.parametrize(
    ("address", "shown"),
    [("li.mei@example.com", "l***@example.com"), ("+8613800138000", "+86138****8000"), ("12345", "****"), ("", "****")],
)
def test_addresses_are_masked(address, shown):
    assert masked(address) == shown


def test_a_dealership_sees_messages_about_its_own(client):
    ours, theirs = make_dealership(), make_dealership()
    own, other = told(ours, email="li.mei@example.com"), told(theirs)
    client = signed_in(make_member(ours))
    rows = client.get(LIST).context["cl"].queryset
    assert set(rows.values_list("pk", flat=True)) == {own.pk, own.pk + 1}
    assert client.get(reverse("admin:notifications_sentmessage_change", args=[other.pk])).status_code == 302


def test_neither_words_nor_addresses_are_shown():
    place = make_dealership()
    delivery = told(place, email="li.mei@example.com")
    DeliveryAttempt.objects.create(
        delivery=delivery, started_at=delivery.created_at, duration_ms=4, succeeded=False, error="li.mei@example.com?"
    )
    client = signed_in(make_member(place, role="manager"))
    for address in (LIST, reverse("admin:notifications_sentmessage_change", args=[delivery.pk])):
        page = client.get(address).content.decode()
        assert "l***@example.com" in page
        assert "li.mei" not in page
        assert "waiting for you" not in page
        assert "Car ready" in page


@pytest.mark.parametrize("word", ["LI.MEI@example.com", "0138000", "Mei", "msg_{uid}", "{uid}"])
def test_it_is_found_by_person_and_by_id(word):
    delivery = told(make_dealership(), email="li.mei@example.com", phone="+8613800138000", name="Mei Li")
    told(make_dealership())
    rows = signed_in(make_staff()).get(LIST, {"q": word.format(uid=delivery.uid.hex)}).context["cl"].queryset
    assert delivery.pk in rows.values_list("pk", flat=True)
    assert len(rows) == (1 if "uid" in word else 2)


@pytest.mark.parametrize("word", ["\x00", "%", "9" * 400, "nobody@example.com", "é"])
def test_odd_words_find_nothing_and_break_nothing(word):
    told(make_dealership())
    response = signed_in(make_staff()).get(LIST, {"q": word})
    assert response.status_code in (200, 400)


def test_it_is_narrowed_by_kind():
    delivery = told(make_dealership())
    client = signed_in(make_staff())
    for kind, count in (("order_ready", 1), ("order_paid", 0)):
        assert client.get(LIST, {"kind": kind}).context["cl"].queryset.count() == count
    assert delivery.topic == "message.order_ready"


def test_what_goes_to_dealers_is_not_in_it():
    place = make_dealership()
    Delivery.objects.create(
        topic="order.reserved",
        channel="webhook",
        recipient=place.recipient,
        subject_type="orders.order",
        subject_id=1,
        dedupe_key="d",
        body="{}",
    )
    assert not signed_in(make_staff()).get(LIST).context["cl"].queryset.exists()


def test_the_list_takes_as_many_queries_for_many_as_for_few(django_assert_max_num_queries):
    place = make_dealership()
    for _ in range(12):
        told(place)
    client = signed_in(make_member(place))
    with django_assert_max_num_queries(12):
        client.get(LIST)
