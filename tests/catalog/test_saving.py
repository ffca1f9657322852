"""Keeping cars and searches: by a form, as meant before signing in, and in the garage."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from catalog.garages import load_saved_cars
from catalog.models import SavedCar, SavedSearch, Trim
from catalog.services import saving
from tests import factories as make

CARS, SEARCHES, GARAGE = "/saved/cars/", "/saved/searches/", "/garage/"


@pytest.fixture
def buyer(english, showroom):
    user = make.make_buyer()
    english.force_login(user)
    return user


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


def test_a_car_is_kept_with_its_price_and_the_way_back(english, buyer):
    response = english.post(CARS, {"trim": "h2-auto", "next": "/cars/haval-h2/"})
    assert response.url == "/cars/haval-h2/"
    car = buyer.saved_cars.get()
    assert (car.trim.code, car.market_id, car.seen_price) == ("h2-auto", "CN", Decimal(112_800))


def test_a_car_kept_twice_is_kept_once(english, buyer):
    for _ in range(2):
        response = english.post(CARS, {"trim": "h2-auto"}, follow=True)
    assert buyer.saved_cars.count() == 1
    assert messages_of(response) == ["You saved this car before."]


def test_a_car_is_forgotten_by_the_same_button(english, buyer):
    english.post(CARS, {"trim": "h2-auto"})
    english.post(CARS, {"forget": "h2-auto"})
    assert not buyer.saved_cars.exists()


def test_an_unknown_car_is_not_kept(english, buyer):
    response = english.post(CARS, {"trim": "nothing"}, follow=True)
    assert messages_of(response) == ["This car is no longer on offer."]


def test_the_way_back_never_leaves_the_site(english, buyer):
    assert english.post(CARS, {"trim": "h2-auto", "next": "https://evil.example/"}).url == GARAGE


def test_saving_needs_a_token(buyer):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(buyer)
    assert strict.post(CARS, {"trim": "h2-auto"}).status_code == 403


def test_signing_in_keeps_what_was_meant(english, showroom):
    response = english.post(CARS, {"trim": "h2-auto", "next": "/cars/haval-h2/"})
    assert response.url == "/accounts/login/?next=%2Fsaved%2Fresume%2F"
    user = make.make_buyer()
    english.force_login(user)
    assert english.get("/saved/resume/").url == "/cars/haval-h2/"
    assert user.saved_cars.get().trim == showroom.h2_auto
    user.saved_cars.all().delete()
    assert english.get("/saved/resume/").url == GARAGE
    assert not user.saved_cars.exists()


def test_a_search_meant_before_signing_in_is_kept_as_well(english, showroom):
    english.post(SEARCHES, {"query": "?brand=haval", "next": "/cars/?brand=haval"})
    user = make.make_buyer()
    english.force_login(user)
    assert english.get("/saved/resume/").url == "/cars/?brand=haval"
    assert user.saved_searches.get().query == "?brand=haval"


def test_a_search_is_kept_canonically_with_what_it_answers(english, buyer, showroom):
    english.post(SEARCHES, {"query": "?page=3&brand=haval&nonsense=1"})
    search = buyer.saved_searches.get()
    assert search.query == "?brand=haval"
    assert search.seen == {
        str(showroom.h2_manual.pk): "98800",
        str(showroom.h2_auto.pk): "112800",
        str(showroom.h6.pk): "165800",
    }


def test_a_search_kept_twice_is_kept_once(english, buyer):
    for query in ("?brand=haval", "?brand=haval&page=2"):
        response = english.post(SEARCHES, {"query": query}, follow=True)
    assert buyer.saved_searches.count() == 1
    assert messages_of(response) == ["You saved this search before."]


def test_past_twenty_searches_a_kind_message_says_what_to_do(english, buyer, monkeypatch):
    monkeypatch.setattr(saving, "MOST_SEARCHES", 2)
    for words in ("a", "b", "c"):
        response = english.post(SEARCHES, {"query": f"?q={words}"}, follow=True)
    assert buyer.saved_searches.count() == 2
    assert messages_of(response) == ["You keep 2 already. Delete one in your garage first."]


def test_a_search_too_long_to_keep_is_said_to_be(english, buyer):
    query = "?" + "&".join(f"brand={'中' * 5}{number}" for number in range(40))
    response = english.post(SEARCHES, {"query": query}, follow=True)
    assert not buyer.saved_searches.exists()
    assert "too many choices" in messages_of(response)[0]


def test_absurd_posts_are_answered(english, buyer):
    for address in (CARS, SEARCHES):
        for value in ("", "\x00", "%00%ED%A0%80", "x" * 10_000):
            posted = english.post(address, {"trim": value, "query": value, "next": value}, follow=True)
            assert posted.status_code in (200, 400)


def test_the_garage_shows_saved_cars_with_price_and_stock(english, buyer, showroom):
    make.make_unit(showroom.h2_auto)
    for code in ("h2-auto", "han-ev"):
        english.post(CARS, {"trim": code})
    showroom.h2_auto.offers.update(list_price=Decimal(110_800))
    html = english.get(GARAGE).content.decode()
    assert "¥110,800" in html
    assert "−¥2,000" in html
    assert "1 in stock" in html
    assert "To order" in html
    assert "/compare/?trim=han-ev&amp;trim=h2-auto" in html


def test_the_garage_names_a_search_by_its_choices(english, buyer):
    english.post(SEARCHES, {"query": "?brand=haval&body=suv&seats=7"})
    html = english.get(GARAGE).content.decode()
    assert re.search(r'href="/cars/\?[^"]*brand=haval[^"]*">Haval · SUV · 7 seats<', html)


def test_a_car_that_is_gone_stays_readable_in_the_garage(english, buyer):
    english.post(CARS, {"trim": "h2-auto"})
    Trim.objects.filter(code="h2-auto").update(is_published=False)
    html = english.get(GARAGE).content.decode()
    assert "Not on sale here" in html
    assert "/cars/haval-h2/h2-auto/" not in html


def test_alerts_are_turned_off_and_on_and_what_happened_in_between_is_not_news(english, buyer, showroom):
    english.post(SEARCHES, {"query": "?brand=haval"})
    search = buyer.saved_searches.get()
    english.post(f"{SEARCHES}{search.pk}/", {"do": "off"})
    showroom.h2_auto.offers.update(list_price=Decimal(100_000))
    english.post(f"{SEARCHES}{search.pk}/", {"do": "on"})
    search.refresh_from_db()
    assert search.alerts_on
    assert search.seen[str(showroom.h2_auto.pk)] == "100000"


def test_nobody_changes_what_another_keeps(english, buyer):
    other = make.make_buyer()
    car = SavedCar.objects.create(user=other, trim=Trim.objects.get(code="han-ev"), market=make.make_market())
    search = SavedSearch.objects.create(user=other, market=make.make_market(), query="?")
    for address in (f"{CARS}{car.pk}/", f"{SEARCHES}{search.pk}/"):
        assert english.post(address, {"do": "delete"}).status_code == 404
    assert other.saved_cars.exists()
    assert other.saved_searches.exists()


def test_what_is_kept_is_deleted(english, buyer):
    english.post(CARS, {"trim": "han-ev"})
    english.post(SEARCHES, {"query": "?"})
    english.post(f"{CARS}{buyer.saved_cars.get().pk}/", {"do": "delete"})
    assert english.post(f"{SEARCHES}{buyer.saved_searches.get().pk}/", {"do": "delete"}).url.endswith("#saved-searches")
    assert not buyer.saved_cars.exists()
    assert not buyer.saved_searches.exists()


def test_with_the_account_goes_what_it_kept(english, buyer):
    english.post(CARS, {"trim": "han-ev"})
    english.post(SEARCHES, {"query": "?"})
    buyer.delete()
    assert not SavedCar.objects.exists()
    assert not SavedSearch.objects.exists()


def test_saved_cars_need_the_same_queries_however_many_they_are(english, buyer, django_assert_max_num_queries):
    for code in ("h2-manual", "h2-auto", "h6-phev", "han-ev"):
        english.post(CARS, {"trim": code})
    with django_assert_max_num_queries(6):
        load_saved_cars(buyer)
