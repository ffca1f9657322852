"""One campaign beside ordinary months."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from catalog.models import Campaign, CampaignQuota
from orders.reports import BadRequest, ask_for, build
from tests import factories

from .world import at, make_place_in_campaign, make_sale

pytestmark = pytest.mark.django_db
# Midnight in Shanghai, for ten days.
START, END = at("2014-11-10T16:00"), at("2014-11-20T16:00")


@pytest.fixture
def festival():
    return Campaign.objects.create(
        slug="festival", name="Festival", market=factories.make_market(), starts_at=START, ends_at=END
    )


def report(**fields):
    return build("campaign", ask_for(campaign="festival", **fields))


def figures(**fields) -> dict:
    return {row["measure"]: row["value"] for row in report(**fields).table().rows}


def sell(festival, place, *, hours=0, released=False, **fields):
    moment = START + timedelta(hours=hours)
    order = make_sale(place, moment, **fields)
    given_back = moment + timedelta(hours=1) if released else None
    return make_place_in_campaign(festival, order, moment, released_at=given_back)


def test_its_window_is_the_period_and_the_end_is_outside(festival):
    period = ask_for(campaign="festival").period
    assert (str(period.first), str(period.last)) == ("2014-11-11", "2014-11-20")


def test_places_by_hour_and_what_became_of_them(festival):
    place = factories.make_dealership()
    sell(festival, place, hours=0)
    sell(festival, place, hours=0.9, status="paid")
    sell(festival, place, hours=1, delivered_at=START + timedelta(days=5))
    sell(festival, place, hours=1, status="expired", released=True)
    sell(festival, place, hours=3, status="placed")
    hours = report().table("hours").rows
    assert [(f"{row['hour']:%d %H:%M}", row["places"], row["given_back"]) for row in hours] == [
        ("11 00:00", 2, 0),
        ("11 01:00", 2, 1),
        ("11 03:00", 1, 0),
    ]
    found = figures()
    assert {key: found[key] for key in ("places", "given_back", "deposit_paid", "sold", "paid", "delivered")} == {
        "places": 5,
        "given_back": 1,
        "deposit_paid": 3,
        "sold": 3,
        "paid": 2,
        "delivered": 1,
    }
    assert (found["sold_share"], found["revenue_CNY"]) == (Decimal("0.6"), Decimal("300000.00"))


def test_it_is_compared_with_the_months_of_the_best_and_the_median_dealership(festival):
    best, middle, small = (factories.make_dealership() for _ in range(3))
    year = timedelta(days=365)
    for place, number in ((best, 24), (middle, 12), (small, 6)):
        make_sale(place, START - year)
        for _ in range(number - 1):
            make_sale(place, START - timedelta(days=10))
    make_sale(best, START - year - timedelta(days=1))  # too long ago
    make_sale(best, START - timedelta(days=10), status="cancelled")
    for _ in range(12):
        sell(festival, middle)
    found = figures()
    assert (found["houses"], found["best"], found["sold"]) == (3, best.label, 12)
    # 24 in 365 days are 2.0 in a month of 30.4375 days.
    assert (found["best_per_month"], found["best_months"]) == (Decimal("2.0"), Decimal("6.0"))
    assert (found["median_per_month"], found["median_months"]) == (Decimal("1.0"), Decimal("12.0"))
    assert (found["best_days"], found["median_days"]) == (Decimal("182.5"), Decimal("365.0"))
    own = {row["code"]: row for row in report().table("dealerships").rows}
    assert (own[middle.code]["sold"], own[middle.code]["own_months"]) == (12, Decimal("12.0"))
    assert own[best.code]["own_months"] == Decimal("0.0")


def test_cars_sold_in_other_campaigns_are_not_ordinary(festival):
    place = factories.make_dealership()
    earlier = Campaign.objects.create(
        slug="earlier", name="Earlier", market=festival.market, starts_at=START - timedelta(days=60), ends_at=START
    )
    order = make_sale(place, START - timedelta(days=40))
    make_place_in_campaign(earlier, order, order.placed_at)
    assert figures()["houses"] == 0


def test_a_new_shop_is_not_judged_by_one_lucky_week(festival):
    place = factories.make_dealership()
    make_sale(place, START - timedelta(days=3))
    assert figures()["best_per_month"] == Decimal("1.0")


def test_without_history_it_says_so(festival):
    sell(festival, factories.make_dealership())
    found = report()
    assert figures()["houses"] == 0
    assert "best_months" not in figures()
    assert "There were no ordinary sales before the campaign, so it cannot be compared." in map(str, found.notes)


def test_quotas_show_how_much_is_taken(festival):
    place = factories.make_dealership()
    CampaignQuota.objects.create(campaign=festival, total=3000, used=750)
    CampaignQuota.objects.create(campaign=festival, dealership=place, total=10, used=10)
    rows = report().table("quotas").rows
    assert [(row["dealership"], row["used"], row["used_share"]) for row in rows] == [
        ("", 750, Decimal("0.25")),
        (place.label, 10, Decimal(1)),
    ]


def test_a_dealership_sees_its_own_part_and_months(festival):
    ours, theirs = factories.make_dealership(), factories.make_dealership()
    for place, number in ((ours, 1), (theirs, 3)):
        for _ in range(number):
            make_sale(place, START - timedelta(days=40))
            sell(festival, place)
        CampaignQuota.objects.create(campaign=festival, dealership=place, total=5)
    found = report(places=frozenset({ours.pk}))
    values = {row["measure"]: row["value"] for row in found.table().rows}
    assert (values["places"], values["sold"], values["houses"], values["best"]) == (1, 1, 1, ours.label)
    assert [row["code"] for row in found.table("dealerships").rows] == [ours.code]
    assert [row["dealership"] for row in found.table("quotas").rows] == [ours.label]


def test_unknown_campaigns_and_other_markets_are_refused(festival):
    with pytest.raises(BadRequest, match="Unknown campaign: none"):
        ask_for(campaign="none")
    with pytest.raises(BadRequest, match="This campaign is not in the market DE"):
        ask_for(campaign="festival", market="de")
