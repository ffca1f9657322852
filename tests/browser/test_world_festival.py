"""A festival of many brands: a car at its price, live figures, a voucher spent by a scan, one car a person."""

import re
from decimal import Decimal

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import expect

from catalog.campaign_standing import forget_standings
from catalog.campaigns import forget_campaigns
from catalog.models import Campaign, CampaignQuota
from orders.festival.board import forget_boards
from orders.models import CampaignClaim, Voucher, VoucherOffer

from . import buying, desk
from .scenes import new_buyer
from .visits import Visit
from .world import (
    assert_sound,
    expect_accessible,
    expect_done,
    expect_no_sideways,
    money_in,
    offer_of,
    read_order,
    trim_of,
)

pytestmark = pytest.mark.browser
SLUG, VOUCHER, HOUSE = "car-festival", "festival-1000", "CN-BAO-010"
TRIM, ANOTHER = "byd-dolphin-2025-520-km-knight", "byd-seal-ev-2025-650-km-rwd-premium"


@pytest.fixture
def festival(world) -> Campaign:
    for forget in (forget_campaigns, forget_standings, forget_boards):
        forget()
    return Campaign.objects.get(slug=SLUG)


def test_a_car_is_bought_at_the_festivals_price_and_a_voucher_spent_on_it(visit, world, festival):
    user = new_buyer("zh-hans")
    buyer, looker = visit("zh-hans", user=user), visit("zh-hans", size=(360, 740))
    staff = visit("zh-hans", user=world.person_at(HOUSE))
    with translation.override("zh-hans"):
        left = places_left(looker)
        reference = order_there(buyer, festival, left)
        expect(looker.page.locator("[data-festival-left]")).to_have_text(str(left - 1))
        expect(looker.page.locator("[data-festival-ticker] li").first).to_contain_text("比亚迪")
        voucher = buy_voucher(buyer, user)
        spend_it(staff, buyer, voucher, reference)
        be_refused(buyer, reference)
    assert_kept(festival, reference, voucher)


def places_left(looker: Visit) -> int:
    """On the phone of somebody who just looks on."""
    page = looker.open(f"/festivals/{SLUG}/")
    expect_no_sideways(page)
    expect_accessible(page)
    return int(page.locator("[data-festival-left]").inner_text())


def order_there(buyer: Visit, festival: Campaign, left: int) -> str:
    """From the campaign's card; early birds have more off, and the gift is named."""
    trim, place = trim_of(TRIM), festival.claims.filter(released_at=None).count() + 1
    page = buyer.open(f"/festivals/{SLUG}/")
    card = page.locator(f"[data-festival-trim='{TRIM}']")
    shown = money_in(card.locator("strong.price").inner_text())
    card.locator("a[data-festival-go]").click()
    buyer.wait_for_path("/reserve/")
    # At a house with a quota of its own.
    buyer.open(f"/reserve/?trim={TRIM}&dealership={HOUSE}&campaign={SLUG}")
    expect(page.locator(".notice-good")).to_contain_text(festival.gift_zh)
    reference = buying.place(buyer, "王小明")
    buying.pay(buyer)
    expect_done(buyer, reference, gettext("Deposit paid"))
    order = read_order(reference)
    off = Decimal(3000) + (2000 if place <= 60 else 1000 if place <= 200 else 0)
    assert offer_of(trim, "CN").list_price - off == shown
    lines = [Decimal(line["amount"]) for line in order.price_lines if line["kind"] == "campaign"]
    assert lines == [-off]
    assert CampaignClaim.objects.get(order=order).place == place
    assert quota_of_all(festival).used == quota_of_all(festival).total - left + 1
    return reference


def quota_of_all(festival: Campaign) -> CampaignQuota:
    return festival.quotas.get(trim=None, city=None, dealership=None)


def buy_voucher(buyer: Visit, user) -> Voucher:
    """The festival leads to it; ¥99 at the cashier."""
    sold = VoucherOffer.objects.get(slug=VOUCHER).sold
    page = buyer.open(f"/festivals/{SLUG}/")
    page.locator(f"a[href='/vouchers/{VOUCHER}/']").click()
    buyer.wait_for_path(f"/vouchers/{VOUCHER}/")
    page.locator("form.order-go button").click()
    if "/my-vouchers/" in page.url:
        page.locator("form.order-go button").click()
    buyer.wait_for_path("/sandbox/")
    page.locator("button[value=pay]").click()
    buyer.wait_for_path("/my-vouchers/")
    expect(page.locator(".voucher-letters")).to_be_visible()
    voucher = Voucher.objects.get(buyer=user)
    assert (voucher.status, voucher.price, voucher.worth) == ("paid", Decimal(99), Decimal(1000))
    assert VoucherOffer.objects.get(slug=VOUCHER).sold == sold + 1
    assert re.sub(r"\W", "", page.locator(".voucher-letters").inner_text()) == voucher.code
    return voucher


def spend_it(staff: Visit, buyer: Visit, voucher: Voucher, reference: str) -> None:
    """What the scan of its code opens at the desk; the rest is paid by card."""
    page = staff.open("/admin/")
    desk.act(staff, reference, "accept")
    desk.act(staff, reference, "ready")
    due = read_order(reference).balance_due
    staff.open(f"/v/{voucher.code}/")
    staff.wait_for_path("/admin/orders/voucher/redeem/")
    expect(page.locator("input[name=order]")).to_have_value(str(read_order(reference).pk))
    with page.expect_navigation():
        page.locator("form[method=post].desk-form button").click()
    order = read_order(reference)
    voucher.refresh_from_db()
    assert (voucher.status, voucher.order_id) == ("redeemed", order.pk)
    assert (order.paid_total, order.balance_due) == (order.deposit_amount + 1000, due - 1000)
    staff.open("/admin/")
    desk.act(staff, reference, "balance", method="card", amount=str(order.balance_due))
    expect_done(buyer, reference, gettext("Paid in full"))


def be_refused(buyer: Visit, reference: str) -> None:
    """A second car in the campaign: kindly no, and the usual price instead; nothing is held."""
    buyer.expect_status(409)
    page = buyer.open(f"/reserve/?trim={ANOTHER}&campaign={SLUG}")
    before = money_in(page.locator(".price-sum dd").first.inner_text())
    page.locator("[name=buyer_name]").fill("王小明")
    page.locator("[name=accept]").check()
    page.locator(".order-go button").click()
    expect(page.locator("[role=alert]")).to_be_visible()
    assert money_in(page.locator(".price-sum dd").first.inner_text()) > before
    assert read_order(reference).buyer.orders.count() == 1


def assert_kept(festival: Campaign, reference: str, voucher: Voucher) -> None:
    """The price stands, the voucher is money of the platform's, every place is counted once."""
    order = read_order(reference)
    assert (order.status, order.paid_total) == ("paid", order.contract_total)
    assert order.payments.get(method="voucher").amount == voucher.worth
    assert quota_of_all(festival).used == festival.claims.filter(released_at=None).count()
    assert_sound()
