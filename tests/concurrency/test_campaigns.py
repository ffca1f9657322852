"""Many who want the last places of a campaign at the same moment."""

import datetime as dt
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from catalog.models import Campaign, CampaignQuota
from o2o_platform.journal.models import SYSTEM, Actor, ActorKind
from orders import exceptions
from orders.models import CampaignClaim, Order
from orders.services import apply_deposit, campaigning, cancel_order, expire_holds
from tests.concurrency.racing import race
from tests.factories import make_buyer, make_city, make_dealership, make_order, make_terms, make_trim, make_unit
from tests.festival.builders import assert_counts_fit, make_campaign, make_quota

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cars() -> list[Any]:
    trim, house = make_trim(), make_dealership()
    make_terms()
    return [make_unit(trim, house) for _ in range(40)]


def orders_of(units: list[Any], campaign: Campaign, **fields: Any) -> list[Callable[[], Order]]:
    buyers = [make_buyer() for _ in units]
    return [
        lambda unit=unit, buyer=buyer: make_order(unit, buyer, campaign_id=campaign.pk, **fields)
        for unit, buyer in zip(units, buyers, strict=True)
    ]


def kinds(outcomes: list[Any]) -> dict[str, int]:
    names = [type(outcome).__name__ for outcome in outcomes]
    return {name: names.count(name) for name in sorted(set(names))}


def live() -> int:
    return CampaignClaim.objects.filter(released_at__isnull=True).count()


def test_forty_buyers_for_twelve_places_get_twelve(cars):
    campaign = make_campaign(cars[0].trim, total=30)
    make_quota(campaign, 12, city=make_city())
    assert kinds(race(orders_of(cars, campaign))) == {"CampaignSoldOut": 28, "Order": 12}
    assert live() == 12
    assert sorted(CampaignClaim.objects.values_list("place", flat=True)) == list(range(1, 13))
    assert_counts_fit()


def take_after_reading(campaign_id: int, **values: Any) -> campaigning.Place:
    """What taking a place looks like without its guard: read, decide, write."""
    campaign = Campaign.objects.get(pk=campaign_id)
    quotas = list(CampaignQuota.objects.filter(campaign=campaign))
    mine = CampaignClaim.objects.filter(campaign=campaign, person=values["person_id"], released_at__isnull=True)
    if mine.count() >= campaign.limit_per_person:
        raise exceptions.CampaignLimitPerson
    if any(quota.used >= quota.total for quota in quotas):
        raise exceptions.CampaignSoldOut
    time.sleep(0.01)
    for quota in quotas:
        CampaignQuota.objects.filter(pk=quota.pk).update(used=quota.used + 1)
    terms = campaigning.CampaignTerms(campaign.discount, campaign.is_stackable, campaign.name, campaign.name_zh)
    ids = tuple(quota.pk for quota in quotas)
    return campaigning.Place(campaign_id, quotas[0].used + 1, ids, "", timezone.now(), terms)


def test_control_without_the_guard_more_than_twelve_get_one(cars, monkeypatch):
    monkeypatch.setattr("orders.services.placing.take_place", take_after_reading)
    race(orders_of(cars, make_campaign(cars[0].trim, total=12)))
    assert live() > 12


def test_one_address_gets_as_many_as_allowed_whoever_asks(cars):
    campaign = make_campaign(cars[0].trim, total=40, limit_per_address=3)
    outcomes = race(orders_of(cars, campaign, address="203.0.113.9"))
    assert kinds(outcomes) == {"CampaignLimitAddress": 37, "Order": 3}
    assert CampaignQuota.objects.get().used == 3
    assert_counts_fit()


def one_person(cars: list[Any], campaign: Campaign) -> list[Callable[[], Order]]:
    buyer = make_buyer()
    return [lambda unit=unit: make_order(unit, buyer, campaign_id=campaign.pk) for unit in cars]


def test_one_person_gets_as_many_as_allowed(cars, settings):
    settings.HOLDS_PER_BUYER = 100
    campaign = make_campaign(cars[0].trim, total=40, limit_per_person=2)
    assert kinds(race(one_person(cars, campaign))) == {"CampaignLimitPerson": 38, "Order": 2}
    assert_counts_fit()


def test_control_without_the_lock_on_the_buyer_one_person_gets_more(cars, settings, monkeypatch):
    settings.HOLDS_PER_BUYER = 100
    monkeypatch.setattr("orders.services.placing._earlier_order", lambda *args, **kwargs: None)
    race(one_person(cars, make_campaign(cars[0].trim, limit_per_person=2)))
    assert live() > 2


