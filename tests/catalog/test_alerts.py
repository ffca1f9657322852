"""Messages about saved searches and cars: when, how often, and how they are stopped."""

import json
import logging
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import SavedSearch, Trim
from catalog.places import Place
from catalog.services import alerts, saving
from o2o_platform.outbox.models import Delivery
from tests import factories as make

START = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def asleep(monkeypatch):
    monkeypatch.setattr("o2o_platform.outbox.services.queue.wake_worker", lambda: None)


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(START, tick=False)
    return time_machine


@pytest.fixture
def buyer(showroom, clock):
    return make.make_buyer(email="mei@example.com")


def save_search(user, query="?brand=haval"):
    search = SavedSearch(market=make.make_market(), query=query)
    return saving.save_search(user, criteria=saving.read_criteria(search))[0]


def save_car(user, code):
    return saving.save_car(user, trim_code=code, place=Place(make.make_market(), None, ()))[0]


def look(clock, after=timedelta(minutes=10)):
    """Let time pass and the tasks run; the messages written by now."""
    clock.shift(after)
    alerts.check_saved_searches()
    alerts.check_saved_cars()
    return [json.loads(row.body) for row in Delivery.objects.order_by("pk")]


def set_price(trim, price):
    trim.offers.update(list_price=Decimal(price))


def new_trim(showroom, **fields):
    trim = make.make_trim(showroom.h6.vehicle_model, **fields)
    make.make_offer(trim, list_price=Decimal(150_000))
    return trim


def test_nothing_is_sent_for_the_state_at_saving_time(buyer, clock):
    save_search(buyer)
    assert look(clock) == []


def test_a_new_match_and_a_fallen_price_make_one_message(buyer, clock, showroom):
    save_search(buyer)
    new_trim(showroom, name="Hybrid")
    set_price(showroom.h2_auto, 99_800)
    (message,) = look(clock)
    assert message["to"] == "mei@example.com"
    assert message["subject"] == "New cars and lower prices: Haval"
    assert "Haval H6 2014 Hybrid, ¥150,000" in message["text"]
    assert "Haval H2 2014 1.5T 6AT Elite, ¥99,800 instead of ¥112,800" in message["text"]
    assert "/cars/?brand=haval" in message["text"]
    assert look(clock) == [message]


def test_a_car_outside_the_search_is_no_news(buyer, clock, showroom):
    save_search(buyer, "?brand=byd")
    set_price(showroom.h2_auto, 90_000)
    assert look(clock) == []


def test_a_search_makes_at_most_one_message_a_day_and_loses_nothing(buyer, clock, showroom):
    save_search(buyer)
    new_trim(showroom, name="First")
    assert len(look(clock)) == 1
    new_trim(showroom, name="Second")
    set_price(showroom.h2_auto, 90_000)
    assert len(look(clock, timedelta(hours=12))) == 1
    messages = look(clock, timedelta(hours=12))
    assert len(messages) == 2
    assert "Second" in messages[1]["text"]
    assert "¥90,000 instead of ¥112,800" in messages[1]["text"]
    assert "First" not in messages[1]["text"]


def test_what_comes_back_within_a_day_is_no_news(buyer, clock, showroom):
    save_search(buyer)
    Trim.objects.filter(pk=showroom.h6.pk).update(is_published=False)
    look(clock)
    Trim.objects.filter(pk=showroom.h6.pk).update(is_published=True)
    assert look(clock, timedelta(hours=20)) == []


def test_what_comes_back_after_a_day_has_appeared(buyer, clock, showroom):
    save_search(buyer)
    Trim.objects.filter(pk=showroom.h6.pk).update(is_published=False)
    look(clock)
    Trim.objects.filter(pk=showroom.h6.pk).update(is_published=True)
    assert "1 new car" in look(clock, timedelta(hours=25))[0]["subject"]


def test_no_messages_when_they_are_off_or_the_account_is_closed(buyer, clock, showroom):
    saving.set_alerts(save_search(buyer), are_on=False)
    closed = make.make_buyer(email="closed@example.com")
    save_search(closed)
    save_car(closed, "h2-auto")
    closed.is_active = False
    closed.save()
    set_price(showroom.h2_auto, 90_000)
    assert look(clock) == []


def test_one_who_closes_the_account_between_claim_and_look_is_not_told(buyer, clock, showroom):
    search = save_search(buyer)
    set_price(showroom.h2_auto, 90_000)
    buyer.is_active = False
    buyer.save()
    assert alerts.tell_of_search(search.pk, START) is False


def test_a_failure_with_one_does_not_keep_the_others_waiting(buyer, clock, showroom, monkeypatch, caplog):
    broken, other = save_search(buyer), make.make_buyer(email="li@example.com")
    save_search(other)
    matching = alerts.matching_trims
    calls = []

    def fail_first(criteria, limit):
        calls.append(criteria)
        if len(calls) == 1:
            raise ArithmeticError("broken")
        return matching(criteria, limit)

    monkeypatch.setattr(alerts, "matching_trims", fail_first)
    set_price(showroom.h2_auto, 90_000)
    with caplog.at_level(logging.ERROR):
        messages = look(clock)
    assert [message["to"] for message in messages] == ["li@example.com"]
    assert f"tell_of_search failed for {broken.pk}" in caplog.text
    assert len(look(clock)) == 2


