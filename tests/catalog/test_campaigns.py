"""Campaigns show while their window lasts, where they belong, and not a moment longer."""

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client

from catalog.campaigns import campaigns_of, forget_campaigns, running_campaigns
from catalog.models import Campaign
from orders.demo.campaigns import CAMPAIGNS, seed_campaigns
from tests import factories as make

from .conftest import Showroom

START = dt.datetime(2026, 11, 20, 16, tzinfo=dt.UTC)
END = dt.datetime(2026, 11, 27, 16, tzinfo=dt.UTC)
INSIDE = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def fresh():
    forget_campaigns()
    yield
    forget_campaigns()


def make_campaign(*trims, **fields) -> Campaign:
    defaults = {
        "slug": "owners-week",
        "name": "Owners' week",
        "name_zh": "车主周",
        "market": make.make_market(),
        "starts_at": START,
        "ends_at": END,
        "gift": "five years of maintenance",
        "gift_zh": "五年保养",
        "is_published": True,
    }
    campaign = Campaign.objects.create(**defaults | fields)
    campaign.trims.set(trims)
    return campaign


def page(client: Client, path: str) -> str:
    return client.get(path).content.decode()


@pytest.mark.parametrize(
    ("moment", "is_shown"),
    [(START - SECOND, False), (START, True), (INSIDE, True), (END - SECOND, True), (END, False), (END + SECOND, False)],
)
def test_a_campaign_shows_from_its_first_moment_to_its_last(showroom: Showroom, english, moment, is_shown):
    make_campaign(showroom.h2_auto)
    with time_machine.travel(moment, tick=False):
        for path in ("/", "/cars/haval-h2/", "/cars/haval-h2/h2-auto/"):
            assert ("owners-week" in page(english, path)) is is_shown, path


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_in_memory_ends_on_the_moment_too(client):
    make_campaign(make.make_trim())
    market = make.make_market()
    with time_machine.travel(END - SECOND, tick=False) as traveller:
        assert [running.name for running in running_campaigns(market)]
        traveller.shift(SECOND)
        assert running_campaigns(market) == []


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_in_memory_begins_on_the_moment_too(client):
    make_campaign(make.make_trim())
    market = make.make_market()
    with time_machine.travel(START - SECOND, tick=False) as traveller:
        assert running_campaigns(market) == []
        traveller.shift(SECOND)
        assert len(running_campaigns(market)) == 1


def test_home_links_to_its_cars_and_counts_down_by_the_servers_clock(showroom: Showroom, english):
    make_campaign(showroom.h2_auto)
    with time_machine.travel(INSIDE, tick=False):
        home = page(english, "/")
    assert 'href="/festivals/owners-week/"' in home
    assert 'data-deadline="2026-11-27T16:00:00+00:00"' in home
    assert 'data-now="2026-11-22T12:00:00+00:00"' in home
    assert "5 d 04:00" in home
    assert "Sat 28 Nov 00:00" in home
    assert "five years of maintenance" in home


def test_campaigns_speak_the_language_of_the_page(showroom: Showroom, client):
    make_campaign(showroom.h2_auto)
    with time_machine.travel(INSIDE, tick=False):
        assert "五年保养" in page(client, "/?lang=zh-hans")
        assert "五年保养" not in page(client, "/?lang=en")


def test_only_cars_of_a_campaign_carry_it(showroom: Showroom, english):
    make_campaign(showroom.h2_auto)
    with time_machine.travel(INSIDE, tick=False):
        assert "with this car: five years of maintenance" in page(english, "/cars/haval-h2/h2-auto/")
        assert "owners-week" in page(english, "/cars/haval-h2/")
        assert "owners-week" not in page(english, "/cars/haval-h2/h2-manual/")
        assert "owners-week" not in page(english, "/cars/byd-han/")


def test_drafts_other_markets_and_campaigns_without_cars_stay_away(showroom: Showroom, english):
    make_campaign(showroom.h2_auto, slug="draft", is_published=False)
    make_campaign(showroom.h2_auto, slug="abroad", market=make.make_market("DE"))
    make_campaign(slug="empty")
    with time_machine.travel(INSIDE, tick=False):
        home = page(english, "/")
    assert "Special offers" not in home


def test_the_one_that_ends_first_stands_in_front(showroom: Showroom, english):
    make_campaign(showroom.h2_auto, slug="later", ends_at=END + dt.timedelta(days=2))
    make_campaign(showroom.han, slug="sooner")
    with time_machine.travel(INSIDE, tick=False):
        names = [running.campaign.slug for running in running_campaigns(make.make_market())]
    assert names == ["sooner", "later"]


def test_no_campaign_costs_a_page_no_query_of_its_own(showroom: Showroom, django_assert_num_queries):
    market = make.make_market()
    with django_assert_num_queries(1):
        assert campaigns_of(market, pk=showroom.h2_auto.pk) == []


def test_hostile_names_are_only_text(showroom: Showroom, english):
    make_campaign(showroom.h2_auto, name="<script>alert(1)</script>", gift="<img src=x>")
    with time_machine.travel(INSIDE, tick=False):
        for path in ("/", "/cars/haval-h2/h2-auto/"):
            assert "<script>alert" not in page(english, path)
            assert "<img src=x>" not in page(english, path)


def test_a_window_ends_after_it_begins(db):
    campaign = Campaign(slug="x", name="x", market=make.make_market(), starts_at=END, ends_at=START)
    with pytest.raises(ValidationError):
        campaign.full_clean()


def test_the_demo_has_running_campaigns_relative_to_today(showroom: Showroom):
    market = make.make_market()
    with time_machine.travel(INSIDE, tick=False):
        seed_campaigns(market)
        assert Campaign.objects.running(market).count() == len(CAMPAIGNS)
        assert Campaign.objects.get(slug="haval-week").trims.count() == 3
        before = list(Campaign.objects.values_list("ends_at", flat=True))
        seed_campaigns(market)
        assert list(Campaign.objects.values_list("ends_at", flat=True)) == before
    with time_machine.travel(INSIDE + dt.timedelta(days=60), tick=False):
        assert not Campaign.objects.running(market).exists()
        seed_campaigns(market)
        assert Campaign.objects.running(market).count() == len(CAMPAIGNS)


@pytest.mark.parametrize(("role", "may_write"), [("platform", True), ("read_only", False)])
def test_platform_staff_write_campaigns_and_others_read_them(showroom: Showroom, english, role, may_write):
    campaign = make_campaign(showroom.h2_auto)
    english.force_login(make.make_staff(role))
    assert campaign.name_zh in page(english, "/admin/catalog/campaign/")
    assert english.get(f"/admin/catalog/campaign/{campaign.pk}/change/").status_code == 200
    assert (english.get("/admin/catalog/campaign/add/").status_code == 200) is may_write


@pytest.mark.parametrize(
    ("moment", "when"), [(START - SECOND, "planned"), (START, "running"), (END - SECOND, "running"), (END, "over")]
)
def test_the_desk_finds_campaigns_by_their_window(showroom: Showroom, english, moment, when):
    campaign = make_campaign(showroom.h2_auto)
    with time_machine.travel(moment, tick=False):
        english.force_login(make.make_staff())
        for state in ("planned", "running", "over"):
            rows = page(english, f"/admin/catalog/campaign/?when={state}")
            assert (f"/admin/catalog/campaign/{campaign.pk}/change/" in rows) is (state == when)
