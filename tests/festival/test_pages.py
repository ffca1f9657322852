"""A campaign's page: announced, running, sold out and over, each from its first moment to its last."""

import datetime as dt
import json
import re

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Campaign
from o2o_platform.journal.models import SYSTEM
from orders.festival.board import Phase, find_board, forget_boards
from orders.services import cancel_order
from tests.factories import make_buyer, make_city, make_dealership, make_market, make_order, make_unit
from tests.festival.builders import HOUR, make_campaign, make_quota
from tests.vouchers.building import make_voucher_offer

pytestmark = pytest.mark.django_db


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def own(campaign: Campaign) -> str:
    return f"/festivals/{campaign.slug}/"


def live(client: Client, campaign: Campaign) -> dict:
    return json.loads(page(client, f"{own(campaign)}live/"))


def move(campaign: Campaign, *, starts: dt.timedelta, ends: dt.timedelta, preheat: dt.timedelta | None = None) -> None:
    now = timezone.now()
    Campaign.objects.filter(pk=campaign.pk).update(
        starts_at=now + starts, ends_at=now + ends, preheat_from=None if preheat is None else now + preheat
    )


def test_announced_it_counts_down_to_the_start_and_sells_nothing(english):
    campaign = make_campaign(make_unit().trim, total=30)
    move(campaign, starts=HOUR, ends=2 * HOUR, preheat=-HOUR)
    campaign.refresh_from_db()
    text = page(english, own(campaign))
    assert "Coming soon" in text
    shown = dt.datetime.fromisoformat(re.search(r'data-deadline="([^"]+)"', text)[1])
    assert shown == campaign.starts_at.replace(microsecond=0)
    assert "data-now=" in text
    assert "&amp;campaign=" not in text
    assert live(english, campaign)["phase"] == "announced"


@pytest.mark.parametrize("preheat", [None, dt.timedelta(minutes=30)])
def test_before_it_is_announced_nobody_sees_it(english, preheat):
    campaign = make_campaign(make_unit().trim)
    move(campaign, starts=HOUR, ends=2 * HOUR, preheat=preheat)
    for path in (own(campaign), f"{own(campaign)}live/", "/festivals/unknown/"):
        assert english.get(path).status_code == 404
    assert campaign.slug not in page(english, "/festivals/")


def test_a_draft_is_not_there(english):
    assert english.get(own(make_campaign(make_unit().trim, is_published=False))).status_code == 404


def test_running_it_has_prices_places_and_the_way_to_reserve(english):
    unit = make_unit()
    campaign = make_campaign(unit.trim, total=30, steps={10: "1000"}, gift="Tyres", story={"en": "About <b>it</b>"})
    text = page(english, own(campaign))
    assert "¥92,800" in text
    assert "¥98,800" in text
    assert f"/reserve/?trim={unit.trim.code}&amp;campaign={campaign.slug}" in text
    assert "With every car: Tyres" in text
    assert "10 places with ¥1,000 more off" in text
    assert "About &lt;b&gt;it&lt;/b&gt;" in text
    assert 'max="30" value="0"' in text


def test_the_ticker_names_city_and_car_and_nobody(english):
    city = make_city()
    unit = make_unit(dealership=make_dealership(city=city))
    campaign = make_campaign(unit.trim, total=30)
    buyer = make_buyer(name="Wang Xiaoming")
    make_order(unit, buyer, campaign_id=campaign.pk)
    said = live(english, campaign)
    assert said["ticker"][0]["text"] == "Somebody in Baoding · Haval H2"
    assert (said["left"], said["taken"], said["phase"]) == (29, 1, "running")
    text = page(english, own(campaign))
    assert "Somebody in Baoding · Haval H2" in text
    for private in ("Wang", str(buyer.phone), str(buyer.phone)[-8:], str(unit.vin)):
        assert private not in text + json.dumps(said)
    chinese = Client(headers={"accept-language": "zh-hans"})
    assert "保定" in live(chinese, campaign)["ticker"][0]["text"]


def test_what_was_cancelled_leaves_the_ticker_and_frees_its_place(english):
    unit = make_unit()
    campaign = make_campaign(unit.trim, total=30)
    cancel_order(make_order(unit, campaign_id=campaign.pk).pk, actor=SYSTEM)
    said = live(english, campaign)
    assert (said["ticker"], said["left"]) == ([], 30)


def test_sold_out_it_says_so_and_offers_nothing(english):
    unit, other = make_unit(), make_unit()
    campaign = make_campaign(unit.trim, other.trim, total=1)
    make_order(unit, campaign_id=campaign.pk)
    text = page(english, own(campaign))
    assert "Sold out" in text
    assert "&amp;campaign=" not in text
    assert live(english, campaign)["phase"] == "sold_out"


def test_quotas_by_trim_sell_out_one_by_one(english):
    unit, other = make_unit(), make_unit()
    campaign = make_campaign(unit.trim, other.trim)
    make_quota(campaign, 1, trim=unit.trim)
    make_quota(campaign, 3, trim=other.trim)
    make_order(unit, campaign_id=campaign.pk)
    said = live(english, campaign)
    assert said["trims"] == {unit.trim.code: 0, other.trim.code: 3}
    text = page(english, own(campaign))
    assert f"trim={other.trim.code}&amp;" in text
    assert f"trim={unit.trim.code}&amp;" not in text


