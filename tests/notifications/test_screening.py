"""Right before sending: what is over, stopped, replaced or deleted is cancelled."""

from __future__ import annotations

import pytest

from o2o_platform.notifications.kinds import Category, UndeclaredKind, all_kinds, kind_of
from o2o_platform.notifications.models import DevelopmentMessage
from o2o_platform.notifications.preferences import choose
from o2o_platform.notifications.screening import screen
from o2o_platform.notifications.services import notify
from o2o_platform.outbox.models import Delivery
from o2o_platform.outbox.services import deliver_due, forget_recipient
from tests.factories import make_buyer, make_order

pytestmark = pytest.mark.usefixtures("db", "asleep")


@pytest.fixture(autouse=True)
def adapters(settings):
    settings.EMAIL_ADAPTER = settings.SMS_ADAPTER = "development"


def send(user=None, key="k"):
    user = user or make_buyer()
    [delivery] = notify(
        user, "sign_in_code", subject=user, context={"code": "1"}, dedupe_key=f"{key}{user.pk}", media=("sms",)
    )
    return delivery


def after_sending(delivery: Delivery) -> tuple[str, str, int]:
    deliver_due()
    delivery.refresh_from_db()
    return delivery.status, delivery.last_error, delivery.attempts_made


def test_what_is_no_longer_true_is_cancelled_instead_of_sent(kind):
    kind(is_current=lambda user: user.is_active)
    gone, there = make_buyer(), make_buyer()
    first, second = send(gone), send(there)
    gone.is_active = False
    gone.save()
    assert after_sending(first) == ("cancelled", "no longer true", 0)
    assert after_sending(second) == ("delivered", "", 1)
    assert DevelopmentMessage.objects.count() == 1


def test_what_is_about_a_row_that_is_gone_is_cancelled(kind):
    kind(is_current=lambda user: True)
    delivery = send()
    Delivery.objects.filter(pk=delivery.pk).update(subject_id=10**12)
    assert after_sending(delivery)[:2] == ("cancelled", "no longer true")


def test_a_message_of_a_cancelled_order_is_not_sent(settings):
    """The real rule of a real kind: the order was cancelled while its message waited for the mail server."""
    from orders.models import Order

    order = make_order()
    context = {"order": order, "url": "https://cars.example/o/"}
    [delivery] = notify(order.buyer, "order_ready", subject=order, context=context, dedupe_key="r", media=("sms",))
    Order.objects.filter(pk=order.pk).update(status="cancelled")
    assert after_sending(delivery)[:2] == ("cancelled", "no longer true")


def test_a_later_message_replaces_one_that_still_waits(kind):
    kind(only_latest=True)
    user = make_buyer()
    first, second = send(user, "a"), send(user, "b")
    deliver_due()
    first.refresh_from_db(), second.refresh_from_db()
    assert [(each.status, each.last_error) for each in (first, second)] == [
        ("cancelled", "replaced"),
        ("delivered", ""),
    ]


def test_what_was_stopped_after_it_was_written_is_not_sent(kind):
    kind()
    user = make_buyer()
    delivery = send(user)
    choose(user, "news", is_on=False)
    delivery.refresh_from_db()
    assert delivery.status == "cancelled"
    assert deliver_due() == 0


def test_a_text_that_was_deleted_is_not_sent(kind):
    kind()
    delivery = send()
    forget_recipient(delivery.recipient)
    Delivery.objects.update(status="pending")
    assert after_sending(delivery)[:2] == ("cancelled", "forgotten")


def test_a_bug_in_one_rule_holds_up_that_message_alone(kind, caplog):
    bad = make_buyer()
    kind(is_current=lambda user: 1 / 0 if user.pk == bad.pk else True)
    first, second = send(bad), send()
    assert after_sending(second)[0] == "delivered"
    first.refresh_from_db()
    assert first.status == "pending"
    assert "ZeroDivisionError" in first.last_error


def test_many_messages_are_decided_on_with_few_queries(kind, django_assert_max_num_queries):
    kind(is_current=lambda user: True, only_latest=True)
    rows = [send() for _ in range(20)]
    with django_assert_max_num_queries(4):
        assert screen(rows) == {}


def test_every_message_to_buyers_about_a_contract_always_arrives():
    for kind in all_kinds():
        if kind.category in (Category.ORDERS, Category.DRIVES, Category.ACCOUNT):
            assert not kind.may_be_stopped
    assert kind_of("message.saved_search").may_be_stopped


def test_an_unknown_kind_is_refused():
    with pytest.raises(UndeclaredKind):
        kind_of("no_such_kind")
