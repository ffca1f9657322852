"""The right to withdraw: until when, with what effect, and who has it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Availability
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import WrongState
from o2o_platform.operations.integrity import run_checks
from orders import exceptions
from orders.models import Order
from orders.services import may_withdraw, take_car_back, withdraw_order, withdrawal_until, withdrawing
from orders.services.withdrawing import last_day
from payments.services import submit_refunds
from tests.law.test_breach import dealer
from tests.law.test_pages import delivered, law, ordered

pytestmark = pytest.mark.django_db
__all__ = ["law"]


@pytest.mark.parametrize(
    ("handed_over_on", "had_notice", "last"),
    [
        ("2026-11-02", True, "2026-11-16"),
        ("2026-11-07", True, "2026-11-23"),
        ("2026-11-02", False, "2027-11-16"),
        ("2028-02-15", False, "2029-02-28"),
    ],
)
def test_fourteen_days_and_a_year_more_without_a_notice(handed_over_on, had_notice, last):
    day = last_day(dt.date.fromisoformat(handed_over_on), days=14, had_notice=had_notice, market="DE")
    assert day == dt.date.fromisoformat(last)


@pytest.mark.parametrize(
    ("market", "would_end_on", "last"),
    [
        # Easter 2026: Good Friday is a holiday in Germany and a working day in Poland.
        ("DE", "2026-04-03", "2026-04-07"),
        ("PL", "2026-04-03", "2026-04-03"),
        ("PL", "2026-04-04", "2026-04-07"),
        # 1 May 2026 is a Friday, 1 May 2024 a Wednesday; 3 May is a Polish holiday.
        ("DE", "2026-05-01", "2026-05-04"),
        ("DE", "2024-05-01", "2024-05-02"),
        ("PL", "2027-05-01", "2027-05-04"),
        ("PL", "2024-05-01", "2024-05-02"),
        ("PL", "2024-05-03", "2024-05-06"),
        ("DE", "2024-05-03", "2024-05-03"),
        # Christmas, and Corpus Christi and the day of repentance, which are holidays in some Länder.
        ("DE", "2025-12-25", "2025-12-29"),
        ("DE", "2026-06-04", "2026-06-05"),
        ("PL", "2026-06-04", "2026-06-05"),
        ("DE", "2026-11-18", "2026-11-19"),
        ("PL", "2026-11-18", "2026-11-18"),
        ("DE", "2025-05-22", "2025-05-22"),
        # A market without a calendar of holidays has weekends alone.
        ("XX", "2026-12-25", "2026-12-25"),
    ],
)
def test_a_period_that_would_end_on_a_holiday_ends_on_the_next_working_day(market, would_end_on, last):
    handed_over_on = dt.date.fromisoformat(would_end_on) - dt.timedelta(days=14)
    day = last_day(handed_over_on, days=14, had_notice=True, market=market)
    assert day == dt.date.fromisoformat(last)


def test_the_right_ends_with_the_working_day_after_easter(monkeypatch):
    order = delivered(ordered())
    at = dt.datetime.fromisoformat("2027-03-15T12:00:00+01:00")
    monkeypatch.setattr(withdrawing, "_delivered_at", lambda order: at)
    last = withdrawal_until(order)
    assert last == dt.datetime.fromisoformat("2027-03-31T00:00:00+02:00")
    with time_machine.travel(last - dt.timedelta(minutes=1)):
        assert may_withdraw(order)
    with time_machine.travel(last):
        assert not may_withdraw(order)


@given(
    day=st.dates(dt.date(2020, 1, 1), dt.date(2090, 1, 1)),
    days=st.integers(1, 60),
    market=st.sampled_from(["DE", "PL"]),
)
def test_nobody_has_less_than_the_days_and_none_ends_on_a_weekend(day, days, market):
    last = last_day(day, days=days, had_notice=True, market=market)
    assert dt.timedelta(days) <= last - day <= dt.timedelta(days + 5)
    assert last.weekday() < 5
    assert last_day(day, days=days, had_notice=False, market=market) > last + dt.timedelta(360)


def test_the_car_back_means_the_money_back():
    order = delivered(ordered())
    buyer = Actor.buyer(order.buyer)
    with pytest.raises(exceptions.NotWithdrawn):
        take_car_back(order.pk, actor=dealer())
    withdraw_order(order.pk, actor=buyer)
    withdraw_order(order.pk, actor=buyer)
    take_car_back(order.pk, actor=dealer())
    with pytest.raises(WrongState):
        take_car_back(order.pk, actor=dealer())
    submit_refunds()
    order.refresh_from_db()
    order.stock_unit.refresh_from_db()
    assert (order.status, order.refund_due) == ("returned", order.contract_total)
    assert order.refunded_total == order.contract_total
    assert order.stock_unit.availability == Availability.WITHDRAWN
    assert [event.name for event in order.events].count("withdrawn") == 1
    assert not [finding for finding in run_checks() if finding.violations]


def test_after_its_last_day_the_right_is_gone():
    order = delivered(ordered())
    assert may_withdraw(order)
    with time_machine.travel(timezone.now() + dt.timedelta(days=18)):
        assert not may_withdraw(order)
        with pytest.raises(exceptions.NotWithdrawable):
            withdraw_order(order.pk, actor=Actor.buyer(order.buyer))


def test_who_was_shown_no_notice_has_a_year_more():
    order = delivered(ordered())
    Order.objects.update(notice_language="")
    order.refresh_from_db()
    with time_machine.travel(timezone.now() + dt.timedelta(days=370)):
        assert may_withdraw(order)
    with time_machine.travel(timezone.now() + dt.timedelta(days=390)):
        assert not may_withdraw(order)


def test_a_chinese_order_has_no_such_right():
    order = delivered(ordered("CN", "en"))
    assert (order.withdrawal_days, may_withdraw(order)) == (0, False)
    with pytest.raises(exceptions.NotWithdrawable):
        withdraw_order(order.pk, actor=Actor.buyer(order.buyer))


def test_what_was_paid_is_all_that_goes_back_before_handover():
    order = ordered()
    with pytest.raises(exceptions.NotWithdrawable):
        withdraw_order(order.pk, actor=Actor.buyer(order.buyer))
    assert order.paid_total == Decimal(0)