def test_over_it_tells_how_many_and_in_which_time(english):
    unit = make_unit()
    campaign = make_campaign(unit.trim, total=1)
    make_order(unit, campaign_id=campaign.pk)
    move(campaign, starts=-2 * HOUR, ends=-HOUR)
    text = page(english, own(campaign))
    assert re.search(r"Cars reserved</dt><dd class=\"figures\">1 <span[^>]*>/ 1</span>", text)
    assert "Sold out in" in text
    assert "2 h" in text
    assert unit.trim.label in text
    assert live(english, campaign)["poll_s"] == 0


def test_the_list_has_what_runs_first_and_what_is_over_last(english):
    trim = make_unit().trim
    over, soon, running = (make_campaign(trim) for _ in range(3))
    abroad = make_campaign(trim, market=make_market("DE"))
    move(over, starts=-2 * HOUR, ends=-HOUR)
    move(soon, starts=HOUR, ends=2 * HOUR, preheat=-HOUR)
    text = page(english, "/festivals/")
    at = [text.index(f"/festivals/{campaign.slug}/") for campaign in (running, soon, over)]
    assert at == sorted(at)
    assert abroad.slug not in text


@pytest.mark.parametrize("path", ["/festivals/", "own", "live"])
@pytest.mark.parametrize(("edge", "most"), [(dt.timedelta(seconds=2), 2), (dt.timedelta(milliseconds=800), 0)])
@pytest.mark.parametrize("which", ["starts", "ends"])
def test_no_answer_is_kept_past_the_start_or_the_end(english, path, edge, most, which):
    campaign = make_campaign(make_unit().trim)
    if which == "starts":
        move(campaign, starts=edge, ends=HOUR, preheat=-HOUR)
    else:
        move(campaign, starts=-HOUR, ends=edge)
    answer = english.get({"own": own(campaign), "live": f"{own(campaign)}live/"}.get(path, path))
    kept = int(re.search(r"max-age=(\d+)", answer["Cache-Control"])[1])
    assert kept <= most
    assert "must-revalidate" in answer["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_what_is_in_memory_begins_and_ends_on_the_moment(monkeypatch):
    """Read once while it runs, then only the clock goes on."""
    campaign = make_campaign(make_unit().trim)
    monkeypatch.setattr("orders.festival.board._boards._fresh_s", 10**6)
    monkeypatch.setattr("orders.festival.board._boards._stale_s", 10**6)
    board = find_board(campaign.slug)
    moments = {
        campaign.starts_at - dt.timedelta(microseconds=1): None,
        campaign.starts_at: Phase.RUNNING,
        campaign.ends_at - dt.timedelta(microseconds=1): Phase.RUNNING,
        campaign.ends_at: Phase.OVER,
    }
    for moment, phase in moments.items():
        monkeypatch.setattr("catalog.campaign_standing.timezone.now", lambda at=moment: at - board.standing.ahead)
        found = find_board(campaign.slug)
        assert (found.phase if found else None) == phase


@pytest.mark.django_db(transaction=True)
def test_a_thousand_polls_within_the_second_ask_the_database_once(english, django_assert_max_num_queries):
    campaign = make_campaign(make_unit().trim, total=5)
    live(english, campaign)
    with django_assert_max_num_queries(12):
        for _ in range(30):
            live(english, campaign)


def test_home_and_trim_page_lead_to_it(english):
    unit = make_unit()
    campaign = make_campaign(unit.trim, total=3)
    path = f"/cars/{unit.trim.vehicle_model.slug}/{unit.trim.code}/"
    for found in (page(english, "/"), page(english, path)):
        assert f'href="{own(campaign)}"' in found


def test_the_trim_page_shows_the_price_in_the_campaign_and_the_way_to_it(english):
    unit = make_unit()
    campaign = make_campaign(unit.trim, total=1)
    path = f"/cars/{unit.trim.vehicle_model.slug}/{unit.trim.code}/"
    text = page(english, path)
    assert "contract price ¥93,800" in text
    assert f"campaign={campaign.slug}" in text
    make_order(make_unit(unit.trim), campaign_id=campaign.pk)
    assert "contract price" not in page(english, path)


def test_a_campaign_leads_to_its_vouchers_while_they_are_on_sale(english: Client) -> None:
    campaign = make_campaign(make_unit().trim)
    offer = make_voucher_offer(campaign=campaign, name="Festival voucher", sold=0)
    make_voucher_offer(name="Of no campaign")
    make_voucher_offer(campaign=campaign, name="Draft", is_published=False)
    make_voucher_offer(campaign=campaign, name="Not yet", starts_at=timezone.now() + HOUR / 2)
    forget_boards()
    text = page(english, own(campaign))
    assert f'href="/vouchers/{offer.slug}/"' in text
    assert [name in text for name in ("Festival voucher", "Of no campaign", "Draft", "Not yet")] == [True] + 3 * [False]