def test_quotas_named_in_any_order_never_lock_each_other_out(cars):
    """Cars of two trims at two houses share quotas crosswise."""
    other, second = make_trim(cars[0].trim.vehicle_model), make_dealership()
    mixed = [*cars[:10], *[make_unit(other, second) for _ in range(10)], *[make_unit(other) for _ in range(10)]]
    campaign = make_campaign(cars[0].trim, other)
    make_quota(campaign, 40, dealership=second)
    make_quota(campaign, 40, trim=other)
    make_quota(campaign, 40)
    make_quota(campaign, 40, trim=cars[0].trim)
    assert kinds(race(orders_of(mixed, campaign))) == {"Order": 30}
    assert_counts_fit()


def test_nobody_has_a_place_taken_at_or_after_the_end(cars):
    campaign = make_campaign(cars[0].trim, total=40)
    calls = orders_of(cars, campaign)
    Campaign.objects.update(ends_at=timezone.now() + dt.timedelta(milliseconds=600))
    campaign.refresh_from_db()

    def late(call: Callable[[], Order], pause: float) -> Order:
        time.sleep(pause)
        return call()

    outcomes = race([lambda c=c, n=n: late(c, 0.03 * n) for n, c in enumerate(calls)], threads=40)
    assert set(kinds(outcomes)) == {"CampaignOver", "Order"}
    assert not CampaignClaim.objects.filter(claimed_at__gte=campaign.ends_at).exists()
    assert_counts_fit()


def overdue(campaign: Campaign, units: list[Any]) -> list[Order]:
    orders = [make_order(unit, campaign_id=campaign.pk) for unit in units]
    Order.objects.update(hold_expires_at=timezone.now() - dt.timedelta(seconds=1))
    return orders


def test_expiring_and_cancelling_at_once_give_each_place_back_once(cars):
    campaign = make_campaign(cars[0].trim, total=40, limit_per_address=40)
    orders = overdue(campaign, cars[:10])
    stays = make_order(cars[10], campaign_id=campaign.pk)
    race(
        [
            *([expire_holds] * 6),
            *(lambda o=o: cancel_order(o.pk, actor=SYSTEM) for o in orders for _ in range(2)),
        ]
    )
    assert CampaignQuota.objects.get().used == 1
    assert CampaignClaim.objects.get(released_at__isnull=True).order == stays
    assert_counts_fit()


GIVERS = 4
all_have_read = threading.Barrier(GIVERS)


def free_after_reading(order: Order) -> bool:
    """Giving back without its guard: read, decide, write; all of the racers have read before one writes."""
    claim = CampaignClaim.objects.get(order=order)
    if claim.released_at is not None:
        return False
    all_have_read.wait(timeout=60)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_campaignquota SET used = used - 1 WHERE id = ANY(%s)", [claim.quota_ids])
    CampaignClaim.objects.filter(pk=claim.pk).update(released_at=timezone.now())
    return True


def give_back(order: Order) -> bool:
    with transaction.atomic():
        return campaigning.give_back_place(order)


@pytest.mark.parametrize(("verb", "is_guarded"), [(give_back, True), (free_after_reading, False)])
def test_a_place_goes_back_once_and_the_control_without_the_guard_gives_more(cars, verb, is_guarded):
    campaign = make_campaign(cars[0].trim, total=40)
    orders = [make_order(unit, campaign_id=campaign.pk) for unit in cars[:6]]
    race([lambda: verb(orders[0])] * GIVERS)
    assert (CampaignQuota.objects.get().used == 5) is is_guarded


def test_late_money_and_new_buyers_share_the_places_that_are_left(cars):
    campaign = make_campaign(cars[0].trim, total=10)
    late = overdue(campaign, cars[:10])
    assert expire_holds() == 10
    provider = Actor(ActorKind.PROVIDER, label="test")

    def pay(order: Order) -> Any:
        with transaction.atomic():
            return apply_deposit(order.pk, amount=order.deposit_amount, actor=provider)

    race([*orders_of(cars[10:], campaign), *(lambda o=o: pay(o) for o in late)])
    assert (live(), CampaignQuota.objects.get().used) == (10, 10)
    assert_counts_fit()


def test_late_money_and_a_new_order_never_give_one_person_two(cars):
    provider = Actor(ActorKind.PROVIDER, label="test")

    def pay(order: Order) -> Any:
        with transaction.atomic():
            return apply_deposit(order.pk, amount=order.deposit_amount, actor=provider)

    for n in range(8):
        campaign = make_campaign(cars[0].trim, total=10, limit_per_person=1)
        order = overdue(campaign, [cars[2 * n]])[0]
        expire_holds()
        again = cars[2 * n + 1]
        race([lambda: pay(order), lambda: make_order(again, order.buyer, campaign_id=campaign.pk)])  # noqa: B023
        assert CampaignClaim.objects.filter(campaign=campaign, released_at__isnull=True).count() == 1
    assert_counts_fit()
