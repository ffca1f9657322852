"""An order in a campaign takes a place, within every limit, and freezes its price."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Campaign, CampaignQuota
from orders import exceptions
from orders.integrity import count_wrong_quotes
from orders.models import CampaignAddress, CampaignClaim, Order
from orders.services.campaigning import address_digest
from tests.factories import make_buyer, make_city, make_dealership, make_market, make_order, make_rule, make_unit
from tests.festival.builders import HOUR, assert_counts_fit, make_campaign, make_quota
from tests.orders.quotes import claimed_quote, order_quote

pytestmark = pytest.mark.django_db


def line_of(order: Order, kind: str) -> dict:
    return next(line for line in order.price_lines if line["kind"] == kind)


def used(campaign: Campaign) -> list[int]:
    return list(CampaignQuota.objects.filter(campaign=campaign).order_by("pk").values_list("used", flat=True))


def test_price_place_and_claim_are_frozen_on_the_order():
    make_rule("purchase_tax", rate=Decimal("0.10"))
    unit = make_unit()
    campaign = make_campaign(unit.trim, total=10, gift="Tyres", gift_zh="轮胎")
    order = make_order(unit, campaign_id=campaign.pk)
    assert order.contract_total == Decimal("93800.00")
    assert line_of(order, "purchase_tax")["amount"] == "9380.00"
    line = line_of(order, "campaign")
    assert (line["amount"], line["name"]) == ("-5000.00", f"{campaign.name}: Tyres")
    claim = CampaignClaim.objects.get()
    assert (claim.order, claim.place, claim.discount, claim.person) == (order, 1, Decimal("5000.00"), order.buyer)
    assert used(campaign) == [1]
    assert_counts_fit()
    Campaign.objects.update(discount=Decimal("9000"))
    order.refresh_from_db()
    assert order.contract_total == Decimal("93800.00")


def test_a_gift_alone_is_told_on_the_order_and_takes_nothing_off():
    unit = make_unit()
    order = make_order(unit, campaign_id=make_campaign(unit.trim, discount=None, gift="Tyres").pk)
    assert (order.contract_total, line_of(order, "campaign")["amount"]) == (Decimal("98800.00"), "0.00")


def test_an_order_without_a_campaign_asks_the_database_nothing_more():
    unit, buyer = make_unit(), make_buyer()
    make_campaign(unit.trim)
    with CaptureQueriesContext(connection) as queries:
        order = make_order(unit, buyer)
    assert not [q for q in queries if "campaignquota" in q["sql"] or "campaignclaim" in q["sql"]]
    assert "campaign" not in [line["kind"] for line in order.price_lines]


@pytest.mark.parametrize(
    ("starts", "ends", "published"), [(-2 * HOUR, -HOUR, True), (HOUR, 2 * HOUR, True), (-HOUR, HOUR, False)]
)
def test_what_is_not_running_is_refused_and_nothing_is_written(starts, ends, published):
    unit, now = make_unit(), timezone.now()
    campaign = make_campaign(unit.trim, total=5, starts_at=now + starts, ends_at=now + ends, is_published=published)
    with pytest.raises(exceptions.CampaignOver):
        make_order(unit, campaign_id=campaign.pk)
    unit.refresh_from_db()
    assert (unit.availability, Order.objects.count(), used(campaign)) == ("available", 0, [0])


def test_the_database_s_clock_decides_not_this_machine_s(monkeypatch):
    unit = make_unit()
    campaign = make_campaign(unit.trim)
    late = timezone.now() + dt.timedelta(days=2)
    monkeypatch.setattr("orders.services.placing.timezone.now", lambda: late)
    assert make_order(unit, campaign_id=campaign.pk).contract_total == Decimal("93800.00")


def test_a_car_of_another_trim_market_or_no_campaign_is_refused():
    unit, other = make_unit(), make_unit()
    abroad = make_campaign(unit.trim, market=make_market("DE"))
    for campaign_id in (make_campaign(other.trim).pk, abroad.pk, 10**12):
        with pytest.raises(exceptions.NotInCampaign):
            make_order(unit, campaign_id=campaign_id)


def test_the_quota_ends_the_campaign_and_the_car_stays_on_sale():
    unit, other = make_unit(), make_unit()
    campaign = make_campaign(unit.trim, other.trim, total=1)
    make_order(unit, campaign_id=campaign.pk)
    with pytest.raises(exceptions.CampaignSoldOut):
        make_order(other, campaign_id=campaign.pk)
    assert used(campaign) == [1]
    assert make_order(other).contract_total == Decimal("98800.00")


def test_a_car_takes_one_of_every_quota_it_falls_under_and_of_no_other():
    city, elsewhere = make_city(), make_city("hamburg")
    unit = make_unit(dealership=make_dealership(city=city))
    campaign = make_campaign(unit.trim, total=9)
    make_quota(campaign, 9, trim=unit.trim)
    make_quota(campaign, 9, city=city)
    make_quota(campaign, 9, dealership=unit.dealership)
    make_quota(campaign, 9, trim=unit.trim, city=city)
    for wrong in ({"city": elsewhere}, {"dealership": make_dealership()}, {"trim": make_unit().trim}):
        make_quota(campaign, 9, **wrong)
    make_order(unit, campaign_id=campaign.pk)
    assert used(campaign) == [1, 1, 1, 1, 1, 0, 0, 0]
    assert_counts_fit()


def test_one_full_quota_of_several_takes_none_of_the_others():
    unit = make_unit()
    campaign = make_campaign(unit.trim, total=9)
    make_quota(campaign, 0, trim=unit.trim)
    with pytest.raises(exceptions.CampaignSoldOut):
        make_order(unit, campaign_id=campaign.pk)
    assert used(campaign) == [0, 0]


def test_one_person_has_as_many_as_the_campaign_allows():
    units, buyer = [make_unit() for _ in range(3)], make_buyer()
    campaign = make_campaign(*(unit.trim for unit in units), total=9, limit_per_person=1)
    make_order(units[0], buyer, campaign_id=campaign.pk)
    with pytest.raises(exceptions.CampaignLimitPerson):
        make_order(units[1], buyer, campaign_id=campaign.pk)
    make_order(units[2], campaign_id=campaign.pk)
    assert used(campaign) == [2]


def test_one_network_address_has_as_many_as_the_campaign_allows():
    units = [make_unit() for _ in range(4)]
    campaign = make_campaign(*(unit.trim for unit in units), total=9, limit_per_address=1)
    make_order(units[0], campaign_id=campaign.pk, address="2001:db8:1:2::7")
    with pytest.raises(exceptions.CampaignLimitAddress):
        make_order(units[1], campaign_id=campaign.pk, address="2001:db8:1:2:ffff::1")
    make_order(units[2], campaign_id=campaign.pk, address="2001:db8:1:3::7")
    make_order(units[3], campaign_id=campaign.pk, address="")
    assert used(campaign) == [3]
    assert_counts_fit()
    kept = CampaignAddress.objects.values_list("address_digest", flat=True)
    assert all("2001" not in digest and len(digest) == 64 for digest in kept)


def test_addresses_are_told_apart_by_host_or_by_ipv6_network_and_per_campaign():
    assert address_digest(1, "192.0.2.1") == address_digest(1, "::ffff:192.0.2.1")
    assert address_digest(1, "192.0.2.1") != address_digest(1, "192.0.2.2")
    assert address_digest(1, "192.0.2.1") != address_digest(2, "192.0.2.1")
    assert address_digest(1, "fe80::1%eth0") == address_digest(1, "fe80::2")
    assert address_digest(1, "nonsense") == address_digest(1, "") == ""


def test_early_birds_are_the_first_places_and_the_smallest_step_counts():
    units = [make_unit() for _ in range(4)]
    campaign = make_campaign(*(unit.trim for unit in units), total=9, steps={1: "3000", 3: "1000"})
    totals = [make_order(unit, campaign_id=campaign.pk).contract_total for unit in units]
    assert totals == [Decimal(n) for n in (90800, 92800, 92800, 93800)]


def test_without_stacking_the_better_discount_counts():
    weak, strong = make_unit(discount=Decimal(2000)), make_unit(discount=Decimal(8000))
    campaign = make_campaign(weak.trim, strong.trim)
    order = make_order(weak, campaign_id=campaign.pk)
    assert order.contract_total == Decimal("93800.00")
    assert "discount" not in [line["kind"] for line in order.price_lines]
    order = make_order(strong, campaign_id=campaign.pk)
    assert order.contract_total == Decimal("90800.00")
    assert (line_of(order, "campaign")["amount"], order.campaign_claim.discount) == ("0.00", Decimal(0))


def test_with_stacking_both_count():
    unit = make_unit(discount=Decimal(2000))
    order = make_order(unit, campaign_id=make_campaign(unit.trim, is_stackable=True).pk)
    assert order.contract_total == Decimal("91800.00")


def test_earnest_money_stays_within_a_fifth_of_the_campaign_price():
    unit = make_unit()
    unit.trim.offers.update(deposit_kind="earnest", deposit_amount=Decimal("19760"))
    order = make_order(unit, campaign_id=make_campaign(unit.trim).pk)
    assert order.deposit_amount == Decimal("18760.00")


def test_what_was_shown_must_still_be_the_price():
    unit = make_unit()
    campaign = make_campaign(unit.trim, total=9)
    with pytest.raises(exceptions.PriceChanged):
        make_order(unit, campaign_id=campaign.pk, expected_total=Decimal("98800"))
    assert used(campaign) == [0]
    assert make_order(unit, campaign_id=campaign.pk, expected_total=Decimal("93800"))


def test_the_same_request_sent_twice_takes_one_place():
    unit, buyer = make_unit(), make_buyer()
    campaign = make_campaign(unit.trim, total=9)
    first, second = (make_order(unit, buyer, campaign_id=campaign.pk, idempotency_key="same") for _ in range(2))
    assert (first.pk, used(campaign)) == (second.pk, [1])
    with pytest.raises(exceptions.KeyReused):
        make_order(unit, buyer, idempotency_key="same")


def test_a_quote_combines_only_with_a_campaign_that_stacks():
    buyer = make_buyer()
    quote = claimed_quote(buyer, discount=Decimal(1000))
    alone, stacks = make_campaign(quote.trim), make_campaign(quote.trim, is_stackable=True)
    with pytest.raises(exceptions.CampaignNotWithQuote):
        order_quote(quote, buyer, campaign_id=alone.pk)
    order = order_quote(quote, buyer, campaign_id=stacks.pk)
    assert order.contract_total == quote.contract_total - Decimal(5000)
    assert count_wrong_quotes() == 0
