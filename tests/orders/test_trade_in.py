"""Trading in the own car: asked for, estimated or declined, withdrawn, and ended by time."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import WrongState
from o2o_platform.outbox.models import Delivery
from orders import exceptions
from orders.models import TradeIn
from orders.services import decline_trade_in, estimate_trade_in, expire_trade_ins, withdraw_trade_in
from orders.tasks import expire_trade_ins as sweep
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def trade_in() -> TradeIn:
    return factories.make_trade_in()


def dealer(trade_in: TradeIn) -> Actor:
    return Actor.dealer(factories.make_member(trade_in.dealership))


def estimate(trade_in: TradeIn, low: str = "60000", high: str = "68000", days: int = 14) -> TradeIn:
    today = timezone.now().astimezone(trade_in.dealership.zone).date()
    return estimate_trade_in(
        trade_in.pk,
        low=Decimal(low),
        high=Decimal(high),
        valid_until=today + dt.timedelta(days=days),
        note="Winter tyres?",
        actor=dealer(trade_in),
    )


def said(trade_in: TradeIn, topic: str) -> list[str]:
    rows = Delivery.objects.filter(subject_type="orders.tradein", subject_id=trade_in.pk, topic=f"message.{topic}")
    return [delivery.body.replace("\xa0", " ").replace(r"\u00a0", " ") for delivery in rows]


def test_a_request_is_in_the_journal_with_its_buyer(trade_in):
    [event] = trade_in.events
    assert (event.name, event.to_status, event.actor_id) == ("requested", "requested", trade_in.buyer_id)
    assert trade_in.currency == "CNY"
    assert trade_in.reference.startswith("V")


def test_asking_twice_for_a_car_is_asking_once(trade_in):
    again = factories.make_trade_in(buyer=trade_in.buyer, vin=trade_in.vin)
    assert again == trade_in
    assert TradeIn.objects.count() == 1


def test_a_car_whose_request_is_over_can_be_asked_for_again(trade_in):
    withdraw_trade_in(trade_in.pk, actor=Actor.buyer(trade_in.buyer))
    assert factories.make_trade_in(buyer=trade_in.buyer, vin=trade_in.vin) != trade_in


def test_one_person_waits_for_five_at_most(trade_in):
    for _each in range(4):
        factories.make_trade_in(buyer=trade_in.buyer)
    with pytest.raises(exceptions.TooManyTradeIns):
        factories.make_trade_in(buyer=trade_in.buyer)
    factories.make_trade_in()


@pytest.mark.parametrize(
    ("language", "words"), [("en", "60,000"), ("zh-hans", "60,000"), ("de", "60.000"), ("pl", "60 000")]
)
def test_the_estimate_is_told_in_the_buyers_language(language, words):
    trade_in = factories.make_trade_in(buyer=factories.make_buyer(language=language, email=f"{language}@example.com"))
    done = estimate(trade_in)
    assert (done.status, done.low_amount, done.high_amount) == ("estimated", 60000, 68000)
    bodies = said(trade_in, "trade_in_estimated")
    assert bodies
    assert all(words in body for body in bodies)
    assert any(trade_in.reference in body for body in bodies)


@pytest.mark.parametrize(
    ("low", "high", "days"), [("0", "5", 14), ("-1", "5", 14), ("6", "5", 14), ("5", "6", -1), ("5", "6", 91)]
)
def test_an_estimate_that_is_none_is_refused(trade_in, low, high, days):
    with pytest.raises(exceptions.WrongEstimate):
        estimate(trade_in, low, high, days)
    trade_in.refresh_from_db()
    assert trade_in.status == "requested"
    assert not said(trade_in, "trade_in_estimated")


def test_only_a_waiting_request_is_answered(trade_in):
    decline_trade_in(trade_in.pk, note="Too old for us.", actor=dealer(trade_in))
    assert said(trade_in, "trade_in_declined")
    with pytest.raises(WrongState):
        estimate(trade_in)
    with pytest.raises(WrongState):
        withdraw_trade_in(trade_in.pk, actor=Actor.buyer(trade_in.buyer))


def test_an_estimate_can_be_withdrawn_once_and_twice(trade_in):
    estimate(trade_in)
    for _each in range(2):
        withdrawn = withdraw_trade_in(trade_in.pk, actor=Actor.buyer(trade_in.buyer))
        assert withdrawn.status == "withdrawn"
    assert [event.name for event in trade_in.events] == ["requested", "estimated", "withdrawn"]


def test_an_estimate_ends_with_its_last_day_where_the_dealership_is(trade_in):
    done = estimate(trade_in, days=3)
    zone = trade_in.dealership.zone
    assert done.expires_at.astimezone(zone).time() == dt.time(0)
    assert done.expires_at.astimezone(zone).date() == done.valid_until + dt.timedelta(days=1)
    assert expire_trade_ins() == 0
    TradeIn.objects.filter(pk=trade_in.pk).update(expires_at=timezone.now())
    assert sweep() == 1
    trade_in.refresh_from_db()
    assert trade_in.status == "expired"
    assert expire_trade_ins() == 0


@pytest.mark.parametrize(("days", "ended"), [(29, 0), (30, 1)])
def test_a_request_nobody_answers_ends_after_a_month(trade_in, days, ended):
    TradeIn.objects.filter(pk=trade_in.pk).update(requested_at=timezone.now() - dt.timedelta(days=days))
    assert expire_trade_ins() == ended


def test_beat_sweeps(settings):
    assert "orders.expire_trade_ins" in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


def test_the_models_have_their_migration():
    call_command("makemigrations", "orders", check=True, dry_run=True, verbosity=0)
