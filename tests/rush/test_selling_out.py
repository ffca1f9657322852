"""The line closes when nothing is left behind it, and goes on when anything comes back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Campaign, CampaignQuota, StockUnit
from o2o_platform.waiting.models import Gate
from orders.models import Order
from orders.services import expire_holds, tend_gates
from tests.factories import make_buyer, make_dealership, make_order, make_unit
from tests.rush.builders import let_in, make_gate, make_rush

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh")]


def is_sold_out() -> bool:
    tend_gates()
    return Gate.objects.get(name="festival").sold_out_at is not None


def test_the_last_car_closes_and_a_hold_that_runs_out_opens():
    unit = make_unit()
    gate = make_rush(unit).gate
    buyer = make_buyer()
    let_in(gate, buyer)
    assert not is_sold_out()
    order = make_order(unit, buyer)
    assert tend_gates() == 1
    assert is_sold_out()
    assert tend_gates() == 0
    Order.objects.update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    expire_holds()
    order.refresh_from_db()
    assert order.status == "expired"
    assert not is_sold_out()


@pytest.mark.parametrize("where", ["all", "trim", "dealership", "city", "other dealership", "other trim"])
def test_quotas_close_what_they_cover(where):
    unit = make_unit()
    campaign = make_rush(unit)
    elsewhere = make_dealership()
    named = {
        "all": {},
        "trim": {"trim": unit.trim},
        "dealership": {"dealership": unit.dealership},
        "city": {"city": unit.dealership.city},
        "other dealership": {"dealership": elsewhere},
        "other trim": {"trim": make_unit().trim},
    }[where]
    CampaignQuota.objects.create(campaign=campaign, total=3, used=3, **named)
    assert is_sold_out() is not where.startswith("other")
    CampaignQuota.objects.update(used=2)
    assert not is_sold_out()


def test_a_quota_of_one_dealership_leaves_the_cars_of_another():
    unit = make_unit()
    campaign = make_rush(unit)
    CampaignQuota.objects.create(campaign=campaign, total=1, used=1, dealership=unit.dealership)
    assert is_sold_out()
    make_unit(trim=unit.trim)
    assert not is_sold_out()


def test_cars_withdrawn_or_at_a_closed_dealership_are_not_left():
    unit = make_unit()
    make_rush(unit)
    StockUnit.objects.update(availability="withdrawn")
    assert is_sold_out()
    StockUnit.objects.update(availability="available")
    assert not is_sold_out()
    unit.dealership.is_active = False
    unit.dealership.save()
    assert is_sold_out()


def test_gates_of_no_running_campaign_are_left_alone():
    unit = make_unit()
    make_rush(unit, gate=make_gate(opens_at=timezone.now() + timedelta(minutes=1)))
    StockUnit.objects.update(availability="withdrawn")
    assert tend_gates() == 0
    Gate.objects.update(opens_at=timezone.now() - timedelta(minutes=1))
    Campaign.objects.update(is_published=False)
    assert tend_gates() == 0
    make_gate("another")
    assert tend_gates() == 0
