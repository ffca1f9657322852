"""A place goes back when the order ends before handover, once; late money needs a free one."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Campaign, CampaignQuota
from o2o_platform.journal.models import SYSTEM, Actor, ActorKind
from orders import exceptions
from orders.integrity import (
    count_wrong_campaign_addresses,
    count_wrong_campaign_places,
    count_wrong_campaign_quotas,
)
from orders.models import CampaignAddress, CampaignClaim, Order
from orders.services import MoneyOutcome, apply_deposit, cancel_order, expire_holds
from orders.services.campaigning import give_back_place
from tests.factories import make_buyer, make_order, make_unit
from tests.festival.builders import assert_counts_fit, make_campaign

pytestmark = pytest.mark.django_db
PROVIDER = Actor(ActorKind.PROVIDER, label="test")


def used(campaign: Campaign) -> list[int]:
    return list(CampaignQuota.objects.filter(campaign=campaign).order_by("pk").values_list("used", flat=True))


def run_out(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    assert expire_holds() == 1


def pay_late(order: Order) -> MoneyOutcome:
    return apply_deposit(order.pk, amount=order.deposit_amount, actor=PROVIDER)


def test_an_expired_order_gives_its_places_back():
    unit = make_unit()
    campaign = make_campaign(unit.trim, total=1, limit_per_person=1, limit_per_address=1)
    order = make_order(unit, campaign_id=campaign.pk, address="192.0.2.1")
    run_out(order)
    assert used(campaign) == [0]
    assert CampaignAddress.objects.get().used == 0
    assert_counts_fit()
    again = make_order(unit, order.buyer, campaign_id=campaign.pk, address="192.0.2.1")
    assert (again.campaign_claim.place, used(campaign)) == (1, [1])


def test_a_cancelled_order_gives_its_place_back_once():
    units = [make_unit(), make_unit()]
    campaign = make_campaign(*(unit.trim for unit in units), total=5)
    order, _other = (make_order(unit, campaign_id=campaign.pk) for unit in units)
    for _ in range(2):
        cancel_order(order.pk, actor=SYSTEM)
        assert give_back_place(order) is False
        assert used(campaign) == [1]
    assert_counts_fit()


def test_late_money_takes_a_place_again():
    unit = make_unit()
    campaign = make_campaign(unit.trim, total=1, limit_per_person=1, limit_per_address=1)
    order = make_order(unit, campaign_id=campaign.pk, address="192.0.2.1")
    run_out(order)
    assert pay_late(order) == MoneyOutcome.REVIVED
    assert used(campaign) == [1]
    assert CampaignClaim.objects.get().released_at is None
    assert_counts_fit()


def refuse_late_money(order: Order, campaign: Campaign, left: list[int]) -> None:
    """All goes back: the money, the car, whatever was taken on the way."""
    assert pay_late(order) == MoneyOutcome.REFUND
    order.stock_unit.refresh_from_db()
    order.refresh_from_db()
    assert (order.status, order.stock_unit.availability) == ("expired", "available")
    assert used(campaign) == left
    assert_counts_fit()


def test_late_money_goes_back_when_the_last_place_is_gone():
    unit, other = make_unit(), make_unit()
    campaign = make_campaign(unit.trim, other.trim, total=1)
    order = make_order(unit, campaign_id=campaign.pk)
    run_out(order)
    make_order(other, campaign_id=campaign.pk)
    refuse_late_money(order, campaign, [1])


def test_late_money_goes_back_when_the_campaign_is_over():
    unit = make_unit()
    campaign = make_campaign(unit.trim, total=1)
    order = make_order(unit, campaign_id=campaign.pk)
    run_out(order)
    Campaign.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    refuse_late_money(order, campaign, [0])


def test_late_money_goes_back_when_the_person_has_another_place():
    unit, other = make_unit(), make_unit()
    campaign = make_campaign(unit.trim, other.trim, total=5, limit_per_person=1)
    order = make_order(unit, campaign_id=campaign.pk)
    run_out(order)
    make_order(other, order.buyer, campaign_id=campaign.pk)
    refuse_late_money(order, campaign, [1])


def test_late_money_goes_back_when_the_early_birds_are_others_now():
    unit, other = make_unit(), make_unit()
    campaign = make_campaign(unit.trim, other.trim, total=5, steps={1: "3000"})
    order = make_order(unit, campaign_id=campaign.pk)
    run_out(order)
    assert make_order(other, campaign_id=campaign.pk).contract_total == Decimal(90800)
    refuse_late_money(order, campaign, [1])


def test_early_birds_are_never_more_than_their_places():
    units, buyer = [make_unit() for _ in range(3)], make_buyer()
    campaign = make_campaign(*(unit.trim for unit in units), total=9, steps={1: "3000"})
    first = make_order(units[0], campaign_id=campaign.pk)
    second = make_order(units[1], campaign_id=campaign.pk)
    cancel_order(second.pk, actor=SYSTEM)
    third = make_order(units[2], buyer, campaign_id=campaign.pk)
    assert [first.campaign_claim.discount, third.campaign_claim.discount] == [Decimal(8000), Decimal(5000)]


def test_a_person_over_the_limit_is_told_even_after_another_has_expired():
    units = [make_unit() for _ in range(3)]
    campaign = make_campaign(*(unit.trim for unit in units), limit_per_person=1)
    order = make_order(units[0], campaign_id=campaign.pk)
    run_out(order)
    make_order(units[1], order.buyer, campaign_id=campaign.pk)
    with pytest.raises(exceptions.CampaignLimitPerson):
        make_order(units[2], order.buyer, campaign_id=campaign.pk)


def test_the_checks_see_a_wrong_count():
    units = [make_unit(), make_unit()]
    campaign = make_campaign(*(unit.trim for unit in units), total=5, limit_per_address=3)
    orders = [make_order(unit, campaign_id=campaign.pk, address="192.0.2.1") for unit in units]
    assert_counts_fit()
    CampaignQuota.objects.update(used=1)
    CampaignAddress.objects.update(used=3)
    CampaignClaim.objects.filter(order=orders[0]).update(released_at=timezone.now())
    assert (count_wrong_campaign_quotas(), count_wrong_campaign_addresses()) == (0, 1)
    assert count_wrong_campaign_places() == 1
    CampaignQuota.objects.update(used=2)
    assert count_wrong_campaign_quotas() == 1