def test_a_search_is_looked_at_every_few_minutes_and_in_batches(buyer, clock, monkeypatch):
    monkeypatch.setattr(alerts, "BATCH", 2)
    for words in "abcde":
        save_search(buyer, f"?q={words}")
    looked = []
    monkeypatch.setattr(alerts, "tell_of_search", lambda pk, now: looked.append(pk) or False)
    monkeypatch.setattr(alerts, "_apart", lambda tell, pk, now: tell(pk, now))
    look(clock)
    assert len(looked) == len(set(looked)) == 5
    look(clock, timedelta(minutes=1))
    assert len(looked) == 5
    look(clock, alerts.LOOK_EVERY)
    assert len(looked) == 10


def test_a_person_with_a_phone_alone_gets_a_short_message(clock, showroom):
    user = make.make_buyer()
    save_search(user)
    set_price(showroom.h2_auto, 90_000)
    (message,) = look(clock)
    assert message["to"] == str(user.phone)
    assert "Lower price in “Haval”" in message["text"]
    assert "/alerts/stop/" in message["text"]


def test_messages_are_in_the_language_of_the_account(clock, showroom):
    save_search(make.make_buyer(email="mei@example.com", language="zh-hans"))
    set_price(showroom.h2_auto, 90_000)
    assert "哈弗" in look(clock)[0]["subject"]


def test_a_long_list_of_news_is_cut_and_counted(buyer, clock, showroom):
    save_search(buyer)
    for number in range(11):
        new_trim(showroom, name=f"New {number}")
    text = look(clock)[0]["text"]
    assert text.count("New ") == 8
    assert "and 3 more" in text


def test_saved_cars_that_fell_make_one_message(buyer, clock, showroom):
    for code in ("h2-auto", "h2-manual", "han-ev"):
        save_car(buyer, code)
    assert look(clock) == []
    set_price(showroom.h2_auto, 90_000)
    set_price(showroom.han, 200_000)
    (message,) = look(clock)
    assert message["subject"] == "2 of your saved cars are cheaper"
    assert "¥90,000 instead of ¥112,800" in message["text"]
    set_price(showroom.han, 190_000)
    assert len(look(clock)) == 1
    messages = look(clock, timedelta(hours=24))
    assert len(messages) == 2
    assert "¥190,000 instead of ¥200,000" in messages[1]["text"]


def test_a_saved_car_that_gets_dearer_or_goes_off_sale_is_no_news(buyer, clock, showroom):
    car = save_car(buyer, "h2-auto")
    set_price(showroom.h2_auto, 120_000)
    assert look(clock) == []
    showroom.h2_auto.offers.all().delete()
    assert look(clock) == []
    car.refresh_from_db()
    assert car.seen_price == Decimal(120_000)


def stop_path(message):
    return message["unsubscribe_url"].removeprefix("http://127.0.0.1:8000")


def test_the_link_in_a_message_stops_it_without_signing_in(buyer, clock, showroom):
    search = save_search(buyer)
    set_price(showroom.h2_auto, 90_000)
    (message,) = look(clock)
    assert message["unsubscribe_url"] in message["text"]
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    page = strict.get(stop_path(message))
    search.refresh_from_db()
    assert search.alerts_on
    assert "No more messages about this search?" in page.content.decode()
    stopped = strict.post(stop_path(message), {"List-Unsubscribe": "One-Click"})
    search.refresh_from_db()
    assert not search.alerts_on
    assert "You get no more of these messages" in stopped.content.decode()


def test_the_link_of_saved_cars_stops_them_all_and_nobody_elses(buyer, clock, showroom):
    other = make.make_buyer()
    for user in (buyer, other):
        save_car(user, "h2-auto")
        save_car(user, "han-ev")
    set_price(showroom.h2_auto, 90_000)
    message = next(each for each in look(clock) if each["to"] == "mei@example.com")
    Client().post(stop_path(message))
    assert not buyer.saved_cars.filter(alerts_on=True).exists()
    assert other.saved_cars.filter(alerts_on=True).count() == 2


@pytest.mark.parametrize("token", ["search.1", "search.1:forged", "x", "%00"])
def test_a_link_we_did_not_sign_is_not_found(client, db, token):
    assert client.post(f"/alerts/stop/{token}/").status_code in (400, 404)


def test_the_link_of_a_deleted_search_still_answers(buyer, clock, showroom):
    save_search(buyer)
    set_price(showroom.h2_auto, 90_000)
    (message,) = look(clock)
    SavedSearch.objects.all().delete()
    assert Client().get(stop_path(message)).status_code == 200
