"""At night nothing rings; in the morning everything is there."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured

from o2o_platform.notifications.models import DevelopmentMessage
from o2o_platform.notifications.quiet import quiet_until, read_hours
from o2o_platform.notifications.screening import screen
from o2o_platform.notifications.services import notify
from o2o_platform.outbox.models import Delivery
from o2o_platform.outbox.services import deliver_due
from tests.factories import make_buyer, make_market

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def hours(settings, asleep):
    settings.QUIET_HOURS = "21:00-09:00"
    settings.QUIET_HOURS_BY_CATEGORY = {"reminders": "23:00-07:30", "account": ""}
    settings.EMAIL_ADAPTER = settings.SMS_ADAPTER = "development"


def at(text: str, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-22 20:59:59", None),
        ("2026-11-22 21:00", "2026-11-23 09:00"),
        ("2026-11-23 00:00", "2026-11-23 09:00"),
        ("2026-11-23 08:59:59", "2026-11-23 09:00"),
        ("2026-11-23 09:00", None),
        ("2026-12-31 23:00", "2027-01-01 09:00"),
    ],
)
def test_quiet_is_the_night_where_the_reader_is(now, until):
    assert quiet_until("news", SHANGHAI, at(now, SHANGHAI)) == (until and at(until, SHANGHAI))


def test_it_ends_by_the_clock_on_the_wall_when_clocks_change():
    """In the night to 28 March 2027 Berlin's clocks skip an hour: eleven hours from 21:00 to 09:00, not twelve."""
    evening = at("2027-03-27 21:00", BERLIN)
    morning = quiet_until("news", BERLIN, evening)
    assert morning.isoformat() == "2027-03-28T09:00:00+02:00"
    assert morning.timestamp() - evening.timestamp() == 11 * 3600


def test_categories_have_hours_of_their_own_and_may_have_none():
    now = at("2026-11-22 22:00", SHANGHAI)
    assert quiet_until("reminders", SHANGHAI, now) is None
    assert quiet_until("reminders", SHANGHAI, now + dt.timedelta(hours=1)) == at("2026-11-23 07:30", SHANGHAI)
    assert quiet_until("account", SHANGHAI, now) is None


@pytest.mark.parametrize("text", ["nine to five", "25:00-09:00", "21:00-09:60", "21-9"])
def test_hours_nobody_understands_stop_the_start(text):
    with pytest.raises(ImproperlyConfigured):
        read_hours(text)


def send(**fields) -> Delivery:
    user = make_buyer(**fields)
    [delivery] = notify(
        user, "sign_in_code", subject=user, context={"code": "1"}, dedupe_key=f"q{user.pk}", media=("sms",)
    )
    return delivery


def test_what_is_due_at_night_is_put_off_and_counts_no_attempt(db, kind, settings):
    kind()
    make_market()
    settings.QUIET_HOURS = "00:00-23:59"
    delivery = send()
    assert deliver_due() == 0
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts_made, delivery.attempts.count()) == ("pending", 0, 0)
    assert delivery.next_attempt_at.astimezone(SHANGHAI).time().replace(second=0, microsecond=0) in (
        dt.time(23, 58),
        dt.time(23, 59),
    )
    settings.QUIET_HOURS = ""
    Delivery.objects.update(next_attempt_at=delivery.created_at)
    assert deliver_due() == 1
    assert DevelopmentMessage.objects.count() == 1


@time_machine.travel("2026-11-22T22:00:00+08:00", tick=False)
def test_the_clock_is_the_markets_not_the_servers(db, kind):
    kind()
    make_market("CN"), make_market("DE")
    chinese, german = send(), send(phone="+4915112345678")
    verdicts = screen([chinese, german])
    assert verdicts[chinese.pk].put_off_s == 11 * 3600
    # Three in the afternoon in Berlin.
    assert german.pk not in verdicts


@time_machine.travel("2026-11-22T22:00:00+08:00", tick=False)
def test_what_cannot_wait_does_not(db, kind):
    make_market()
    kind(waits=False)
    assert screen([send()]) == {}
    asked = []
    kind(waits=lambda subject, until: asked.append(until) or False)
    assert screen([send()]) == {}
    assert asked == [at("2026-11-23 09:00", SHANGHAI)]


@time_machine.travel("2026-11-22T22:00:00+08:00", tick=False)
@pytest.mark.parametrize(("hour", "waits"), [(10, False), (11, True), (16, True)])
def test_news_of_a_drive_waits_if_that_leaves_two_hours(hour, waits):
    from dealers.message_kinds import has_time
    from dealers.models import Appointment

    drive = Appointment(starts_at=at(f"2026-11-23 {hour}:00", SHANGHAI))
    assert has_time(drive, at("2026-11-23 09:00", SHANGHAI)) is waits
